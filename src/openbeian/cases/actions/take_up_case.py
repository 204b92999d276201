"""Takes a closed case up again: everything typed is there, and the way begins anew."""

from __future__ import annotations

from django.db import transaction

from openbeian.cases.errors import OpenCaseExists
from openbeian.cases.models import Case
from openbeian.cases.queries import find_open_case, get_procedure
from openbeian.cases.turning import begin, finish
from openbeian.kernel.actor import Actor


def take_up_case(actor: Actor, case_id: int, *, revision: int | None = None) -> Case:
    """A withdrawn, abandoned, lapsed or refused case becomes a draft with all its data.

    Raises: CaseNotYours, CaseMovedOn, TurnNotPossible, OpenCaseExists when another case took its place meanwhile.
    """
    with transaction.atomic():
        turning = begin(actor, case_id, "take_up_again", revision)
        case = turning.case
        other = find_open_case(
            sponsor_id=case.sponsor_id,
            certificate_fingerprint=case.certificate_fingerprint,
            licence_id=case.licence_id,
            other_than=case.pk,
        )
        if other:
            raise OpenCaseExists(reference=other.reference, label=get_procedure(other.procedure).label)
        case.first_reviewer_id = None
        case.forwarded_at = None
        case.stopped_days = 0
        finish(turning)
        return case

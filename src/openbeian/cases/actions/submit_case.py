"""Submits a case: every check at once, all faults listed together, and nothing moves while one stands."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from openbeian.cases.checking import check_case, choose_channel, find_certificate_fingerprint, normalise_case
from openbeian.cases.errors import CaseIncomplete, OpenCaseExists
from openbeian.cases.models import Case
from openbeian.cases.queries import find_open_case, get_procedure
from openbeian.cases.turning import begin, finish
from openbeian.documents.actions.keep_documents import keep_documents
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor


def submit_case(actor: Actor, case_id: int, *, revision: int | None = None) -> Case:
    """Checks the whole form and hands the case to its provider, or a licence's to its authority.

    Raises: CaseNotYours, CaseMovedOn, TurnNotPossible, OpenCaseExists, and CaseIncomplete with every fault.
    """
    try:
        with transaction.atomic():
            turning = begin(actor, case_id, "submit", revision)
            case = turning.case
            case.form = normalise_case(case)
            faults = [fault for fault in check_case(case) if fault.certain]
            if faults:
                raise CaseIncomplete(faults=faults, count=len(faults))
            case.certificate_fingerprint = find_certificate_fingerprint(case)
            _refuse_second(case)
            case.submitted_at = clock.now()
            choose_channel(case)
            # What a reviewer will see stays as evidence, whatever is taken back later.
            keep_documents(actor, ("case", case.pk), concerns=(case.organisation_id,))
            if (
                case.channel == "inside"
                and turning.procedure.state(turning.possible.turn.to).waits_for == "administration"
            ):
                case.forwarded_at = case.submitted_at
            finish(turning)
            return case
    except IntegrityError:
        # Two drafts for one certificate submitted at the same moment: the constraint let one through.
        other = find_open_case(
            sponsor_id=None, certificate_fingerprint=case.certificate_fingerprint, other_than=case_id
        )
        if other is None:
            raise
        raise OpenCaseExists(reference=other.reference, label=get_procedure(other.procedure).label) from None


def _refuse_second(case: Case) -> None:
    other = find_open_case(
        sponsor_id=case.sponsor_id, certificate_fingerprint=case.certificate_fingerprint, other_than=case.pk
    )
    if other:
        raise OpenCaseExists(reference=other.reference, label=get_procedure(other.procedure).label)

"""Grants a case: the record changes, numbers are allotted, the case closes, all in one transaction."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from openbeian.cases.models import Case
from openbeian.cases.outcomes import apply_outcome
from openbeian.cases.turning import begin, finish
from openbeian.documents.models import Document
from openbeian.kernel.actor import Actor


def grant_case(
    actor: Actor,
    case_id: int,
    *,
    revision: int | None = None,
    note: str = "",
    evidence: Document | None = None,
    sponsor_number: str = "",
    service_numbers: Iterable[str] = (),
) -> Case:
    """The administration's yes. Inside this installation the numbers are allotted here; a recorded or
    interface decision brings the numbers that the authority gave.

    Raises: as `turn_case`; SponsorOnRecord, DomainOnRecord, NumberTaken, ServicesRemain when the record has
    changed since the case was checked; then nothing is written.
    """
    with transaction.atomic():
        turning = begin(actor, case_id, "grant", revision)
        after = apply_outcome(actor, turning.case, turning.procedure, sponsor_number, tuple(service_numbers))
        finish(turning, note=note, evidence=evidence, after=after)
        return turning.case

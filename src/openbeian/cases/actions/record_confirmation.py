"""Records that all persons confirmed, or that confirmation failed, where the codes come from somebody else."""

from __future__ import annotations

from django.db import transaction

from openbeian.cases.models import Case
from openbeian.cases.turning import Reasons, begin, finish
from openbeian.documents.models import Document
from openbeian.kernel.actor import Actor


def record_confirmation(
    actor: Actor,
    case_id: int,
    *,
    confirmed: bool = True,
    revision: int | None = None,
    reasons: Reasons = (),
    note: str = "",
    evidence: Document | None = None,
) -> Case:
    """For the outside channel (with evidence) and the interface, whose SMS the ministry sends itself.

    Raises: CaseNotYours, CaseMovedOn, TurnNotPossible, EvidenceMissing, ReasonsMissing.
    """
    with transaction.atomic():
        turning = begin(actor, case_id, "confirm" if confirmed else "fail_confirmation", revision)
        finish(turning, reasons=reasons, note=note, evidence=evidence)
        return turning.case

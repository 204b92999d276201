"""Hands an approved case to the administration: sends the confirmation codes first, where the procedure has them."""

from __future__ import annotations

from django.db import transaction

from openbeian.cases.confirming import send_codes
from openbeian.cases.models import Case
from openbeian.cases.turning import begin, finish
from openbeian.documents.models import Document
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor


def forward_case(
    actor: Actor, case_id: int, *, revision: int | None = None, note: str = "", evidence: Document | None = None
) -> Case:
    """Forwards a case that waits for it. Raises: as `turn_case`."""
    with transaction.atomic():
        turning = begin(actor, case_id, "forward", revision)
        turning.case.forwarded_at = clock.now()
        finish(turning, note=note, evidence=evidence)
        if turning.case.state == "awaiting_sms" and turning.case.channel == "inside":
            send_codes(actor, turning.case)
        return turning.case

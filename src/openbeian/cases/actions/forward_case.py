"""Hands an approved case to the administration: sends the confirmation codes first, where the procedure has them."""

from __future__ import annotations

from django.db import transaction

from openbeian.cases.carrying import get_carrier
from openbeian.cases.confirming import send_codes
from openbeian.cases.models import Case
from openbeian.cases.turning import begin, finish
from openbeian.documents.models import Document
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor


def forward_case(
    actor: Actor, case_id: int, *, revision: int | None = None, note: str = "", evidence: Document | None = None
) -> Case:
    """Forwards a case that waits for it. Over the interface its report is written in the same transaction.

    Raises: as `turn_case`; DocumentNotSendable with every reason why the interface cannot carry the case.
    """
    with transaction.atomic():
        turning = begin(actor, case_id, "forward", revision)
        turning.case.forwarded_at = clock.now()
        finish(turning, note=note, evidence=evidence)
        confirms_here = turning.case.channel == "inside"
        if turning.case.channel == "interface":
            confirms_here = get_carrier().take_case(actor, turning.case)
        if turning.case.state == "awaiting_sms" and confirms_here:
            send_codes(actor, turning.case)
        return turning.case

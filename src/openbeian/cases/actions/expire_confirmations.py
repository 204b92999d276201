"""Sends a case back when a round of codes has run out of time."""

from __future__ import annotations

from django.db import transaction

from openbeian.cases.models import Case, SmsConfirmation
from openbeian.cases.turning import begin, finish
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM


def expire_confirmations(case_id: int, round_number: int) -> bool:
    """True when the case was sent back. Safe to repeat: a finished or newer round is left alone."""
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
        if case.state != "awaiting_sms" or case.confirmation_round != round_number:
            return False
        waiting = case.confirmations.filter(
            round=round_number, state=SmsConfirmation.State.WAITING, expires_at__lte=clock.now()
        )
        paths = sorted(waiting.values_list("person_path", flat=True))
        if not paths:
            return False
        waiting.update(state=SmsConfirmation.State.EXPIRED)
        finish(
            begin(SYSTEM, case.pk, "fail_confirmation", None),
            reasons=[{"code": "sms_expired", "field": f"{path}.mobile"} for path in paths],
        )
        return True

"""A named person proves by code, mobile and the end of their certificate number that they know of the case."""

from __future__ import annotations

import hmac

from django.db import transaction

from openbeian.cases.carrying import get_carrier
from openbeian.cases.confirming import hash_code
from openbeian.cases.errors import CodeWrong, ConfirmationOver
from openbeian.cases.events import CodeWrong as CodeWrongEvent
from openbeian.cases.events import PersonConfirmed
from openbeian.cases.limits import get_number
from openbeian.cases.models import Case, SmsConfirmation
from openbeian.cases.turning import begin, finish
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM, Actor
from openbeian.kernel.contacts import parse_phone
from openbeian.kernel.errors import ValueRefused


def confirm_person(actor: Actor, secret: str, code: str, mobile: str, certificate_tail: str) -> SmsConfirmation:
    """Confirms, or counts a wrong try; one try more than allowed sends the case back. The last person's
    confirmation moves the case on to the administration.

    Raises: ConfirmationOver; CodeWrong with the tries that are left.
    """
    with transaction.atomic():
        confirmation, left = _try_code(actor, secret, code, mobile, certificate_tail)
    # Refused after the commit, so that the wrong try stays counted.
    if left is not None:
        raise CodeWrong(left=left) if left >= 0 else ConfirmationOver
    return confirmation


def _try_code(actor: Actor, secret: str, code: str, mobile: str, tail: str) -> tuple[SmsConfirmation, int | None]:
    """The confirmation and, after a wrong try, how many are left."""
    found = SmsConfirmation.objects.filter(secret=secret).values_list("case_id", flat=True).first()
    if found is None:
        raise ConfirmationOver
    # The case is locked before the confirmation, as everywhere, so that two persons' last steps take turns.
    case = Case.objects.select_for_update(of=("self",)).select_related("provider").get(pk=found)
    confirmation = SmsConfirmation.objects.select_for_update().get(secret=secret)
    is_current = confirmation.round == case.confirmation_round and case.state == "awaiting_sms"
    if confirmation.state != SmsConfirmation.State.WAITING or not is_current or clock.now() >= confirmation.expires_at:
        raise ConfirmationOver
    right = (
        hmac.compare_digest(confirmation.code_hash, hash_code(secret, code.strip()))
        and hmac.compare_digest(confirmation.mobile.encode(), _normal_mobile(mobile).encode())
        and hmac.compare_digest(confirmation.certificate_tail.encode(), tail.strip().upper().encode())
    )
    return (_confirm(actor, case, confirmation), None) if right else _count_wrong(actor, case, confirmation)


def _normal_mobile(text: str) -> str:
    try:
        return parse_phone(text).national
    except ValueRefused:
        return ""


def _confirm(actor: Actor, case: Case, confirmation: SmsConfirmation) -> SmsConfirmation:
    confirmation.state = SmsConfirmation.State.CONFIRMED
    confirmation.confirmed_at = clock.now()
    confirmation.save(update_fields=["state", "confirmed_at"])
    record_event(
        PersonConfirmed,
        actor,
        ("case", case.pk),
        concerns=(case.organisation_id,),
        after={"person": confirmation.person_path},
    )
    this_round = case.confirmations.filter(round=case.confirmation_round)
    if not this_round.exclude(state=SmsConfirmation.State.CONFIRMED).exists():
        turning = begin(SYSTEM, case.pk, "confirm", None)
        finish(turning)
        if turning.case.channel == "interface":
            get_carrier().release_case(turning.case)
    return confirmation


def _count_wrong(actor: Actor, case: Case, confirmation: SmsConfirmation) -> tuple[SmsConfirmation, int]:
    allowed = get_number("filing.sms.wrong_codes_allowed", clock.today(), case.province)
    confirmation.wrong_codes += 1
    left = allowed - confirmation.wrong_codes
    if left < 0:
        confirmation.state = SmsConfirmation.State.FAILED
    confirmation.save(update_fields=["wrong_codes", "state"])
    record_event(
        CodeWrongEvent,
        actor,
        ("case", case.pk),
        concerns=(case.organisation_id,),
        after={"person": confirmation.person_path, "wrong_codes": confirmation.wrong_codes},
    )
    if left < 0:
        finish(
            begin(SYSTEM, case.pk, "fail_confirmation", None),
            reasons=[{"code": "sms_failed", "field": f"{confirmation.person_path}.mobile"}],
        )
    return confirmation, left

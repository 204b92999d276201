"""Decides the extension or appeal that waits at an inspection's finding."""

from __future__ import annotations

from django.db import transaction

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.supervision.decisions import STATES, ClosedHow, Verb, after_grant
from openbeian.supervision.errors import DeciderAsked, TurnNotOpen
from openbeian.supervision.inspections.events import (
    FaultAppealGranted,
    FaultAppealRefused,
    FaultExtensionGranted,
    FaultExtensionRefused,
)
from openbeian.supervision.inspections.models import Fault
from openbeian.supervision.inspections.rectifying import find_target, lock_to_decide, move
from openbeian.supervision.words import read_reason

_EVENTS = {
    ("extension", True): FaultExtensionGranted,
    ("extension", False): FaultExtensionRefused,
    ("appeal", True): FaultAppealGranted,
    ("appeal", False): FaultAppealRefused,
}


def decide_fault_petition(actor: Actor, fault_id: int, answer: str, *, grants: bool) -> Fault:
    """A granted extension moves the due day, a granted appeal closes the finding; refused, it goes back to work.

    Raises: NotPermitted, InspectionNotYours, TurnNotOpen, DeciderAsked, ReasonMissing.
    """
    answer = read_reason(answer)
    with transaction.atomic():
        fault = lock_to_decide(actor, fault_id)
        back = find_target(fault, Verb.GRANT if grants else Verb.REFUSE)
        waiting = fault.petitions.filter(decided_at__isnull=True).first()
        if waiting is None:
            raise TurnNotOpen(state=STATES[fault.state])
        if waiting.asked_by_id is not None and waiting.asked_by_id == actor.user_id:
            raise DeciderAsked
        waiting.is_granted, waiting.answer = grants, answer
        waiting.decided_by_name, waiting.decided_at = actor.name, clock.now()
        waiting.save()
        if grants and waiting.until_on:
            fault.due_on, fault.due_is_provisional = waiting.until_on, False
        target = after_grant(waiting.kind) if grants else back
        verb = Verb.GRANT if grants else Verb.REFUSE
        event = _EVENTS[waiting.kind, grants]
        move(actor, fault, event, target, answer, verb=verb, how=ClosedHow.APPEAL_GRANTED)
    return fault

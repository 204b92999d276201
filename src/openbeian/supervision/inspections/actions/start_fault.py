"""Notes that somebody has begun to put an inspection's finding right."""

from __future__ import annotations

from django.db import transaction

from openbeian.kernel.actor import Actor
from openbeian.supervision.decisions import Verb
from openbeian.supervision.inspections.events import FaultStarted
from openbeian.supervision.inspections.models import Fault
from openbeian.supervision.inspections.rectifying import find_target, lock_own, move


def start_fault(actor: Actor, fault_id: int) -> Fault:
    """待整改 → 整改中. Raises: NotPermitted, InspectionNotYours, TurnNotOpen."""
    with transaction.atomic():
        fault = lock_own(actor, fault_id)
        move(actor, fault, FaultStarted, find_target(fault, Verb.START), "", verb=Verb.START)
    return fault

"""Asks for more time to put an inspection's finding right."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from openbeian.kernel.actor import Actor
from openbeian.supervision.decisions import Verb
from openbeian.supervision.errors import DayUnfit
from openbeian.supervision.inspections.events import FaultExtensionAsked
from openbeian.supervision.inspections.models import Fault
from openbeian.supervision.inspections.rectifying import find_target, lock_own, move, petition
from openbeian.supervision.words import read_reason


def ask_fault_extension(actor: Actor, fault_id: int, until_on: date, why: str) -> Fault:
    """→ 已申请延期. The day lies after the present limit and within a year of it.

    Raises: NotPermitted, InspectionNotYours, TurnNotOpen, DayUnfit, ReasonMissing.
    """
    why = read_reason(why)
    with transaction.atomic():
        fault = lock_own(actor, fault_id)
        target = find_target(fault, Verb.ASK_EXTENSION)
        if not fault.due_on < until_on <= fault.due_on + timedelta(days=365):
            raise DayUnfit(due=fault.due_on.isoformat())
        petition(actor, fault, "extension", why, until_on)
        move(actor, fault, FaultExtensionAsked, target, why, verb=Verb.ASK_EXTENSION, until_on=until_on)
    return fault

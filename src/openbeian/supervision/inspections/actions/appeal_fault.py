"""Appeals against an inspection's finding."""

from __future__ import annotations

from django.db import transaction

from openbeian.kernel.actor import Actor
from openbeian.supervision.decisions import Verb
from openbeian.supervision.inspections.events import FaultAppealed
from openbeian.supervision.inspections.models import Fault
from openbeian.supervision.inspections.rectifying import Files, find_target, lock_own, move, petition
from openbeian.supervision.words import read_reason


def appeal_fault(actor: Actor, fault_id: int, why: str, files: Files = ()) -> Fault:
    """→ 申诉中. Raises: NotPermitted, InspectionNotYours, TurnNotOpen, ReasonMissing, UploadRefused."""
    why = read_reason(why)
    with transaction.atomic():
        fault = lock_own(actor, fault_id)
        target = find_target(fault, Verb.APPEAL)
        petition(actor, fault, "appeal", why, None)
        move(actor, fault, FaultAppealed, target, why, files=files, verb=Verb.APPEAL)
    return fault

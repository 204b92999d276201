"""Checks again whether an inspection's finding was put right."""

from __future__ import annotations

from django.db import transaction

from openbeian.kernel.actor import Actor
from openbeian.supervision.decisions import STATES, State
from openbeian.supervision.errors import TurnNotOpen
from openbeian.supervision.inspections.events import FaultClosed, FaultFoundAgain
from openbeian.supervision.inspections.models import Fault
from openbeian.supervision.inspections.rectifying import Files, lock_to_decide, move
from openbeian.supervision.words import read_reason


def recheck_fault(actor: Actor, fault_id: int, note: str, *, is_in_order: bool, files: Files = ()) -> Fault:
    """待复查 → 已关闭, or back to work with what is still wrong; the last one closed ends the inspection.

    Raises: NotPermitted, InspectionNotYours, TurnNotOpen, ReasonMissing, UploadRefused.
    """
    note = read_reason(note)
    with transaction.atomic():
        fault = lock_to_decide(actor, fault_id)
        if fault.state != State.TO_RECHECK:
            raise TurnNotOpen(state=STATES[fault.state])
        if is_in_order:
            move(actor, fault, FaultClosed, State.CLOSED, note, files=files, verb="recheck")
        else:
            move(actor, fault, FaultFoundAgain, State.RECTIFYING, note, files=files, verb="recheck")
    return fault

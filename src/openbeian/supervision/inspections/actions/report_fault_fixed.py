"""Reports an inspection's finding put right, with the evidence of it."""

from __future__ import annotations

from django.db import transaction

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.supervision.decisions import Verb
from openbeian.supervision.inspections.events import FaultReportedFixed
from openbeian.supervision.inspections.models import Fault
from openbeian.supervision.inspections.rectifying import Files, find_target, lock_own, move
from openbeian.supervision.words import read_reason


def report_fault_fixed(actor: Actor, fault_id: int, note: str, files: Files = ()) -> Fault:
    """→ 待复查. `files` are names and contents of pictures or PDFs. An extension that still waits needs no answer now.

    Raises: NotPermitted, InspectionNotYours, TurnNotOpen, ReasonMissing, UploadRefused.
    """
    note = read_reason(note)
    with transaction.atomic():
        fault = lock_own(actor, fault_id)
        target = find_target(fault, Verb.REPORT_FIXED)
        fault.petitions.filter(decided_at__isnull=True).update(
            decided_at=clock.now(), decided_by_name=actor.name, answer="已报告整改完成。 Reported fixed."
        )
        move(actor, fault, FaultReportedFixed, target, note, files=files, verb=Verb.REPORT_FIXED)
    return fault

"""Hands a report in: every check at once, in the window or late, and nothing moves while a fault stands."""

from __future__ import annotations

from django.db import transaction

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.supervision.reporting.errors import ReportIncomplete
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.turning import (
    choose_submit_verb,
    find_turn,
    finish,
    list_faults,
    open_for_edits,
)


def submit_report(actor: Actor, report_id: int, *, revision: int | None = None, note: str = "") -> AnnualReport:
    """→ 已报送, or 逾期补报 after the window; from the bad list it is made up.

    Raises: ReportNotYours, ReportMovedOn, ReportFrozen, WindowClosed before the window, ReportTurnNotPossible,
    ReportIncomplete with every fault.
    """
    with transaction.atomic():
        report = open_for_edits(actor, report_id, revision)
        verb = choose_submit_verb(report)
        turn = find_turn(actor, report, verb)
        faults = [fault for fault in list_faults(report) if fault.certain]
        if faults:
            raise ReportIncomplete(faults=faults, count=len(faults))
        report.submitted_at = report.checked_at = clock.now()
        finish(actor, report, verb, turn, note=note)
        return report

"""Saves a report as ready (保存): every check at once, all faults listed together."""

from __future__ import annotations

from django.db import transaction

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.supervision.reporting.errors import ReportIncomplete
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.turning import list_faults, open_for_edits


def check_report(actor: Actor, report_id: int, *, revision: int | None = None) -> AnnualReport:
    """Notes that nothing certain is wrong. Raises: as `save_report`; ReportIncomplete with every fault."""
    with transaction.atomic():
        report = open_for_edits(actor, report_id, revision)
        faults = [fault for fault in list_faults(report) if fault.certain]
        if faults:
            raise ReportIncomplete(faults=faults, count=len(faults))
        report.checked_at = clock.now()
        report.save(update_fields=["checked_at"])
        return report

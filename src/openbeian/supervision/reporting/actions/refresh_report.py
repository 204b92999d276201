"""Draws the figures of a report again from record, traffic and register; what somebody typed stays."""

from __future__ import annotations

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.supervision.reporting.events import ReportRefreshed
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.prefilling import draw_first_values
from openbeian.supervision.reporting.queries import get_report, get_rules_of
from openbeian.supervision.reporting.subjects import list_codes
from openbeian.supervision.reporting.turning import open_for_edits


def refresh_report(actor: Actor, report_id: int, *, revision: int | None = None) -> AnnualReport:
    """A figure is replaced only if it is empty or still as it was drawn; businesses follow the licence of today.

    Raises: ReportNotYours, ReportMovedOn, ReportFrozen.
    """
    seen = get_report(actor, report_id)
    # Drawn before the transaction: traffic is read from files.
    drawn = draw_first_values(get_rules_of(seen), seen.subject, seen.year, seen.regime)
    with transaction.atomic():
        report = open_for_edits(actor, report_id, revision)
        figures, origins = dict(report.figures), dict(report.origins)
        changed = []
        for path, one in drawn.items():
            here = figures.get(path, "")
            if here and here != origins.get(path, {}).get("value"):
                continue  # somebody typed it
            if here != one.value:
                figures[path] = one.value
                changed.append(path)
            origins[path] = one.as_origin()
        report.figures, report.origins, report.codes = figures, origins, list(list_codes(report.subject))
        report.revision, report.saved_at, report.checked_at = report.revision + 1, clock.now(), None
        report.save()
        record_event(
            ReportRefreshed, actor, ("report", report.pk), concerns=(report.organisation_id,), after={"fields": sorted(changed)}
        )  # fmt: skip
        return report

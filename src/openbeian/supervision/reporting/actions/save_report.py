"""Keeps what was typed into a report, without judging it (暂存)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.supervision.reporting.events import ReportSaved
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.queries import get_rules_of
from openbeian.supervision.reporting.turning import open_for_edits

LONGEST = 8_000


def save_report(
    actor: Actor,
    report_id: int,
    typed: Mapping[str, str],
    *,
    promises: Iterable[str] | None = None,
    signed_by: str | None = None,
    revision: int | None = None,
) -> AnnualReport:
    """Writes values by path. Nothing is checked, nothing erased; a path the report does not have is left out.

    What stands under a business that is switched to 未开通 stays. None leaves promises and signature as they are.

    Raises: ReportNotYours, ReportMovedOn, ReportFrozen.
    """
    with transaction.atomic():
        report = open_for_edits(actor, report_id, revision)
        rules = get_rules_of(report)
        known = {path for path, _, _ in rules.walk(tuple(report.codes))}
        clean = {p: str(v).replace("\r\n", "\n").replace("\x00", "")[:LONGEST] for p, v in typed.items() if p in known}
        changed = sorted(path for path, value in clean.items() if report.figures.get(path, "") != value)
        report.figures = {**report.figures, **{path: clean[path] for path in changed}}
        if promises is not None:
            kept = [p for p in rules.promises if p in set(promises)]
            changed += ["promises"] if kept != report.promises else []
            report.promises = kept
        if signed_by is not None and signed_by.strip()[:60] != report.signed_by:
            report.signed_by = signed_by.strip()[:60]
            changed.append("signed_by")
        report.saved_at = clock.now()
        if changed:
            report.revision += 1
            report.checked_at = None
        report.save()
        if changed:
            # The journal names the fields and not what was typed: names of people stand among them.
            record_event(
                ReportSaved, actor, ("report", report.pk), concerns=(report.organisation_id,), after={"fields": changed[:200]}
            )  # fmt: skip
        return report

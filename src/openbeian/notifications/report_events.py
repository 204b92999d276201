"""Whom the events of an annual report are for, and what is said of it: by year and number, never by a figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from openbeian.journal.models import Entry
from openbeian.kernel.text import Text
from openbeian.notifications.audience import SIDE_PERMISSIONS, People
from openbeian.notifications.telling import Occurrence
from openbeian.supervision.reporting.models import AnnualReport

_LONGEST = 280


def load_reports(ids: Iterable[str]) -> dict[str, AnnualReport]:
    """The reports of a batch of entries, by the subject id that the journal keeps."""
    wanted = [int(i) for i in ids if i.isdecimal()]
    rows = AnnualReport.objects.filter(pk__in=wanted).select_related("licence", "number_resource")
    return {str(row.pk): row for row in rows}


def tell_report(entry: Entry, report: AnnualReport, people: People) -> Iterator[Occurrence]:
    """To the holder; the person who did it need not be told. The words of the authority come along."""
    chosen = people.list_holders(report.organisation_id, SIDE_PERMISSIONS["applicant"])
    step = report.steps.filter(to_state=(entry.after or {}).get("state", ""), at__lte=entry.at).order_by("-pk").first()
    words = step.note[:_LONGEST] if step is not None else ""
    yield Occurrence(
        name=f"event:{entry.sequence}",
        kind=entry.event,
        organisation_id=report.organisation_id,
        people=chosen - {entry.actor_id or 0},
        title=f"{report.subject.number} {report.year} 年度年报",
        title_en=f"{report.subject.number}, report for {report.year}",
        subject=("report", str(report.pk)),
        path=f"/reports/{report.pk}/",
        detail=Text(words, words),
    )

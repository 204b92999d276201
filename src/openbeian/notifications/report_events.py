"""Whom an annual report's events are for, and what is said of it: by licence or number and year, never by its figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from openbeian.journal.models import Entry
from openbeian.kernel.text import Text
from openbeian.notifications.audience import SIDE_PERMISSIONS, People
from openbeian.notifications.kinds import KINDS
from openbeian.notifications.ports import NOTHING
from openbeian.notifications.telling import Occurrence
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.turning import find_authority_id

_NAMES = {
    AnnualReport.Regime.REPORT: Text("年报", "annual report"),
    AnnualReport.Regime.INSPECTION: Text("年检", "former inspection"),
    AnnualReport.Regime.NUMBER: Text("码号年报", "report on a number"),
}
_WITH_WORDS = frozenset({"report.returned", "report.listed"})
_LONGEST = 280


def load_reports(ids: Iterable[str]) -> dict[str, AnnualReport]:
    """The reports of a batch of entries, by the subject id that the journal keeps."""
    wanted = [int(i) for i in ids if i.isdecimal()]
    rows = AnnualReport.objects.filter(pk__in=wanted).defer("figures", "origins")
    return {str(row.pk): row for row in rows.select_related("licence", "number_resource")}


def tell_report(entry: Entry, report: AnnualReport, people: People) -> Iterator[Occurrence]:
    """To the holder, or to the authority that takes it; the person who did it need not be told."""
    name, number = _NAMES[AnnualReport.Regime(report.regime)], report.subject.number
    for side in KINDS[entry.event].sides:
        organisation_id = report.organisation_id if side == "applicant" else find_authority_id(report)
        if organisation_id is None:
            continue
        chosen, owner_id = people.choose(organisation_id, SIDE_PERMISSIONS[side], None)
        yield Occurrence(
            name=f"event:{entry.sequence}",
            kind=entry.event,
            organisation_id=organisation_id,
            people=chosen - {entry.actor_id or 0},
            title=f"{number} {report.year} {name.zh}",
            title_en=f"{number} {report.year} {name.en}",
            subject=("report", str(report.pk)),
            path=f"/reports/{report.pk}/",
            detail=_find_words(entry, report),
            owner_id=owner_id,
        )


def _find_words(entry: Entry, report: AnnualReport) -> Text:
    """What the authority wrote with its step; nothing of what a holder wrote."""
    if entry.event not in _WITH_WORDS:
        return NOTHING
    step = report.steps.filter(to_state=(entry.after or {}).get("state", ""), at__lte=entry.at).order_by("-pk").first()
    words = step.note[:_LONGEST] if step is not None else ""
    return Text(words, words)

"""How obligations look: tone and icon of a stage, where its button leads, and the timeline of the coming days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.urls import reverse

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text
from openbeian.obligations.decisions import SETTLED, Stage
from openbeian.obligations.models import Obligation
from openbeian.obligations.queries import Shown, describe, list_obligations_visible_to, order_by_harm

SPAN_DAYS = 90
_MOST_ON_TIMELINE = 60
_MOST_SHOWN = 5
_MOST_OPEN = 12
_LANES = 3
_LANE_WIDTH = 4.0
"""How near, in percent of the line, two marks may stand before the later one goes a lane up."""

TONES: dict[str, tuple[str, str]] = {
    Stage.OVERDUE: ("bad", "circle-x"),
    Stage.DUE_SOON: ("warn", "triangle-alert"),
    Stage.WINDOW_OPEN: ("info", "info"),
    Stage.UNCONFIRMED: ("calm", "circle-question-mark"),
    Stage.FAR: ("calm", "clock"),
    Stage.STANDING: ("calm", "circle"),
    Stage.DONE: ("good", "circle-check"),
    Stage.WAIVED: ("calm", "circle-off"),
}
RESPONSIBLE: dict[str, Text] = {
    "sponsor": Text("主办单位", "The sponsor"),
    "holder": Text("持证单位", "The licence holder"),
    "applicant": Text("申请人", "The applicant"),
    "provider": Text("接入服务商", "The access provider"),
    "administration": Text("通信管理局", "The administration"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One obligation on a page. `url` is where its button leads, empty where the reader can do nothing."""

    shown: Shown
    tone: str
    icon: str
    responsible: Text
    url: str
    starts_procedure: bool
    is_own: bool

    @property
    def row(self) -> Obligation:
        return self.shown.row


@dataclass(frozen=True, slots=True)
class Mark:
    """A day on the timeline: its place in percent, its height in pixels, what is due."""

    day: date
    left: str
    top: int
    tone: str
    count: int
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Tick:
    left: str
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The coming 90 days as marks on a line; `lines` hold the same in words, in order."""

    marks: list[Mark]
    ticks: list[Tick]
    first: date
    last: date
    height: int

    @property
    def is_short(self) -> bool:
        """Whether the words are few enough to stand open under the drawing."""
        return sum(mark.count for mark in self.marks) <= _MOST_OPEN

    @property
    def baseline(self) -> int:
        return self.height - 24

    @property
    def label_top(self) -> int:
        return self.height - 6


@dataclass(frozen=True, slots=True)
class Summary:
    """The traffic light: the worst tone, how many of which stage, the gravest few, and the timeline."""

    tone: str
    overdue: int
    due_soon: int
    unconfirmed: int
    count: int
    lines: list[Line]
    timeline: Timeline


def make_lines(actor: Actor, rows: list[Obligation]) -> list[Line]:
    """The rows with tone, words and the way on for this reader."""
    return [_make_line(actor, shown) for shown in describe(rows, actor)]


def summarise(actor: Actor, rows: QuerySet[Obligation] | None = None) -> Summary:
    """For the dossier, of the rows given; for Today of what the reader's own organisation owes.

    What others owe is in the list: it is not the reader's to do, and for an administration it may be millions.
    """
    if rows is None:
        rows = list_obligations_visible_to(actor).filter(organisation_id=actor.organisation_id or 0)
    rows = rows.exclude(stage__in=[*SETTLED, Stage.STANDING])
    counts = dict(rows.order_by().values_list("stage").annotate(n=Count("pk")))
    near = rows.exclude(stage=Stage.FAR).exclude(stage=Stage.UNCONFIRMED)
    overdue, soon = counts.get(Stage.OVERDUE, 0), counts.get(Stage.DUE_SOON, 0)
    tone = "bad" if overdue else "warn" if soon else "info" if counts.get(Stage.WINDOW_OPEN) else "good"
    return Summary(
        tone=tone,
        overdue=overdue,
        due_soon=soon,
        unconfirmed=counts.get(Stage.UNCONFIRMED, 0),
        count=sum(counts.values()),
        lines=make_lines(actor, list(order_by_harm(near)[:_MOST_SHOWN])),
        timeline=make_timeline(actor, rows),
    )


def make_timeline(actor: Actor, rows: QuerySet[Obligation]) -> Timeline:
    """What is due from today on, within 90 days."""
    today = clock.today()
    last = today + timedelta(days=SPAN_DAYS)
    near = rows.filter(due_on__gte=today, due_on__lte=last).order_by("due_on", "-harm_rank", "pk")
    by_day: dict[date, list[Line]] = {}
    for line in make_lines(actor, list(near[:_MOST_ON_TIMELINE])):
        if line.row.due_on:
            by_day.setdefault(line.row.due_on, []).append(line)
    height = 32 * _LANES + 40
    return Timeline(_place(by_day, today, height), _months(today, last), today, last, height)


def _place(by_day: dict[date, list[Line]], today: date, height: int) -> list[Mark]:
    marks: list[Mark] = []
    free_from = [0.0] * _LANES
    for day, lines in by_day.items():
        place = _percent(day, today)
        lane = next((i for i, free in enumerate(free_from) if place >= free), _LANES - 1)
        free_from[lane] = place + _LANE_WIDTH
        tone = "warn" if any(line.tone in {"warn", "bad"} for line in lines) else lines[0].tone
        marks.append(Mark(day, f"{place:.1f}%", height - 40 - 32 * lane, tone, len(lines), lines))
    return marks


def _percent(day: date, today: date) -> float:
    # A margin at both ends, so that a mark of today is not cut off.
    return 3 + 94 * (day - today).days / SPAN_DAYS


def _months(today: date, last: date) -> list[Tick]:
    ticks = []
    day = today.replace(day=1)
    while day <= last:
        if day > today:
            ticks.append(Tick(f"{_percent(day, today):.1f}%", f"{day:%Y-%m}"))
        day = (day + timedelta(days=32)).replace(day=1)
    return ticks


def _make_line(actor: Actor, shown: Shown) -> Line:
    tone, icon = TONES[shown.row.stage]
    is_own = shown.row.organisation_id == actor.organisation_id
    starts = (
        bool(shown.kind.procedure)
        and shown.row.subject_kind in {"sponsor", "service"}
        and is_own
        and actor.may("case.write")
    )
    url = _procedure_url(shown) if starts else _page_url(shown)
    return Line(shown, tone, icon, RESPONSIBLE[shown.kind.responsible], url, starts, is_own)


def _procedure_url(shown: Shown) -> str:
    row = shown.row
    named = {"procedure": shown.kind.procedure}
    if row.subject_kind == "service":
        named["service"] = str(row.subject_id)
    elif row.sponsor_id:
        named["sponsor"] = str(row.sponsor_id)
    return f"{reverse('case_new')}?{urlencode(named)}"


def _page_url(shown: Shown) -> str:
    row = shown.row
    if reports := _REPORT_LISTS.get(row.kind):
        return f"{reverse(reports)}?{urlencode({'year': row.cycle, 'q': shown.subject})}"
    if row.subject_kind in {"sponsor", "service", "case", "licence", "finding", "inspection_fault"}:
        return reverse(row.subject_kind, args=[row.subject_id])
    return f"{reverse('obligations')}?subject={row.subject_kind}:{row.subject_id}"


_REPORT_LISTS = {
    "licence.annual_report": "reports",
    "licence.annual_report_make_up": "reports",
    "number.annual_report": "number_reports",
}
"""Where a report that is owed is begun or gone on with."""

"""日历: a month of what is due, with holidays and make-up days; a grid on wide screens, a list on phones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from openbeian.agenda.ports import KIND_NAMES, Dated
from openbeian.agenda.queries import list_dates
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.kernel.working_days import SATURDAY, WorkingDayCalendar
from openbeian.obligations.in_charge import name_for_records
from openbeian.rules.rulebook import current_rulebook
from openbeian.wiring import list_date_sources

YEARS = range(1998, 2101)
_MOST_IN_CELL = 3
WEEKDAYS = [
    Text(f"周{zh}", en)
    for zh, en in zip("一二三四五六日", ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], strict=True)
]
_ICONS = {
    "case": "files",
    "document": "id-card",
    "police_filing": "shield",
    "reconfirmation": "refresh-cw",
    "obligation": "scale",
}


@dataclass(frozen=True, slots=True)
class DayView:
    """One day: what it is in the working-day calendar, and what falls on it."""

    on: date
    is_working: bool
    is_make_up: bool
    provisional: bool
    holiday: str
    in_month: bool
    is_today: bool
    dates: tuple[tuple[Dated, str], ...]

    @property
    def weekday(self) -> Text:
        return WEEKDAYS[self.on.weekday()]

    @property
    def first(self) -> tuple[tuple[Dated, str], ...]:
        """What fits into a cell of the grid."""
        return self.dates[:_MOST_IN_CELL]

    @property
    def more(self) -> int:
        return len(self.dates) - len(self.first)

    @property
    def is_special(self) -> bool:
        """Worth a line in the list although nothing falls on it."""
        return bool(self.holiday)


@needs("case.read")
@require_safe
def show_calendar(request: PortalRequest) -> HttpResponse:
    """`?month=2026-11`, by default the present one; `?kind=` narrows it."""
    first = read_month(request.GET.get("month", ""))
    start = first - timedelta(days=first.weekday())
    following = _add_month(first)
    days = [start + timedelta(days=n) for n in range(42)]
    while days[-7] >= following:
        days = days[:-7]
    kind = request.GET.get("kind", "")
    found = list_dates(list_date_sources(), request.actor, days[0], days[-1])
    present = {dated.kind for dated in found}
    shown = [dated for dated in found if kind not in KIND_NAMES or dated.kind == kind]
    people = name_for_records(request.actor, [dated.record for dated in shown if dated.record])
    shown = [replace(d, in_charge=people.get(d.record, "")) if d.record else d for d in shown]
    views = _view_days(days, first, shown, current_rulebook().calendar)
    context: dict[str, Any] = {
        "month": first,
        "previous": _add_month(first, -1),
        "following": following,
        "weekdays": WEEKDAYS,
        "weeks": [views[n : n + 7] for n in range(0, len(views), 7)],
        "listed": [v for v in views if v.in_month and (v.dates or v.is_special)],
        "kinds": [(k, text) for k, text in KIND_NAMES.items() if k in present],
        "kind": kind if kind in KIND_NAMES else "",
        "provisional_year": first.year if any(v.provisional for v in views if v.in_month) else None,
        "count": len([d for d in shown if first <= d.on < following]),
    }
    return render(request, "openbeian/calendar/month.html", context)


def read_month(given: str) -> date:
    """The first day of `2026-11`; of the present month for anything else."""
    try:
        year, month = given.split("-")
        first = date(int(year), int(month), 1)
    except ValueError:
        return clock.today().replace(day=1)
    return first if first.year in YEARS else clock.today().replace(day=1)


def _add_month(first: date, step: int = 1) -> date:
    months = first.year * 12 + first.month - 1 + step
    return date(months // 12, months % 12 + 1, 1)


def _view_days(days: list[date], first: date, dates: list[Dated], calendar: WorkingDayCalendar) -> list[DayView]:
    by_day: dict[date, list[tuple[Dated, str]]] = {}
    for dated in dates:
        by_day.setdefault(dated.on, []).append((dated, _ICONS[dated.kind]))
    views = []
    for day in days:
        status = calendar.day_status(day)
        views.append(
            DayView(
                on=day,
                is_working=status.is_working,
                is_make_up=status.is_working and day.weekday() >= SATURDAY,
                provisional=status.provisional,
                holiday=status.name,
                in_month=(day.year, day.month) == (first.year, first.month),
                is_today=day == clock.today(),
                dates=tuple(by_day.get(day, ())),
            )
        )
    return views

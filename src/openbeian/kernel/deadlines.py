"""Deadline arithmetic: where a time limit ends, counted forward or backward, in the law's units.

Pure and without law: amounts, units and directions come from rule versions. Why each reading was chosen, with
examples, stands in docs/rules/deadlines.md.
"""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from openbeian.kernel.clock import CHINA
from openbeian.kernel.working_days import MOST_DAYS, CountTooLong, WorkingDayCalendar


class LimitUnit(StrEnum):
    """The units in which the law counts time."""

    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    HOURS = "hours"
    MONTHS = "months"
    YEARS = "years"


class Direction(StrEnum):
    """Whether a limit ends after its anchor or before it."""

    AFTER = "after"
    BEFORE = "before"


@dataclass(frozen=True, slots=True)
class LimitEnd:
    """Where a limit ends.

    `raw_on` is the arithmetic end. `due_on` is the last day that still counts: a forward calendar limit that ends
    on a day off rolls to the next working day, everything else keeps the raw day. `advised_on` is the last
    working day on or before the raw day. `due_at` is set for hours only (aware, China time).
    """

    raw_on: date
    due_on: date
    advised_on: date
    provisional: bool
    due_at: datetime | None = None


def corresponding_day(start: date, *, years: int = 0, months_: int = 0) -> date:
    """The day with the same number that many years and months on; the month's last day where it is absent.

    Source: Civil Code, arts. 201-202, by analogy. Raises: CountTooLong.
    """
    index = start.year * 12 + (start.month - 1) + years * 12 + months_
    year, month = divmod(index, 12)
    if not date.min.year <= year <= date.max.year:
        raise CountTooLong
    last = months.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def last_day_of_term(issued_on: date, years: int, printed_on: date | None = None) -> date:
    """The last valid day of a licence: the printed date decides; without one, the corresponding day."""
    return printed_on or corresponding_day(issued_on, years=years)


def compute_limit(
    anchor: date | datetime,
    amount: int,
    unit: LimitUnit,
    direction: Direction,
    calendar: WorkingDayCalendar,
    *,
    rolls: bool = True,
) -> LimitEnd:
    """Counts a limit from its anchor; the day of the anchor itself is not counted.

    `rolls` is False for terms that simply run out (a licence's validity), where a day off changes nothing.
    A bare date as anchor of hours means the start of that day in China, the safe reading.

    Raises: CountTooLong.
    """
    anchor_on = anchor.astimezone(CHINA).date() if isinstance(anchor, datetime) else anchor
    sign = 1 if direction is Direction.AFTER else -1
    if abs(amount) > MOST_DAYS * (24 if unit is LimitUnit.HOURS else 1):
        raise CountTooLong
    try:
        if unit is LimitUnit.HOURS:
            return _hours(anchor, sign * amount)
        if unit is LimitUnit.WORKING_DAYS:
            reached = calendar.add_working_days(anchor_on, sign * amount)
            return LimitEnd(reached.day, reached.day, reached.day, reached.provisional)
        if unit is LimitUnit.CALENDAR_DAYS:
            raw = anchor_on + timedelta(days=sign * amount)
        elif unit is LimitUnit.MONTHS:
            raw = corresponding_day(anchor_on, months_=sign * amount)
        else:
            raw = corresponding_day(anchor_on, years=sign * amount)
    except OverflowError as overflow:
        raise CountTooLong from overflow
    return settle(raw, calendar, rolls=rolls and direction is Direction.AFTER)


def settle(raw: date, calendar: WorkingDayCalendar, *, rolls: bool) -> LimitEnd:
    """Gives a raw day its due day (rolled forward if it `rolls`) and its advised day (never rolled forward)."""
    before = calendar.on_or_before(raw)
    if not rolls:
        return LimitEnd(raw, raw, before.day, before.provisional)
    after = calendar.on_or_after(raw)
    return LimitEnd(raw, after.day, before.day, before.provisional or after.provisional)


def _hours(anchor: date | datetime, amount: int) -> LimitEnd:
    if not isinstance(anchor, datetime):
        anchor = datetime(anchor.year, anchor.month, anchor.day, tzinfo=CHINA)
    due_at = anchor.astimezone(CHINA) + timedelta(hours=amount)
    day = due_at.date()
    return LimitEnd(day, day, day, False, due_at)

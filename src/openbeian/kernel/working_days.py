"""The working-day calendar: which days count, from the yearly holiday arrangement of the State Council.

Pure: the arrangements come from the rulebook. A year without one is answered by the weekday rule and marked
provisional, so that nobody waits for a calendar and nobody takes a guess for a promise.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

MOST_DAYS = 20_000
"""The longest count we walk (about eighty years); more is a typing error, not a time limit."""

SATURDAY = 5
ONE_DAY = timedelta(days=1)


class CountTooLong(OpenBeianError):
    """Refuses a count of days that leaves the calendar or that no time limit has."""

    code = "count_too_long"
    message = Text(
        "天数超出可计算的范围（最多 {most} 天，公元 1–9999 年），请检查数字。",
        "That count leaves the calendar (at most {most} days, years 1–9999); check the number.",
    )

    def __init__(self) -> None:
        super().__init__(most=MOST_DAYS)


@dataclass(frozen=True, slots=True)
class ArrangedDay:
    """A day that the arrangement lifts out of the ordinary week: off, or a make-up working day."""

    day: date
    name: str
    is_off: bool


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One year's published arrangement; `source` names where it was published."""

    year: int
    source: str
    days: tuple[ArrangedDay, ...]


@dataclass(frozen=True, slots=True)
class DayStatus:
    """What one day is. `name` is the holiday that made it so, empty for the ordinary week."""

    day: date
    is_working: bool
    provisional: bool
    name: str = ""


class Counted(NamedTuple):
    """A day reached by counting; provisional when a year on the way has no published arrangement."""

    day: date
    provisional: bool


@dataclass(frozen=True)
class WorkingDayCalendar:
    """Answers about working days in mainland China (time zone: legal days of `kernel.clock`)."""

    arrangements: tuple[Arrangement, ...] = ()
    _arranged: dict[date, ArrangedDay] = field(init=False, repr=False, compare=False)
    _published: frozenset[int] = field(init=False, repr=False, compare=False)
    _working: dict[int, list[date]] = field(init=False, repr=False, compare=False)

    def __init__(self, arrangements: Iterable[Arrangement] = ()) -> None:
        kept = tuple(sorted(arrangements, key=lambda a: a.year))
        object.__setattr__(self, "arrangements", kept)
        object.__setattr__(self, "_arranged", {d.day: d for a in kept for d in a.days})
        object.__setattr__(self, "_published", frozenset(a.year for a in kept))
        object.__setattr__(self, "_working", {})

    @property
    def published_years(self) -> frozenset[int]:
        """The years whose arrangement is known."""
        return self._published

    def is_working_day(self, day: date) -> bool:
        """Whether the day counts, by arrangement or else by the weekday rule."""
        arranged = self._arranged.get(day)
        return day.weekday() < SATURDAY if arranged is None else not arranged.is_off

    def is_provisional(self, day: date) -> bool:
        """Whether the answer for this day may still change, its year's arrangement being unpublished."""
        return day.year not in self._published

    def day_status(self, day: date) -> DayStatus:
        """The whole answer for one day."""
        arranged = self._arranged.get(day)
        return DayStatus(day, self.is_working_day(day), self.is_provisional(day), arranged.name if arranged else "")

    def add_working_days(self, start: date, amount: int) -> Counted:
        """The day `amount` working days from `start`: the day after is one; negative counts back; 0 is `start`.

        Raises: CountTooLong.
        """
        if abs(amount) > MOST_DAYS:
            raise CountTooLong
        if amount == 0:
            return Counted(start, False)
        year = start.year
        working = self._working_days_of(year)
        index = bisect_right(working, start) + amount - 1 if amount > 0 else bisect_left(working, start) + amount
        while index >= len(working):
            index -= len(working)
            year += 1
            working = self._working_days_of(year)
        while index < 0:
            year -= 1
            working = self._working_days_of(year)
            index += len(working)
        reached = working[index]
        return Counted(reached, self._is_span_provisional(start, reached))

    def on_or_after(self, day: date) -> Counted:
        """The day itself if it counts, else the next working day."""
        return self._nearest(day, ONE_DAY)

    def on_or_before(self, day: date) -> Counted:
        """The day itself if it counts, else the working day before."""
        return self._nearest(day, -ONE_DAY)

    def count_working_days(self, start: date, end: date) -> tuple[int, bool]:
        """How many working days lie after `start` up to and including `end`, and whether that is provisional.

        The inverse of `add_working_days`; negative when `end` lies before `start`.

        Raises: CountTooLong.
        """
        if abs((end - start).days) > 2 * MOST_DAYS or end == date.min:
            raise CountTooLong
        if end < start:
            amount, provisional = self.count_working_days(end - ONE_DAY, start - ONE_DAY)
            return -amount, provisional
        years = range(start.year, end.year + 1)
        whole = sum(len(self._working_days_of(year)) for year in years[:-1])
        before = bisect_right(self._working_days_of(start.year), start)
        amount = whole + bisect_right(self._working_days_of(end.year), end) - before
        return amount, start != end and self._is_span_provisional(start, end)

    def _working_days_of(self, year: int) -> list[date]:
        """The year's working days in order, so that counting is a search and not a walk; kept once made."""
        working = self._working.get(year)
        if working is None:
            if not date.min.year <= year <= date.max.year:
                raise CountTooLong
            first = date(year, 1, 1).toordinal()
            days = map(date.fromordinal, range(first, date(year, 12, 31).toordinal() + 1))
            working = self._working[year] = [day for day in days if self.is_working_day(day)]
        return working

    def _is_span_provisional(self, start: date, end: date) -> bool:
        """Whether a year of the days counted (all but the start) has no published arrangement."""
        first = (start + ONE_DAY).year if end > start else (start - ONE_DAY).year
        return not self._published.issuperset(range(min(first, end.year), max(first, end.year) + 1))

    def _nearest(self, day: date, step: timedelta) -> Counted:
        provisional = day.year not in self._published
        try:
            while not self.is_working_day(day):
                day += step
                provisional = provisional or day.year not in self._published
        except OverflowError as overflow:
            raise CountTooLong from overflow
        return Counted(day, provisional)

"""How long a site answered in a day, month or year: inspections ask for it. Pure; unknown time is kept apart."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal

from openbeian.kernel.answers import Answer
from openbeian.kernel.clock import CHINA, legal_day
from openbeian.observation.probing.judgement import Observed, Window
from openbeian.observation.probing.record import Whose

Period = Literal["day", "month", "year"]

LONGEST_REACH = timedelta(hours=36)
"""A probe speaks for the time until the next one, but for no longer than this: nobody looked."""


@dataclass(frozen=True, slots=True)
class Availability:
    """Seconds of one period in China time, which starts on `start_on`: answered, did not, and nobody can tell.

    Announced maintenance counts as neither. `share` is of the time that is known, None when none is.
    """

    start_on: date
    up_s: int
    down_s: int
    unknown_s: int

    @property
    def share(self) -> float | None:
        known = self.up_s + self.down_s
        return self.up_s / known if known else None


def compute_availability(
    history: Sequence[Observed], period: Period, until: datetime, maintenance: Collection[Window] = ()
) -> list[Availability]:
    """Availability by period from the first probe (oldest first) to `until`, aware instants.

    A time between two probes belongs to the earlier one's answer; a failure that the next probe does not confirm
    counts as unknown, as does what failed for our own reasons.
    """
    sums: dict[date, list[float]] = {}
    for start, end, answer in _spans(history, until):
        for first, last in _outside(start, end, maintenance):
            for piece_start, piece_end in _split(first, last):
                place = {Answer.MET: 0, Answer.NOT_MET: 1, Answer.CANNOT_TELL: 2}[answer]
                counted = sums.setdefault(_begin(legal_day(piece_start), period), [0.0, 0.0, 0.0])
                counted[place] += (piece_end - piece_start).total_seconds()
    return [Availability(day, *(round(seconds) for seconds in sums[day])) for day in sorted(sums)]


def _spans(history: Sequence[Observed], until: datetime) -> Iterator[tuple[datetime, datetime, Answer]]:
    seen = [each for each in history if each.at < until]
    for here, after in pairwise([*seen, None]):
        if here is None:
            return
        end = after.at if after is not None else until
        reach = min(end, here.at + LONGEST_REACH)
        answer = here.outcome
        is_ours = here.whose is Whose.OURS
        is_confirmed = after is not None and after.outcome is Answer.NOT_MET and after.whose is not Whose.OURS
        if answer is Answer.NOT_MET and (is_ours or not is_confirmed):
            answer = Answer.CANNOT_TELL
        yield here.at, reach, answer
        if reach < end:
            yield reach, end, Answer.CANNOT_TELL


def _outside(start: datetime, end: datetime, windows: Collection[Window]) -> Iterator[tuple[datetime, datetime]]:
    """What of a span lies in no window."""
    for window in sorted(windows, key=lambda w: w.start):
        if window.until <= start or window.start >= end:
            continue
        if window.start > start:
            yield start, window.start
        start = max(start, window.until)
    if start < end:
        yield start, end


def _split(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """A span cut at every midnight in China."""
    while start < end:
        midnight = datetime.combine(legal_day(start) + timedelta(days=1), time(), CHINA)
        yield start, min(end, midnight)
        start = min(end, midnight)


def _begin(day: date, period: Period) -> date:
    if period == "day":
        return day
    return day.replace(day=1) if period == "month" else day.replace(month=1, day=1)

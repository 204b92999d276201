"""The one place where the program asks what time it is.

Everything else receives a date or an instant, or calls `now` / `today` here, so that tests can hold the clock
still and the law can be asked about any day.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")

_held: ContextVar[datetime | None] = ContextVar("held_clock", default=None)
_ahead = timedelta()


def now() -> datetime:
    """The present instant, aware, in UTC; in a demonstration whose clock was moved, so many days off."""
    return _held.get() or datetime.now(UTC) + _ahead


def today() -> date:
    """The legal day: the date on the calendar in China."""
    return legal_day(now())


def legal_day(instant: datetime) -> date:
    """The date in China at an aware instant."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(CHINA).date()


def move(days: int) -> None:
    """Moves this process's clock whole days ahead of the real one, or behind it; it goes on ticking.

    Only for a demonstration (`up --demo --today`): the settings call it at the start and nothing else does.
    """
    global _ahead
    _ahead = timedelta(days=days)


@contextmanager
def hold(instant: datetime) -> Iterator[None]:
    """Holds the clock at an instant within the block (tests, time machine, as-of questions)."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    token = _held.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _held.reset(token)

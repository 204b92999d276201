"""What a feed tells next, given what it told last: new, changed, cancelled, forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

KEPT_AFTER_CANCELLING = timedelta(days=90)
"""Long enough that a client that reads once a month still hears of it."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event as a client knows it. `sequence` counts its changes; `changed_at` is an aware instant."""

    key: str
    on: date
    summary: str
    description: str
    path: str
    sequence: int
    changed_at: datetime
    cancelled_at: datetime | None = None

    def says_the_same_as(self, other: Told) -> bool:
        return (self.on, self.summary, self.description, self.path, self.cancelled_at is None) == (
            other.on,
            other.summary,
            other.description,
            other.path,
            other.cancelled_at is None,
        )


def compute_next(
    told: Mapping[str, Told], present: Iterable[Told], now: datetime, window: tuple[date, date]
) -> list[Told]:
    """Every event the feed holds from now on, in order of day and key.

    A date that vanished within the window asked for is cancelled; outside it, it merely passed out of sight and is
    dropped. A cancelled date that comes back is changed once more.
    """
    found: dict[str, Told] = {}
    for event in present:
        last = told.get(event.key)
        if last is None:
            found[event.key] = replace(event, sequence=0, changed_at=now)
        elif last.says_the_same_as(event):
            found[event.key] = last
        else:
            found[event.key] = replace(event, sequence=last.sequence + 1, changed_at=now)
    for key, last in told.items():
        if key in found:
            continue
        if last.cancelled_at is None and window[0] <= last.on <= window[1]:
            found[key] = replace(last, sequence=last.sequence + 1, changed_at=now, cancelled_at=now)
        elif last.cancelled_at is not None and now - last.cancelled_at < KEPT_AFTER_CANCELLING:
            found[key] = last
    return sorted(found.values(), key=lambda event: (event.on, event.key))

"""What a job function gets and gives, when it is tried again, and which period a repeated job belongs to: pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

_FIRST_PAUSE_S = 5
_LONGEST_PAUSE_S = 900


class Progress(Protocol):
    """Called now and then by a running job; raises when the job must stop. Costs nothing and touches no database."""

    def __call__(self, done: int, total: int) -> None: ...


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of background work: its function, and how often it comes round.

    `run(arguments, progress)` returns a JSON result without personal data and is idempotent: a worker can die at
    any line of it. A refusal (OpenBeianError) ends the job; any other exception is tried again later. A job that
    takes longer than a few seconds calls `progress`, or it cannot be cancelled. One that runs longer than
    `longest_s` is taken for stuck: its lease is no longer extended.
    """

    name: str
    run: Callable[[dict[str, Any], Progress], dict[str, Any] | None]
    every_s: int | None = None
    longest_s: int = 3600


def compute_pause(attempts: int) -> timedelta:
    """How long a job rests after its n-th failed attempt: twice as long each time, a quarter of an hour at most."""
    return timedelta(seconds=min(_FIRST_PAUSE_S * 2 ** min(attempts - 1, 20), _LONGEST_PAUSE_S))


def compute_period(at: datetime, every_s: int) -> str:
    """The period an instant falls into, as its number since 1970: the key under which a repeated job runs once."""
    return str(int(at.timestamp()) // every_s)

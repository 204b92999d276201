"""Probes a whole list, so many at once, each finished site written before the next is begun in its place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from openbeian.observation.probing.figures import SweepFigures
from openbeian.observation.probing.judgement import are_mostly_unreached, is_reached
from openbeian.observation.probing.record import ProbeRecord, ProbeTarget


class Probes(Protocol):
    """What probes one site and never raises for what the site does."""

    async def probe(self, target: ProbeTarget) -> ProbeRecord: ...


class Watcher(Protocol):
    """Who is told how the sweep goes."""

    def begun(self, target: ProbeTarget) -> None: ...

    def finished(self, record: ProbeRecord) -> None: ...


@dataclass
class SweepOutcome:
    """What a sweep came to; memory does not grow with the number of sites."""

    figures: SweepFigures = field(default_factory=SweepFigures)
    unreached: int = 0

    @property
    def is_ours(self) -> bool:
        """As `judgement.is_sweep_ours`, counted on the way."""
        return are_mostly_unreached(self.figures.sites, self.unreached)

    def add(self, record: ProbeRecord) -> None:
        self.figures.add(record)
        self.unreached += not is_reached(record)

    def as_json(self) -> dict[str, Any]:
        return {**self.figures.as_json(), "unreached": self.unreached, "is_ours": self.is_ours}


async def sweep_sites(
    targets: Sequence[ProbeTarget],
    probes: Probes,
    *,
    concurrency: int,
    keep: Callable[[ProbeRecord], object],
    watcher: Watcher | None = None,
    finished: Iterable[str] = (),
) -> SweepOutcome:
    """Probes every target whose key is not in `finished`; `keep` stores a record before it counts as done.

    Raises: what `keep` raises (a full disk), after the probes under way were abandoned.
    """
    done = set(finished)
    waiting = iter([target for target in targets if target.key not in done])
    outcome = SweepOutcome()

    async def work() -> None:
        for target in waiting:
            if watcher is not None:
                watcher.begun(target)
            record = await probes.probe(target)
            keep(record)
            outcome.add(record)
            if watcher is not None:
                watcher.finished(record)

    async with asyncio.TaskGroup() as group:
        for _ in range(max(1, concurrency)):
            group.create_task(work())
    return outcome

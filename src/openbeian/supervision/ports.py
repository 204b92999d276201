"""What supervision asks of the outside: to probe sites, and to take a picture of a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from openbeian.observation.probing.record import ProbeRecord, ProbeTarget


class Prober(Protocol):
    """Probes several sites at once, in the background of the caller."""

    @property
    def free(self) -> int:
        """How many more targets it takes now."""

    def submit(self, number: int, target: ProbeTarget) -> None:
        """Begins to probe; `number` comes back with the record."""

    def collect(self, wait_s: float) -> Iterator[tuple[int, ProbeRecord]]:
        """The records that are ready; waits at most so long for the first one."""

    def close(self) -> None:
        """Ends what is still under way."""


class Photographer(Protocol):
    """Draws a page as it was received."""

    def draw_page(self, page: bytes, charset: str) -> bytes | None:
        """A PNG of the page without anything it would fetch; None when no browser is installed or it failed."""

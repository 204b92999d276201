"""Courtesy towards those who are probed: pauses between visits to one host, few connections to one address."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_MOST_KEPT = 20_000


class Pace:
    """Lets one visit at a time to a host, `pause_s` apart, and at most `per_address` at once to an address."""

    def __init__(self, *, pause_s: float, per_address: int) -> None:
        self._pause_s = pause_s
        self._per_address = per_address
        self._next_visit: dict[str, float] = {}
        self._at_address: dict[str, tuple[asyncio.Semaphore, list[None]]] = {}

    @asynccontextmanager
    async def visit(self, host: str, address: str) -> AsyncIterator[None]:
        """Waits for the host's and the address's turn and holds it while the block runs."""
        await self._wait(host)
        entry = self._at_address.setdefault(address, (asyncio.Semaphore(self._per_address), []))
        entry[1].append(None)
        try:
            async with entry[0]:
                yield
        finally:
            entry[1].pop()
            if not entry[1]:
                self._at_address.pop(address, None)

    async def _wait(self, host: str) -> None:
        present = time.monotonic()
        turn = max(self._next_visit.get(host, 0.0), present)
        self._next_visit[host] = turn + self._pause_s
        if len(self._next_visit) > _MOST_KEPT:
            self._next_visit = {name: at for name, at in self._next_visit.items() if at > present}
        if turn > present:
            await asyncio.sleep(turn - present)

"""The pool of probes: a site that hangs keeps nobody waiting, and asking runs ahead of reading within bounds."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from types import SimpleNamespace
from typing import Any, Self

import pytest
from tests.supervision.records import make_record

from openbeian.kernel.answers import Answer
from openbeian.observation.probing.record import ProbeRecord, ProbeTarget
from openbeian.supervision import probing_pool
from openbeian.supervision.probing_pool import ProbingPool


class InventedSites:
    """Stands in for `Prober`: `hanging` ones are let go after a second; pages are of so many bytes, and are read only
    while `is_reading`."""

    def __init__(self, hanging: set[str] = frozenset(), page_bytes: int = 10) -> None:  # type: ignore[assignment]
        self.hanging, self.page_bytes, self.is_reading = hanging, page_bytes, True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *fault: object) -> None:
        """Nothing is held."""

    async def fetch(self, target: ProbeTarget) -> Any:
        if target.domain in self.hanging:
            await probing_pool.asyncio.sleep(1.0)
        if target.domain == "broken.cn":
            raise RuntimeError("a bug")
        return SimpleNamespace(target=target, page_bytes=self.page_bytes)

    async def read(self, visit: Any, give_way: object = None) -> ProbeRecord:
        while not self.is_reading:
            await probing_pool.asyncio.sleep(0.01)
        return make_record(visit.target)


def open_pool(sites: InventedSites, concurrency: int = 2) -> ProbingPool:
    return ProbingPool(lambda: sites, concurrency=concurrency, timeout_s=5)  # type: ignore[arg-type, return-value]


def collect(pool: ProbingPool, wanted: int) -> list[tuple[int, ProbeRecord]]:
    found: list[tuple[int, ProbeRecord]] = []
    until = time.monotonic() + 5
    while len(found) < wanted and time.monotonic() < until:
        found += pool.collect(0.05)
    return found


def wait_for(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 5
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)
    return holds()


def test_a_straggler_holds_neither_the_others_nor_their_places() -> None:
    with closing(open_pool(InventedSites({"slow.cn"}))) as pool:
        began = time.monotonic()
        pool.submit(0, ProbeTarget(0, "slow.cn"))
        for number in range(1, 21):
            assert wait_for(lambda: pool.free > 0)
            pool.submit(number, ProbeTarget(number, f"quick{number}.cn"))
        done = {number for number, _ in collect(pool, 20)}
        assert done == set(range(1, 21))
        assert time.monotonic() - began < 1.0
        assert [number for number, _ in collect(pool, 1)] == [0]


def test_sites_are_asked_while_pages_wait_to_be_read_until_enough_lie_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing_pool, "_MOST_UNREAD_BYTES", 1000)
    sites = InventedSites(page_bytes=100)
    sites.is_reading = False
    with closing(open_pool(sites)) as pool:
        submitted = 0
        while submitted < 100 and wait_for(lambda: pool.free > 0 or pool._unread_bytes > 1000) and pool.free:
            pool.submit(submitted, ProbeTarget(submitted, f"site{submitted}.cn"))
            submitted += 1
        # Far more than are asked at a time, and no more than the bound and those that were under way.
        assert 10 < submitted <= 10 + 1 + 2 * 2
        sites.is_reading = True
        assert len(collect(pool, submitted)) == submitted
        assert pool.free == 4


def test_a_probe_with_a_bug_cannot_tell_and_gives_its_place_back(caplog: pytest.LogCaptureFixture) -> None:
    with closing(open_pool(InventedSites())) as pool:
        pool.submit(1, ProbeTarget(1, "broken.cn"))
        [(_, record)] = collect(pool, 1)
        assert {check.outcome for check in record.checks} == {Answer.CANNOT_TELL}
        assert wait_for(lambda: pool.free == 4)
    assert "a probe of broken.cn failed" in caplog.text

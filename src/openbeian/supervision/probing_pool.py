"""Probes many sites at once on an event loop in a thread of its own, so that the database never meets the loop.

Asking sites runs ahead of reading their pages, as far as a bounded number of bytes: waiting costs nothing, so it is
done early, and a site that hangs until its time is out is waited for while pages of others are read.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack

from openbeian.kernel import clock
from openbeian.kernel.answers import Answer
from openbeian.kernel.text import Text
from openbeian.observation.content.lexicon import load_lexicon
from openbeian.observation.probing.probe import Prober
from openbeian.observation.probing.record import CheckKind, CheckResult, ProbeRecord, ProbeTarget, Whose
from openbeian.observation.probing.visit import Visit

log = logging.getLogger(__name__)

_GRACE_S = 10.0
_GATHER_S = 0.02
_MOST_UNREAD_BYTES = 48 * 1024 * 1024
"""Pages fetched and not read yet, beyond which no further site is taken: what reading takes longer than a time-out."""
_COLLECTED_AFTER = 10_000
"""Objects made between two collections; next to nothing that a probe leaves behind is a cycle."""
_GIVES_WAY_S, _LOOKS_EVERY_S = 0.05, 0.001
_FAULT = Text("探测程序出错", "The probe itself failed")


class ProbingPool:
    """A `ports.Prober`: at most `concurrency` sites are asked at a time, each let go after `timeout_s` whatever it does.

    `make` makes the prober, which lives in the pool's own loop; settings that cannot be used are refused here.
    """

    def __init__(self, make: Callable[[], Prober], *, concurrency: int, timeout_s: float) -> None:
        """Raises: ResolverInvalid, RulebookInvalid or MainlandRangesUnusable."""
        # As many again wait in the loop, so that it never idles while the database is written.
        self._most, self._timeout_s = 2 * concurrency, timeout_s + _GRACE_S
        self._gate = asyncio.Semaphore(concurrency)
        self._tasks: set[asyncio.Task[None]] = set()
        self._done: queue.SimpleQueue[tuple[int, ProbeRecord]] = queue.SimpleQueue()
        self._waiting: deque[tuple[int, ProbeTarget]] = deque()
        self._is_woken = self._is_collecting = False
        self._is_collecting = False
        self._caller = 0
        self._caller_clock: int | None = None
        # The first is counted by the caller's thread, the others by the loop's.
        self._submitted = self._heard = self._unread_bytes = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="probes", daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()
        self._thresholds = gc.get_threshold()
        try:
            self._prober = asyncio.run_coroutine_threadsafe(self._open(make), self._loop).result(timeout=60)
            # Thousands of probes make the collector walk the program and the lexicon again and again: a sixth of the
            # time of a sweep. What is alive now will stay.
            load_lexicon()
            gc.collect()
            gc.freeze()
            gc.set_threshold(_COLLECTED_AFTER)
        except BaseException:
            self._stop()
            raise

    @property
    def free(self) -> int:
        if self._unread_bytes > _MOST_UNREAD_BYTES:
            return 0
        return self._most - (self._submitted - self._heard)

    def submit(self, number: int, target: ProbeTarget) -> None:
        self._submitted += 1
        self._waiting.append((number, target))
        if not self._is_woken:
            self._is_woken = True
            self._loop.call_soon_threadsafe(self._start)

    def collect(self, wait_s: float) -> Iterator[tuple[int, ProbeRecord]]:
        ready: list[tuple[int, ProbeRecord]] = []
        self._is_collecting = True
        if self._caller != threading.get_ident():
            self._caller = threading.get_ident()
            find_clock = getattr(time, "pthread_getcpuclockid", None)  # not everywhere
            self._caller_clock = find_clock(self._caller) if find_clock else None
        try:
            ready.append(self._done.get(timeout=wait_s))
            # Records come one by one; to wake up for each costs more than a short wait for several.
            time.sleep(min(_GATHER_S, wait_s))
            while True:
                ready.append(self._done.get_nowait())
        except queue.Empty:
            return iter(ready)
        finally:
            self._is_collecting = False

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(timeout=_GRACE_S)
        self._stop()
        gc.unfreeze()
        gc.set_threshold(*self._thresholds)

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=_GRACE_S)
        self._loop.close()

    async def _open(self, make: Callable[[], Prober]) -> Prober:
        return await self._stack.enter_async_context(make())

    async def _end(self) -> None:
        tasks = [t for t in asyncio.all_tasks(self._loop) if t is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._stack.aclose()

    def _start(self) -> None:
        self._is_woken = False  # first: what is submitted from here on wakes the loop again, or is begun below
        while self._waiting:
            task = self._loop.create_task(self._run(*self._waiting.popleft()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, number: int, target: ProbeTarget) -> None:
        started = clock.now()
        try:
            async with self._gate:
                started = clock.now()
                visit = await self._fetch(target)
            self._unread_bytes += visit.page_bytes
            try:
                record = await self._prober.read(visit, self._give_way)
            finally:
                self._unread_bytes -= visit.page_bytes
        except Exception:
            # Not the site's doing: it cannot tell, and the log says why.
            log.exception("a probe of %s failed", target.domain)
            checks = tuple(CheckResult(k, Answer.CANNOT_TELL, "probe_failed", Whose.OURS, _FAULT) for k in CheckKind)
            record = ProbeRecord(target, started, clock.now(), checks)
        self._done.put((number, record))

    async def _give_way(self) -> None:
        """Lets the caller's database work go first, for a while.

        One interpreter runs one thread at a time, and a database call gives way at every row: beside a page that is
        read, a transaction takes a hundred times as long, and holds its locks as long. While the caller itself waits,
        for the disk or for another worker's transaction, pages are read.
        """
        await asyncio.sleep(0)
        until, worked = self._loop.time() + _GIVES_WAY_S, self._read_caller_clock()
        while not self._is_collecting and self._loop.time() < until:
            await asyncio.sleep(_LOOKS_EVERY_S)
            before, worked = worked, self._read_caller_clock()
            if worked - before < _LOOKS_EVERY_S / 5:
                return

    def _read_caller_clock(self) -> float:
        """Seconds of processor time that the thread that collects has used; 0 where that cannot be told."""
        return time.clock_gettime(self._caller_clock) if self._caller_clock is not None else 0.0

    async def _fetch(self, target: ProbeTarget) -> Visit:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._prober.fetch(target)
        finally:
            self._heard += 1

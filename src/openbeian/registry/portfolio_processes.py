"""Prepares the batches of a sheet in order: here for a small one, in processes of their own for a large one."""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import IO

from openbeian.privacy.sealing import follow_keyring
from openbeian.registry.errors import SheetUnreadable
from openbeian.registry.portfolio_helper import pack_batch, read_frames, write_frame
from openbeian.registry.portfolio_preparing import Preparer, ReadyBatch, Setting, unpack_batch
from openbeian.registry.sheets.reading import Batch, Sheet

WORTH_A_PROCESS = 4_000
"""Rows of a sheet's first batch from which on a process of its own for the others, which takes half a second to start,
is the shorter way."""
MOST_PROCESSES = 2
_START = "import sys; sys.path[:0] = {path!r}; from openbeian.registry.portfolio_helper import main; main()"


@dataclass(frozen=True, slots=True)
class Preparation:
    """What prepares this sheet's batches; begun anew for each pass over them."""

    setting: Setting
    keyring: Path

    def prepare(self, sheet: Sheet, *, whole: bool, most: int | None = None) -> Generator[ReadyBatch]:
        """Each batch made ready, in order; a few at a time in memory. `whole` and `most` as for `Preparer.prepare`.

        Work begins with the first rows to come, but nothing is given before the sheet has been read to its end.
        Raises: SheetUnreadable.
        """
        if most is None and (os.cpu_count() or 1) > 1 and _is_large(sheet):
            return self._prepare_beside(sheet, whole=whole)
        return self._prepare_here(sheet, whole=whole, most=most)

    def _prepare_here(self, sheet: Sheet, *, whole: bool, most: int | None) -> Generator[ReadyBatch]:
        preparer, left = self._make_preparer(), most
        for first, batch in sheet.batches:
            ready = unpack_batch(preparer.prepare(first, batch, whole=whole, most=left))
            sheet.check_read()
            yield ready
            if left is not None and (left := left - ready.count) <= 0:
                return

    def _prepare_beside(self, sheet: Sheet, *, whole: bool) -> Generator[ReadyBatch]:
        # Writing fills one processor; checking alone leaves two to the helpers.
        count = max(1, min(MOST_PROCESSES, (os.cpu_count() or 1) - whole))
        with ExitStack() as stack:
            shares = [islice(sheet.batches, 1 + n, None, count) for n in range(count)]
            helpers = [stack.enter_context(_Helper(self, share, whole=whole)) for share in shares]
            # While they start, which takes longer than a batch.
            first = next(iter(sheet.batches))
            ready = unpack_batch(self._make_preparer().prepare(*first, whole=whole))
            sheet.check_read()
            yield ready
            for n, _ in enumerate(islice(sheet.batches, 1, None)):
                yield unpack_batch(helpers[n % count].take())

    def _make_preparer(self) -> Preparer:
        return Preparer(self.setting, lambda: follow_keyring(self.keyring))


def _is_large(sheet: Sheet) -> bool:
    """Whether a second batch comes, and the first was worth a process."""
    second = next(islice(sheet.batches, 1, None), None)
    return second is not None and second[0] > WORTH_A_PROCESS


@contextmanager
def collected_between() -> Iterator[Callable[[], None]]:
    """Holds the collector back while batches come and go; what it gives collects what a batch left, once it is let go.

    Their millions of tuples lie in no cycle, and looking through them took a fifth of the writing process's time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield _collect_young
    finally:
        if was_on:
            gc.enable()


def _collect_young() -> None:
    gc.collect(1)


class _Helper:
    """One process, fed by a thread as fast as its answers are taken: pipes hold no more than a few batches."""

    def __init__(self, preparation: Preparation, batches: Iterable[Batch], *, whole: bool) -> None:
        self._preparation, self._batches, self._whole = preparation, batches, whole

    def __enter__(self) -> _Helper:
        start = _START.format(path=[p for p in sys.path if p])
        self._process = subprocess.Popen(  # noqa: S603  our own module, no shell
            [sys.executable, "-I", "-c", start], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._answers = read_frames(_given(self._process.stdout))  # type: ignore[arg-type]
        self._feeder = Thread(target=self._feed, daemon=True)
        self._feeder.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._feeder.join()
        _given(self._process.stdout).close()

    def take(self) -> bytes:
        """The next answer."""
        for answer in self._answers:
            return answer
        raise RuntimeError(f"the process that prepares rows ended with {self._process.wait()}")

    def _feed(self) -> None:
        stdin = _given(self._process.stdin)
        try:
            with stdin:
                write_frame(stdin, pickle.dumps((self._preparation.setting, str(self._preparation.keyring))))  # type: ignore[arg-type]
                for first, batch in self._batches:
                    write_frame(stdin, pack_batch(first, batch, whole=self._whole))  # type: ignore[arg-type]
        except (BrokenPipeError, SheetUnreadable):
            return  # it ended, as `take` says; or the sheet did, as everybody hears who waits for it


def _given(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise RuntimeError("a pipe was asked for")
    return stream

"""A sheet from outside as rows of text: opened by a process with limits, kept here as bounded bytes."""

from __future__ import annotations

import marshal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile
from threading import Condition, Event, Thread, Timer
from typing import IO

from openbeian.registry.errors import SheetUnreadable

LARGEST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 200_000
_LONGEST_S = 180
_FRAME = struct.Struct(">II")
_REFUSED = 2
_CHILD = Path(__file__).with_name("child.py")

Cells = list[str]
Batch = tuple[int, bytes]
"""The number of its first row, and the rows, marshalled."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All rows of one sheet, the heading among them; read as often as needed, a batch at a time in memory as lists.

    Of a sheet that is still being read (`reading_sheet`) everything waits for what it asks for, and raises
    SheetUnreadable where that never comes.
    """

    batches: Iterable[Batch]
    count_rows: Callable[[], int]

    @classmethod
    def of(cls, batches: tuple[Batch, ...], row_count: int) -> Sheet:
        """A sheet that has been read."""
        return cls(batches, lambda: row_count)

    @property
    def row_count(self) -> int:
        """Known only when all has been read without a fault."""
        return self.count_rows()

    def check_read(self) -> None:
        """Waits until all has been read. Raises: SheetUnreadable."""
        self.count_rows()

    def iterate(self) -> Iterator[tuple[int, Cells]]:
        """Each row with its number as a sheet program shows it, from 1."""
        for first, batch in self.batches:
            yield from enumerate(_open(batch), start=first)

    def read_batch(self, number: int) -> tuple[int, list[Cells]]:
        """The batch that holds this row: the number of its first row, and its rows. Raises: LookupError."""
        if not 1 <= number <= self.row_count:
            raise LookupError(number)
        first, batch = next(b for b in reversed(tuple(self.batches)) if b[0] <= number)
        return first, _open(batch)


def _open(batch: bytes) -> list[Cells]:
    rows: list[Cells] = marshal.loads(batch)  # noqa: S302  written by our own child, not by the sheet's author
    return rows


def read_sheet(content: bytes) -> Sheet:
    """An xlsx file or a CSV, told apart by content. Raises: SheetUnreadable with the reason and what to do."""
    with reading_sheet(content) as sheet:
        return Sheet.of(tuple(sheet.batches), sheet.row_count)


@contextmanager
def reading_sheet(content: bytes) -> Iterator[Sheet]:
    """The same sheet while it is being read, for work that can begin with its first rows; the reading ends with it.

    Raises: SheetUnreadable, also later out of the sheet.
    """
    if len(content) > LARGEST_BYTES:
        raise SheetUnreadable.because("large", megabytes=LARGEST_BYTES // 1024**2)
    if not content.strip():
        raise SheetUnreadable.because("empty")
    with TemporaryFile() as word:
        process = subprocess.Popen(  # noqa: S603  our own file, no shell
            [sys.executable, "-I", str(_CHILD), str(MOST_ROWS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=word,
            env={},
        )
        arrivals = _Arrivals()
        reader = Thread(target=_follow, args=(process, content, arrivals, word), daemon=True)
        reader.start()
        try:
            yield Sheet(arrivals, arrivals.count_rows)
        finally:
            process.kill()  # it has ended, unless nobody wants the rest
            reader.join()


@dataclass(slots=True)
class _Arrivals:
    """The batches as they come; whoever goes through them waits for the next one, and learns of the fault at the end."""

    changed: Condition = field(default_factory=Condition)
    come: list[Batch] = field(default_factory=list)
    row_count: int = 0
    is_over: bool = False
    fault: SheetUnreadable | None = None

    def add(self, rows: int, batch: bytes) -> None:
        with self.changed:
            self.come.append((self.row_count + 1, batch))
            self.row_count += rows
            self.changed.notify_all()

    def end(self, fault: SheetUnreadable | None) -> None:
        with self.changed:
            self.is_over, self.fault = True, fault
            self.changed.notify_all()

    def __iter__(self) -> Iterator[Batch]:
        for n in count():
            with self.changed:
                while n >= len(self.come) and not self.is_over:
                    self.changed.wait()
                if n >= len(self.come):
                    break
                batch = self.come[n]
            yield batch
        if self.fault:
            raise self.fault

    def count_rows(self) -> int:
        with self.changed:
            self.changed.wait_for(lambda: self.is_over)
        if self.fault:
            raise self.fault
        return self.row_count


def _follow(process: subprocess.Popen[bytes], content: bytes, arrivals: _Arrivals, word: IO[bytes]) -> None:
    """Hands the file over, takes what comes back, and says at last what became of it."""
    slow, fault = Event(), SheetUnreadable.because("limits")

    def give_up() -> None:
        slow.set()
        process.kill()

    timer = Timer(_LONGEST_S, give_up)
    timer.daemon = True
    timer.start()
    try:
        _exchange(process, content, arrivals)
        code = process.wait()
        word.seek(0)
        said = word.read(20).decode("ascii", "replace")
        if slow.is_set():
            fault = SheetUnreadable.because("damaged")
        elif code == _REFUSED:
            fault = SheetUnreadable.because(said, rows=MOST_ROWS)
        arrivals.end(fault if code else None)
    finally:
        timer.cancel()
        if not arrivals.is_over:
            arrivals.end(fault)  # or whoever waits would wait for good


def _exchange(process: subprocess.Popen[bytes], content: bytes, arrivals: _Arrivals) -> None:
    stdin, stdout = process.stdin, process.stdout
    if stdin is None or stdout is None:
        raise RuntimeError("two pipes were asked for")
    with suppress(BrokenPipeError), stdin:  # it may end before it has read all
        stdin.write(content)
    with stdout:
        while len(head := stdout.read(_FRAME.size)) == _FRAME.size:
            length, rows = _FRAME.unpack(head)
            batch = stdout.read(length)
            if len(batch) < length:
                return
            arrivals.add(rows, batch)

"""A sheet from outside as rows of text: opened by a process with limits, kept here as bounded bytes."""

from __future__ import annotations

import marshal
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from openbeian.registry.errors import SheetUnreadable

LARGEST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 200_000
_LONGEST_S = 180
_FRAME = struct.Struct(">II")
_CHILD = Path(__file__).with_name("child.py")

Cells = list[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All rows of one sheet, the heading among them; read as often as needed, a batch at a time in memory as lists.

    Each batch is the number of its first row and its rows, marshalled.
    """

    batches: tuple[tuple[int, bytes], ...]
    row_count: int

    def iterate(self) -> Iterator[tuple[int, Cells]]:
        """Each row with its number as a sheet program shows it, from 1."""
        for first, batch in self.batches:
            yield from enumerate(_open(batch), start=first)

    def read_batch(self, number: int) -> tuple[int, list[Cells]]:
        """The batch that holds this row: the number of its first row, and its rows. Raises: LookupError."""
        if not 1 <= number <= self.row_count:
            raise LookupError(number)
        first, batch = next(b for b in reversed(self.batches) if b[0] <= number)
        return first, _open(batch)


def _open(batch: bytes) -> list[Cells]:
    rows: list[Cells] = marshal.loads(batch)  # noqa: S302  written by our own child, not by the sheet's author
    return rows


def read_sheet(content: bytes) -> Sheet:
    """An xlsx file or a CSV, told apart by content. Raises: SheetUnreadable with the reason and what to do."""
    if len(content) > LARGEST_BYTES:
        raise SheetUnreadable.because("large", megabytes=LARGEST_BYTES // 1024**2)
    if not content.strip():
        raise SheetUnreadable.because("empty")
    try:
        done = subprocess.run(  # noqa: S603  our own file, no shell
            [sys.executable, "-I", str(_CHILD), str(MOST_ROWS)],
            input=content,
            capture_output=True,
            timeout=_LONGEST_S,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as slow:
        raise SheetUnreadable.because("damaged") from slow
    if done.returncode == 2:
        raise SheetUnreadable.because(done.stderr.decode("ascii", "replace")[:20], rows=MOST_ROWS)
    if done.returncode:
        raise SheetUnreadable.because("limits")
    return _split(done.stdout)


def _split(stream: bytes) -> Sheet:
    at, first = 0, 1
    batches = []
    while at < len(stream):
        length, count = _FRAME.unpack_from(stream, at)
        at += _FRAME.size
        batches.append((first, stream[at : at + length]))
        at, first = at + length, first + count
    return Sheet(tuple(batches), first - 1)

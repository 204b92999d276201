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
_CHILD = Path(__file__).with_name("child.py")

Cells = list[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All rows of one sheet, the heading among them; read as often as needed, a batch at a time in memory as lists."""

    batches: tuple[bytes, ...]

    def iterate(self) -> Iterator[tuple[int, Cells]]:
        """Each row with its number as a sheet program shows it, from 1."""
        number = 0
        for batch in self.batches:
            for cells in marshal.loads(batch):  # noqa: S302  written by our own child, not by the sheet's author
                number += 1
                yield number, cells


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
    return Sheet(tuple(_split(done.stdout)))


def _split(stream: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(stream):
        (length,) = struct.unpack_from(">I", stream, at)
        yield stream[at + 4 : at + 4 + length]
        at += 4 + length

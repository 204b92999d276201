"""Hands out a plain log that is to be read as columns in ranges of bytes, each through pipes: nothing is copied to a disk.

The lines are looked at as little as in a log read in place; a range whose lines turn out not to be in order is written to a
file then and made fit for the grammar. So the cost of a byte does not grow with the log.
"""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from openbeian.observation.traffic.archives import unreadable
from openbeian.observation.traffic.sources import Piece

RANGE = 256 << 20
_BLOCK = 1 << 20
_BOM = b"\xef\xbb\xbf"
_PIPES = (os.cpu_count() or 1) + 2
"""The engine reads one pipe with one of its threads, and keeps all of them busy only if there are more pipes than threads."""
_PATIENCE_S = 0.002


@dataclass(frozen=True, slots=True)
class Range:
    """Whole lines of a log: `size_bytes` from byte `start` on. Only the last line of a log may have no end."""

    start: int
    size_bytes: int

    @property
    def end(self) -> int:
        return self.start + self.size_bytes


def cut_ranges(path: Path, start: int, end: int, size: int = RANGE) -> Iterator[Range]:
    """The lines between two bytes, in ranges of `size` bytes and the rest of a line; a byte order mark is left out.

    Raises: LogUnreadable.
    """
    try:
        with FileIO(path) as log:
            if start == 0 and os.pread(log.fileno(), len(_BOM), 0) == _BOM:
                start = min(len(_BOM), end)
            while start < end:
                cut = _next_line(log.fileno(), start + size, end)
                yield Range(start, cut - start)
                start = cut
    except OSError as fault:
        raise unreadable(path, fault) from fault


def _next_line(log: int, place: int, end: int) -> int:
    """Where the first line begins at or behind a byte."""
    place -= 1
    while place < end and (block := os.pread(log, min(_BLOCK, end - place), place)):
        if (found := block.find(b"\n")) >= 0:
            return place + found + 1
        place += len(block)
    return end


def last_line_end(path: Path, size: int) -> int:
    """Where the last whole line among the first `size` bytes ends; 0 without one. Raises: LogUnreadable."""
    try:
        with FileIO(path) as log:
            place = size
            while place > 0:
                begin = max(place - _BLOCK, 0)
                if (found := os.pread(log.fileno(), place - begin, begin).rfind(b"\n")) >= 0:
                    return begin + found + 1
                place = begin
    except OSError as fault:
        raise unreadable(path, fault) from fault
    return 0


def read_beginning(path: Path, part: Range, size: int) -> bytes:
    """The first bytes of a range. Raises: LogUnreadable."""
    try:
        with FileIO(path) as log:
            return os.pread(log.fileno(), min(size, part.size_bytes), part.start)
    except OSError as fault:
        raise unreadable(path, fault) from fault


@contextmanager
def piped(path: Path, part: Range, folder: Path) -> Iterator[list[Path]]:
    """Named pipes that deliver the range, each a part of its lines, to whoever reads all of them within the block.

    What is not read by then is not delivered. If the file breaks off or cannot be read, fewer bytes come out.
    """
    stopped = threading.Event()
    parts = list(cut_ranges(path, part.start, part.end, max(part.size_bytes // _PIPES, _BLOCK)))
    place = Path(tempfile.mkdtemp(prefix="pipes-", dir=folder))
    pipes = [place / f"{number}.log" for number in range(len(parts))]
    feeders = []
    try:
        for pipe, piece in zip(pipes, parts, strict=True):
            os.mkfifo(pipe, 0o600)
            feeders.append(threading.Thread(target=_feed, args=(path, piece, pipe, stopped), daemon=True))
        for feeder in feeders:
            feeder.start()
        yield pipes
    finally:
        stopped.set()
        for feeder in feeders:
            feeder.join()
        for pipe in pipes:
            pipe.unlink(missing_ok=True)
        place.rmdir()


def _feed(path: Path, piece: Range, pipe: Path, stopped: threading.Event) -> None:
    while True:
        try:
            sink = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
            break
        except OSError as fault:
            if fault.errno != errno.ENXIO or stopped.wait(_PATIENCE_S):  # ENXIO: nobody reads yet
                return
    try:
        os.set_blocking(sink, True)
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            fcntl.fcntl(sink, fcntl.F_SETPIPE_SZ, _BLOCK)
        with FileIO(path) as log:
            place = piece.start
            while place < piece.end and (sent := _send(log.fileno(), sink, place, min(_BLOCK, piece.end - place))):
                place += sent
    except OSError:
        return  # the reader has seen enough, or the file is gone: the reader counts what came
    finally:
        os.close(sink)


def _send(log: int, sink: int, place: int, size: int) -> int:
    # Pages of a file go into a pipe without being copied where the system knows how.
    if hasattr(os, "splice"):
        try:
            return os.splice(log, sink, size, offset_src=place)
        except OSError as fault:
            if fault.errno != errno.EINVAL:
                raise
    return os.write(sink, os.pread(log, size, place))


def copy_range(path: Path, part: Range, folder: Path) -> Piece:
    """The range as a file of its own, which belongs to the caller. Raises: LogUnreadable; OSError when it cannot be written."""
    handle, name = tempfile.mkstemp(prefix="range-", suffix=".log", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            place = part.start
            while place < part.end and (block := read_beginning(path, Range(place, part.end - place), _BLOCK)):
                file.write(block)
                place += len(block)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Piece(Path(name), size_bytes=part.size_bytes)

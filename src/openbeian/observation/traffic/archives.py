"""Opens a log as a stream of decompressed bytes: plain, gzip, zstd or standard input, damaged or not."""

from __future__ import annotations

import hashlib
import io
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol, cast

import zstandard

from openbeian.kernel.text import Text
from openbeian.observation.traffic.errors import LogUnreadable

BLOCK = 4 << 20
HEAD = 4096
STDIN = Path("-")
CORRUPT = (EOFError, zlib.error, zstandard.ZstdError)
"""What damaged archives raise."""


class Stream(Protocol):
    """What is read from: a file, a decompressor or standard input."""

    def read(self, size: int, /) -> bytes: ...


class Decompressor(Protocol):
    """What zlib and zstandard offer alike."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, chunk: bytes, /) -> bytes: ...


class Unpacked:
    """Decompressed bytes, all that can be had: damage is raised only after everything before it was handed out.

    The readers of the libraries lose up to a buffer before the damage, or end in silence. `step` bytes go in at a time,
    so that a bomb unpacks to some megabytes at once. Several frames in a row are one stream; zeros behind are padding.
    """

    def __init__(self, raw: Stream, make: Callable[[], Decompressor], step: int) -> None:
        self._raw, self._make, self._step = raw, make, step
        self._frame: Decompressor | None = None
        self._ready = bytearray()
        self._fault: Exception | None = None

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end. Raises: EOFError, zlib.error, ZstdError for damage."""
        while len(self._ready) < size and self._fault is None:
            chunk = self._raw.read(self._step)
            if not chunk:
                if self._frame is not None and not self._frame.eof:
                    self._fault = EOFError("the last frame is incomplete")
                break
            try:
                self._feed(chunk)
            except (zlib.error, zstandard.ZstdError) as fault:
                self._fault = fault
        if not self._ready and self._fault is not None:
            raise self._fault
        taken = bytes(self._ready[:size])
        del self._ready[:size]
        return taken

    def _feed(self, chunk: bytes) -> None:
        while chunk:
            if self._frame is None or self._frame.eof:
                if self._frame is not None and not chunk.strip(b"\0"):
                    return
                self._frame = self._make()
            self._ready += self._frame.decompress(chunk)
            chunk = self._frame.unused_data if self._frame.eof else b""


@contextmanager
def open_log(path: Path) -> Iterator[tuple[Stream, str]]:
    """The decompressed bytes of a log and its compression (`none`, `gzip`, `zstd`).

    Raises: LogUnreadable when the file cannot be opened or is no file.
    """
    with ExitStack() as stack:
        try:
            if path == STDIN:
                buffered: io.BufferedReader = cast(io.BufferedReader, sys.stdin.buffer)
            elif not path.is_file():
                raise LogUnreadable(path=path, why=Text("不是文件", "it is not a file"))
            else:
                buffered = stack.enter_context(io.BufferedReader(io.FileIO(path), BLOCK))
            magic = buffered.peek(4)[:4]
        except OSError as fault:
            raise unreadable(path, fault) from fault
        if magic.startswith(b"\x1f\x8b"):
            yield Unpacked(buffered, lambda: zlib.decompressobj(wbits=31), step=16 << 10), "gzip"
        elif magic == b"\x28\xb5\x2f\xfd":
            yield (
                Unpacked(buffered, zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj, step=1 << 10),
                "zstd",
            )
        else:
            yield buffered, "none"


def compression_of(path: Path) -> str:
    """How a log is compressed. Raises: LogUnreadable."""
    with open_log(path) as (_, compression):
        return compression


def unreadable(path: Path, fault: OSError) -> LogUnreadable:
    """The refusal for a failure of the operating system."""
    reason = fault.strerror or type(fault).__name__
    return LogUnreadable(path=path, why=Text(f"系统报告 {reason}", reason))


def prefix_sha256(path: Path, length: int) -> str | None:
    """SHA-256 of the first `length` decompressed bytes, or None when the log is shorter or damaged before that."""
    digest = hashlib.sha256()
    try:
        with open_log(path) as (stream, _):
            while length > 0:
                block = stream.read(min(BLOCK, length))
                if not block:
                    return None
                digest.update(block)
                length -= len(block)
    except CORRUPT:
        return None
    except OSError as fault:
        raise unreadable(path, fault) from fault
    return digest.hexdigest()


def read_head(path: Path) -> bytes:
    """The first `HEAD` decompressed bytes, fewer when the log is shorter or damaged. Raises: LogUnreadable."""
    try:
        with open_log(path) as (stream, _):
            return stream.read(HEAD)
    except CORRUPT:
        return b""
    except OSError as fault:
        raise unreadable(path, fault) from fault

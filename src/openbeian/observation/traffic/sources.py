"""Finds log files and hands out their lines in bounded pieces: plain, gzip, zstd or standard input.

A piece is a plain text file in which every line is valid UTF-8, at most `LONGEST_LINE` bytes and free of control
characters; one that breaks this in the original is made visible or marked, never dropped, so that line counts hold.
A piece whose number of lines is not known is a copy of the log's bytes that has not been looked at (`ranges`).
"""

from __future__ import annotations

import glob
import hashlib
import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from openbeian.kernel.text import Text
from openbeian.observation.traffic.archives import BLOCK, CORRUPT, HEAD, STDIN, Stream, open_log, unreadable
from openbeian.observation.traffic.errors import LogUnreadable
from openbeian.observation.traffic.grammars import IIS_FIELDS, LONGEST_LINE, TOO_LONG_MARK

PIECE = 256 << 20
SAMPLE = 256 << 10
DIGEST_BLOCK = 1 << 20
_CONTROL = bytes([*range(0x09), *range(0x0B, 0x20), 0x7F])
_VISIBLE = {i: f"\\x{i:02x}" for i in (*range(0x20), 0x7F) if i != 0x09}

TRUNCATED = Text(
    "压缩文件不完整或已损坏，只计入能读出的部分",
    "the compressed file ends early or is damaged; what could be read is counted",
)


@dataclass(slots=True)
class Content:
    """What a log was found to hold when its last piece has been handed out.

    `size_bytes` and `sha256` describe the decompressed bytes from the beginning of the log up to the end of the last
    line handed out; `head_sha256` covers the first `min(HEAD, size_bytes)` of them. `pending_bytes` counts what
    follows the last newline and was left for later. `fields` is the last IIS `#Fields:` line.
    """

    size_bytes: int = 0
    lines: int = 0
    sha256: str = ""
    head_sha256: str = ""
    pending_bytes: int = 0
    compression: str = "none"
    problem: Text | None = None
    fields: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of a log in a plain file of their own, from line `first_line` on; `lines` is None where none has been looked at."""

    path: Path
    size_bytes: int
    first_line: int = 0
    lines: int | None = None
    fields: str = ""

    def make_fit(self) -> int:
        """Makes lines that have not been looked at fit for the engine; returns their number, which stays the same."""
        made, reader = self.path.with_suffix(".fit"), LineReader(self.path)
        try:
            with made.open("wb") as out:
                for block in reader.plain_blocks():
                    out.write(normalise(block))
            made.replace(self.path)
        finally:
            made.unlink(missing_ok=True)
        return reader.content.lines


def find_logs(names: Sequence[str]) -> list[Path]:
    """Files named directly, by glob or by folder, in a stable order, each once; `-` is standard input.

    Raises: LogUnreadable for a name that matches nothing.
    """
    found: dict[Path, Path] = {}
    for name in names:
        path = Path(name)
        if name == "-":
            matches = [STDIN]
        elif path.is_dir():
            matches = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        elif path.exists():
            matches = [path]
        else:
            matches = sorted(Path(p) for p in glob.glob(name, recursive=True) if Path(p).is_file())  # noqa: PTH207
        if not matches:
            raise LogUnreadable(path=name, why=Text("没有这个文件", "there is no such file"))
        for match in matches:
            found.setdefault(match if match == STDIN else match.resolve(), match)
    return list(found.values())


def sample_lines(path: Path) -> list[str]:
    """The first lines of a log, for recognising its format; empty for standard input, which is read once only."""
    taken = b""
    try:
        with open_log(path) as (stream, _):
            while len(taken) < SAMPLE and (block := stream.read(SAMPLE - len(taken))):
                taken += block
    except CORRUPT:
        pass
    except OSError as fault:
        raise unreadable(path, fault) from fault
    return decode_sample(taken)


def decode_sample(taken: bytes) -> list[str]:
    """Up to 500 whole lines of some bytes; the last, cut one only if it is the only one."""
    lines = taken.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "backslashreplace").splitlines()
    return (lines[:-1] if len(taken) >= SAMPLE and len(lines) > 1 else lines)[:500]


def _has_long_line(block: bytes) -> bool:
    position, end = 0, len(block)
    while position + LONGEST_LINE < end:
        newline = block.rfind(b"\n", position, position + LONGEST_LINE + 1)
        if newline < 0:
            return True
        position = newline + 1
    return False


def _is_clean(block: bytes) -> bool:
    if len(block.translate(None, _CONTROL)) != len(block) or _has_long_line(block):
        return False
    if block.isascii():
        return True
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def visible(line: bytes) -> str:
    """One line as inert text: bad bytes and control characters become escapes, an overlong line is cut and marked."""
    if len(line) > LONGEST_LINE:
        return TOO_LONG_MARK + line[:300].decode("utf-8", "backslashreplace").translate(_VISIBLE)
    return line.decode("utf-8", "backslashreplace").translate(_VISIBLE)


def normalise(block: bytes) -> bytes:
    """Whole lines made fit for the engine; the number of lines stays the same."""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    if _is_clean(block):
        return block
    lines = block.split(b"\n")
    return "\n".join(map(visible, lines)).encode("utf-8", "backslashreplace")


class LineReader:
    """Whole lines from a log in blocks, with their digest; memory stays bounded whatever the length of a line.

    Reading begins at byte `start` (the end of a line). With `complete_only` the bytes after the last newline are left
    as pending, because a log that is being written may end in the middle of a line; a compressed log is not.
    """

    def __init__(self, path: Path, start: int = 0, *, complete_only: bool = False) -> None:
        self.path, self.start, self.complete_only = path, start, complete_only
        self.content = Content()
        self._digest = hashlib.sha256()
        self._head = b""
        self._read_bytes = 0

    def blocks(self) -> Iterator[bytes]:
        """Yields blocks of whole lines, each ending in a newline, not yet normalised; then `content` is final.

        Raises: LogUnreadable when the operating system fails; damage in compressed data is noted in `content`.
        """
        with open_log(self.path) as (stream, self.content.compression):
            while self._read_bytes < self.start and self._take(stream, min(BLOCK, self.start - self._read_bytes)):
                pass
            self._settle()
            yield from self._whole_lines(stream)

    def plain_blocks(self) -> Iterator[bytes]:
        """The same of a file that is plain whatever its first bytes look like."""
        with self.path.open("rb") as stream:
            yield from self._whole_lines(stream)

    def _whole_lines(self, stream: Stream) -> Iterator[bytes]:
        # A line longer than the limit is kept only up to one byte beyond it: enough to be marked as too long.
        carry, seen = b"", 0
        while block := self._read(stream):
            cut = block.rfind(b"\n") + 1
            self._account(block[:cut])
            if cut:
                self._settle()
                self.content.lines += block.count(b"\n")
                yield carry + block[:cut]
                carry, seen = b"", 0
            self._account(block[cut:])
            seen += len(block) - cut
            carry += block[cut : cut + LONGEST_LINE + 1 - len(carry)] if len(carry) <= LONGEST_LINE else b""
        finished = self.content.compression != "none" and self.content.problem is None
        if carry and (finished or not self.complete_only):
            self._settle()
            self.content.lines += 1
            yield carry + b"\n"
        else:
            self.content.pending_bytes = seen

    def _take(self, stream: Stream, size: int) -> bytes:
        block = self._read(stream, size)
        self._account(block)
        return block

    def _read(self, stream: Stream, size: int = BLOCK) -> bytes:
        try:
            return stream.read(size)
        except CORRUPT:
            self.content.problem = TRUNCATED
            return b""
        except OSError as fault:
            raise unreadable(self.path, fault) from fault

    def _account(self, block: bytes) -> None:
        self._digest.update(block)
        self._read_bytes += len(block)
        if len(self._head) < HEAD:
            self._head = (self._head + block)[:HEAD]

    def _settle(self) -> None:
        """Everything read so far belongs to whole lines."""
        self.content.size_bytes = self._read_bytes
        self.content.sha256 = self._digest.hexdigest()
        self.content.head_sha256 = hashlib.sha256(self._head).hexdigest()


class Spool:
    """Pieces of a log written to a temporary folder one after the other; each is removed when the next is asked for.

    For IIS a piece ends where the column list changes, so that every piece has one `#Fields:` line in force.
    """

    def __init__(
        self, reader: LineReader, folder: Path, *, first_line: int = 1, fields: str = "", at_beginning: bool = True
    ) -> None:
        self.reader, self.folder, self._line = reader, folder, first_line
        self._fields, self._bom = fields, at_beginning
        reader.content.fields = fields

    def pieces(self, *, split_fields: bool) -> Iterator[Piece]:
        """Yields the pieces, whose files belong to the caller from then on; `split_fields` for logs with IIS directives."""
        lines = size = 0
        path, file = self._new_file()
        try:
            for block in self._blocks(split_fields):
                if isinstance(block, str) or size + len(block) > PIECE:
                    file.close()
                    if lines:
                        yield Piece(path, size, self._line, lines, self._fields)
                    self._line, lines, size = self._line + lines, 0, 0
                    path, file = self._new_file()
                if isinstance(block, str):
                    self._fields = self.reader.content.fields = block
                    continue
                file.write(block)
                lines += block.count(b"\n")
                size += len(block)
        finally:
            file.close()
        if lines:
            yield Piece(path, size, self._line, lines, self._fields)

    def _new_file(self) -> tuple[Path, BinaryIO]:
        handle, name = tempfile.mkstemp(prefix="piece-", suffix=".log", dir=self.folder)
        return Path(name), os.fdopen(handle, "wb")

    def _blocks(self, split_fields: bool) -> Iterator[bytes | str]:
        """Normalised blocks; a string announces new IIS fields for what follows."""
        for raw in self.reader.blocks():
            block = raw.removeprefix(b"\xef\xbb\xbf") if self._bom else raw
            self._bom = False
            block = normalise(block)
            mark = IIS_FIELDS.encode()
            if not split_fields or mark not in block:
                yield block
                continue
            start = 0
            while (found := block.find(mark, start)) >= 0:
                end = block.index(b"\n", found) + 1
                if found == 0 or block[found - 1 : found] == b"\n":
                    if found:
                        yield block[:found]
                    yield block[found + len(mark) : end].decode().strip()
                    block, start = block[found:], end - found
                else:
                    start = end
            yield block


def describe(path: Path, size: int, stopped: threading.Event | None = None) -> Content:
    """Digests of the first `size` bytes of a plain file that the engine reads itself; its lines are not counted.

    Once `stopped` is set nobody asks for them any more.
    """
    digest, content = hashlib.sha256(), Content(size_bytes=size)
    last = head = b""
    for view in _blocks_of(path, size):
        if stopped and stopped.is_set():
            break
        digest.update(view)
        last, head = bytes(view[-1:]), head or bytes(view[:HEAD])
    content.pending_bytes = 0 if last in {b"\n", b""} else 1
    content.sha256, content.head_sha256 = digest.hexdigest(), hashlib.sha256(head).hexdigest()
    return content


def count_lines(path: Path, size: int) -> int:
    """The lines in the first `size` bytes of a plain file; the last may have no end."""
    lines, last = 0, b"\n"
    for view in _blocks_of(path, size):
        block = bytes(view)
        lines, last = lines + block.count(b"\n"), block[-1:]
    return lines + (last != b"\n")


def _blocks_of(path: Path, size: int) -> Iterator[memoryview]:
    # One room for all blocks: it stays in the processor's cache.
    view = memoryview(bytearray(DIGEST_BLOCK))
    with path.open("rb", buffering=0) as file:
        while size > 0 and (taken := file.readinto(view[: min(DIGEST_BLOCK, size)])):
            yield view[:taken]
            size -= taken


def file_size(path: Path) -> int | None:
    """Size of a plain file; None for standard input, pipes and the like."""
    if path == STDIN or not path.is_file():
        return None
    return os.stat(path).st_size  # noqa: PTH116 - follows links, as open does

"""Hands out a plain log that is to be read as columns in pieces: copies of its bytes, cut at line ends.

The lines are looked at as little as in a log read in place; a piece whose lines turn out not to be in order is made fit
for the grammar afterwards. So the cost of a byte does not grow with the log.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from openbeian.observation.traffic.archives import HEAD, unreadable
from openbeian.observation.traffic.sources import DIGEST_BLOCK, PIECE, Content, Piece

_BOM = b"\xef\xbb\xbf"


class PlainPieces:
    """Pieces of a plain file from byte `start` (the end of a line) on; `content` is final after the last one, but for its number of lines.

    With `complete_only` the bytes after the last newline are left as pending, because the log may still be written.
    """

    def __init__(self, path: Path, folder: Path, *, start: int = 0, complete_only: bool = False) -> None:
        self.path, self.folder, self.start, self.complete_only = path, folder, start, complete_only
        self.content = Content()
        self._digest, self._head, self._read_bytes = hashlib.sha256(), b"", 0
        self._room = bytearray(DIGEST_BLOCK)
        self._view = memoryview(self._room)

    def pieces(self) -> Iterator[Piece]:
        """Yields the pieces, whose files belong to the caller from then on.

        Raises: LogUnreadable when the log cannot be read; OSError when a piece cannot be written.
        """
        with self._opened() as log:
            while self._read_bytes < self.start and (taken := self._read(log, self.start - self._read_bytes)):
                self._account(0, taken)
            self._settle()
            more = True
            while more:
                handle, name = tempfile.mkstemp(prefix="range-", suffix=".log", dir=self.folder)
                path = Path(name)
                try:
                    with os.fdopen(handle, "wb", buffering=0) as file:
                        more = self._fill(file, log)
                        size = file.tell()
                except BaseException:
                    path.unlink(missing_ok=True)
                    raise
                if size:
                    yield Piece(path, size_bytes=size)
                else:
                    path.unlink()

    def _fill(self, file: FileIO, log: FileIO) -> bool:
        """Writes whole lines into a piece until it is large enough; False when the log ends."""
        room, size, rest = self._room, 0, 0
        while taken := self._read(log):
            first = len(_BOM) if self._read_bytes == 0 and room.startswith(_BOM, 0, taken) else 0
            cut = room.rfind(b"\n", 0, taken) + 1
            if size + taken > PIECE and cut:
                # What follows the last line end is read again for the next piece.
                log.seek(cut - taken, os.SEEK_CUR)
                taken = cut
            self._write(file, first, taken)
            size += taken
            if cut:
                self._account(0, cut)
                self._settle()
                rest = 0
            self._account(cut, taken)
            rest += taken - cut
            if not rest and size >= PIECE - DIGEST_BLOCK:
                return True
        if rest and self.complete_only:
            file.truncate(max(file.tell() - rest, 0))  # a byte order mark is not written
            file.seek(0, os.SEEK_END)
            self.content.pending_bytes = rest
        elif rest:
            file.write(b"\n")
            self._settle()
        return False

    def _opened(self) -> FileIO:
        try:
            return FileIO(self.path)
        except OSError as fault:
            raise unreadable(self.path, fault) from fault

    def _read(self, log: FileIO, limit: int = DIGEST_BLOCK) -> int:
        try:
            return log.readinto(self._view[: min(limit, DIGEST_BLOCK)]) or 0
        except OSError as fault:
            raise unreadable(self.path, fault) from fault

    def _write(self, file: FileIO, begin: int, end: int) -> None:
        while begin < end:
            begin += file.write(self._view[begin:end]) or 0

    def _account(self, begin: int, end: int) -> None:
        self._digest.update(self._view[begin:end])
        self._read_bytes += end - begin
        if len(self._head) < HEAD:
            self._head = (self._head + self._view[begin:end])[:HEAD]

    def _settle(self) -> None:
        """Everything read so far belongs to whole lines."""
        self.content.size_bytes = self._read_bytes
        self.content.sha256 = self._digest.hexdigest()
        self.content.head_sha256 = hashlib.sha256(self._head).hexdigest()

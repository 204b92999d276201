"""Undoes a body's compression piece by piece and stops at a limit, so that a small answer cannot fill the memory."""

from __future__ import annotations

import zlib

_GZIP = b"\x1f\x8b"
_PIECE_BYTES = 64 * 1024


class PackedBadly(Exception):
    """The body is not what its header says."""


class TooMuch(Exception):
    """More than the limit comes out."""


class Unpacking:
    """Takes a body's pieces and gives what they hold. `encoding` is the header's value, in lower case."""

    def __init__(self, encoding: str, most_bytes: int) -> None:
        """Raises: PackedBadly for an encoding that was not asked for."""
        if encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise PackedBadly(encoding[:20])
        self._encoding = encoding if encoding not in {"", "identity"} else ""
        self._left = most_bytes
        self._unpacker: zlib._Decompress | None = None
        self._is_first = True

    def add(self, piece: bytes) -> bytes:
        """What a piece holds. Raises: PackedBadly; TooMuch once the limit is passed."""
        if not self._encoding:
            return self._count(piece)
        pieces = []
        try:
            while piece:
                if self._unpacker is None:
                    self._unpacker = self._begin(piece)
                pieces.append(self._count(self._unpacker.decompress(piece, min(self._left + 1, _PIECE_BYTES))))
                piece = self._unpacker.unconsumed_tail
                if self._unpacker.eof:
                    # A second member may follow; anything else behind the end is padding and is dropped.
                    piece = self._unpacker.unused_data if self._unpacker.unused_data.startswith(_GZIP) else b""
                    if piece:
                        self._unpacker = None
        except zlib.error as fault:
            raise PackedBadly(str(fault)[:80]) from None
        return b"".join(pieces)

    def is_complete(self) -> bool:
        """Whether the compressed stream came to its end."""
        return self._unpacker is None or self._unpacker.eof

    def _begin(self, piece: bytes) -> zlib._Decompress:
        if self._encoding == "deflate":
            # Servers send both the wrapped form, which the standard means, and the bare one.
            wrapped = len(piece) > 1 and piece[0] & 0x0F == 8 and int.from_bytes(piece[:2]) % 31 == 0
            return zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        return zlib.decompressobj(16 + zlib.MAX_WBITS)

    def _count(self, piece: bytes) -> bytes:
        self._left -= len(piece)
        if self._left < 0:
            raise TooMuch
        return piece

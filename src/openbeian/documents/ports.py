"""What the documents package asks of the outside: a place for bytes under names of our own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol


class DocumentStorage(Protocol):
    """Keeps files under 32 hexadecimal characters; a name is written once and never changed."""

    def put(self, name: str, content: bytes) -> None:
        """Stores all of it or nothing, readable by this installation only."""

    def get(self, name: str) -> bytes:
        """Raises: FileNotFoundError."""

    def delete(self, name: str) -> None:
        """Deletes the file; nothing happens when it is gone already."""

    def list_older_than(self, instant: datetime) -> Iterator[str]:
        """The names of files, finished or half written, last touched before the instant."""

"""The storage port on a file system: random names two folders deep, outside the web root."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from openbeian.documents.ports import DocumentStorage

_NAME = re.compile(r"[0-9a-f]{32}(\.part)?")


def generate_name() -> str:
    """128 random bits; nothing of the upload is in it."""
    return secrets.token_hex(16)


class FileStorage:
    """Files of mode 0600 as `ab/abcdef…` below a folder of mode 0700."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, content: bytes) -> None:
        path = self._path(name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_name(f"{name}.part")
        # O_EXCL: a name is never written twice, and no link planted there is followed.
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)

    def get(self, name: str) -> bytes:
        return self._path(name).read_bytes()

    def delete(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def list_older_than(self, instant: datetime) -> Iterator[str]:
        if not self.folder.is_dir():
            return
        for folder in sorted(self.folder.iterdir()):
            for file in sorted(folder.iterdir()) if folder.is_dir() else ():
                if _NAME.fullmatch(file.name) and datetime.fromtimestamp(file.stat().st_mtime, UTC) < instant:
                    yield file.name

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a stored name: {name[:40]!r}")
        return self.folder / name[:2] / name


@lru_cache(maxsize=4)
def _storage_at(folder: Path) -> FileStorage:
    return FileStorage(folder)


def get_storage() -> DocumentStorage:
    """The storage of this installation."""
    return _storage_at(settings.DOCUMENTS_FOLDER)

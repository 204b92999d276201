"""Raw logs on their way into the counts: uploads, gone once counted or after two days, and each organisation's drop folder."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.observation.traffic.errors import LogGone, LogUnreadable

KEPT_S = 48 * 3600
LARGEST_BYTES = 4 << 30
_NAME = re.compile(r"\d{1,18}-[0-9a-f]{32}")
_UNSAFE = re.compile(r"[^\w.-]+")


def keep_upload(organisation_id: int, file_name: str, blocks: Iterable[bytes]) -> str:
    """Stores a log under a name that nobody can guess and that tells whose it is. Old ones go on the way.

    Raises: LogUnreadable when it is larger than 4 GiB.
    """
    folder = _uploads()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.stat().st_mtime < clock.now().timestamp() - KEPT_S:
            shutil.rmtree(old, ignore_errors=True)
    name = f"{organisation_id}-{secrets.token_hex(16)}"
    place = folder / name
    place.mkdir(mode=0o700)
    size = 0
    with (place / clean_name(file_name)).open("wb") as file:
        for block in blocks:
            size += len(block)
            if size > LARGEST_BYTES:
                shutil.rmtree(place)
                raise LogUnreadable(path=clean_name(file_name), why=Text("超过 4 GiB", "it is larger than 4 GiB"))
            file.write(block)
    return name


def clean_name(file_name: str) -> str:
    """A file name of letters, digits, dots and hyphens, at most 100 of them; never hidden, never a pattern."""
    return _UNSAFE.sub("_", file_name.rpartition("/")[2]).lstrip(".")[-100:] or "access.log"


def find_upload(organisation_id: int, name: str) -> Path:
    """The log of an upload. Raises: LogGone, also for another organisation's."""
    if not _NAME.fullmatch(name) or not name.startswith(f"{organisation_id}-"):
        raise LogGone
    files = list((_uploads() / name).glob("*"))
    if not files:
        raise LogGone
    return files[0]


def forget_upload(organisation_id: int, name: str) -> None:
    """Removes an upload that was counted."""
    find_upload(organisation_id, name)
    shutil.rmtree(_uploads() / name, ignore_errors=True)


def drop_folder(organisation_id: int) -> Path:
    """Where an operator lets the web servers of an organisation put their logs; its files are read and left alone."""
    return Path(settings.HOME) / "logs" / str(organisation_id)


def list_dropped(organisation_id: int) -> list[tuple[str, int]]:
    """Name and size in bytes of the logs in the drop folder, by name; at most a thousand."""
    folder = drop_folder(organisation_id)
    files = sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))[:1000]
    return [(str(path.relative_to(folder)), path.stat().st_size) for path in files]


def _uploads() -> Path:
    return Path(settings.HOME) / "traffic" / "uploads"

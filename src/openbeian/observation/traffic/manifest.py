"""The list of what has been saved: which logs, up to which byte, into which files. It alone decides what counts.

A file of counts that the manifest does not name does not exist for any reader; so a save becomes true in one rename.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from openbeian.kernel.text import Text
from openbeian.observation.traffic.errors import StoreBusy, StoreFailed

VERSION = 3
_READABLE = (2, 3)  # 2 knew no forgotten visitors


@dataclass(slots=True)
class SavedLog:
    """One log, known by its content: the digest of its first `size_bytes` decompressed bytes, all whole lines.

    The line numbers run from 1 to `lines`; excluded and rejected are counts by rule and reason; `labels` are the services
    (host names, or the name given to the log) that its counted lines belong to.
    """

    path: str
    service: str | None
    size_bytes: int
    lines: int
    sha256: str
    head_sha256: str
    fields: str = ""
    formats: list[str] = field(default_factory=list)
    counted: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)
    rules: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    saved_at: str = ""
    labels: list[str] = field(default_factory=list)
    merged: bool = False


@dataclass(slots=True)
class ForgottenVisitors:
    """The days before `before` (ISO date) hold counts without visitors, drawn by these versions of the rules at `at`."""

    before: str = ""
    files: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    at: str = ""


@dataclass(slots=True)
class Manifest:
    """All saved logs of an installation; `merged` logs have days whose visitors are forgotten."""

    logs: list[SavedLog] = field(default_factory=list)
    forgotten: ForgottenVisitors = field(default_factory=ForgottenVisitors)

    def files(self) -> set[str]:
        """Names of the files of counts, relative to the store."""
        return {name for log in self.logs for name in log.files} | {*self.forgotten.files}

    @property
    def labels(self) -> list[str]:
        """Every service with saved counts."""
        return sorted({label for log in self.logs for label in log.labels})

    @property
    def reference(self) -> str:
        """SHA-256 over the digests of all saved logs and their files: names exactly what figures were drawn from."""
        named = sorted((log.sha256, *sorted(log.files)) for log in self.logs)
        if self.forgotten.files:
            named.append(("forgotten", *sorted(self.forgotten.files)))
        return hashlib.sha256(json.dumps(named).encode()).hexdigest()


def failed(fault: Exception) -> StoreFailed:
    """The refusal for a failure of disk or system."""
    reason = (fault.strerror if isinstance(fault, OSError) else None) or str(fault).splitlines()[0][:200]
    return StoreFailed(why=Text(f"系统报告 {reason}", reason))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a store; empty when nothing was ever saved.

    Raises: StoreFailed when it cannot be read; it is never overwritten then.
    """
    path = folder / "manifest.json"
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        if content["version"] not in _READABLE:
            raise ValueError(f"version {content['version']}")
        forgotten = ForgottenVisitors(**content.get("forgotten", {}))
        return Manifest([SavedLog(**log) for log in content["logs"]], forgotten)
    except FileNotFoundError:
        return Manifest()
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise failed(fault) from fault


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replaces the manifest in one step; what it names must be on disk already. Raises: OSError."""
    aside = folder / "manifest.json.new"
    with aside.open("w", encoding="utf-8") as file:
        content = {"version": VERSION, **asdict(manifest)}
        json.dump(content, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(folder / "manifest.json")
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Makes renames and new files in a folder last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps other savers out; the lock dies with its process. Raises: StoreBusy, StoreFailed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("a")
    except OSError as fault:
        raise failed(fault) from fault
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise StoreBusy() from fault
        yield


def visitor_key(folder: Path) -> str:
    """The secret that makes stored visitors pseudonyms; made once, readable by its owner only. Raises: OSError."""
    path = folder / "visitor.key"
    if not path.exists():
        aside = folder / "visitor.key.new"
        aside.unlink(missing_ok=True)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    return path.read_text(encoding="ascii")

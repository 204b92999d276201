"""Adds the counts of another store, so that several machines can each save their own logs and be reported as one."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openbeian.kernel.text import Text
from openbeian.observation.traffic.errors import StoreUnmergeable
from openbeian.observation.traffic.manifest import (
    Manifest,
    SavedLog,
    failed,
    locked,
    read_manifest,
    sync_folder,
    visitor_key,
    write_manifest,
)
from openbeian.observation.traffic.store import sweep

_KEY = "visitor.key"


@dataclass(frozen=True, slots=True)
class Merged:
    """Logs whose counts were added, and those that this store had already."""

    added: int
    known: int

    def as_json(self) -> dict[str, Any]:
        return {"added": self.added, "known": self.known}


def merge_store(folder: Path, other: Path) -> Merged:
    """Adds what `other` saved to the store in `folder`; doing it again changes nothing. `other` is only read.

    Visitors unite because both stores use the same `visitor.key`; an empty store takes over the key of the other. A log
    is to be saved on one machine: one that both saved at different lengths is refused where that can be seen.
    Raises: StoreUnmergeable, StoreBusy, StoreFailed.
    """
    with locked(folder):
        mine, theirs = read_manifest(folder), read_manifest(other)
        if not theirs.logs:
            raise _refused(other, Text("那里没有已保存的统计", "nothing is saved there"))
        try:
            _check_key(folder, mine, other)
            new = _list_new(mine, theirs, other)
            with_forgotten = any(log.merged for log in new)
            names = [name for log in new for name in log.files]
            names += theirs.forgotten.files if with_forgotten else []
            sweep(folder, mine)
            _copy(folder, other, names)
            mine.logs += new
            if with_forgotten:
                mine.forgotten.files += theirs.forgotten.files
                mine.forgotten.rules += [r for r in theirs.forgotten.rules if r not in mine.forgotten.rules]
            if new:
                write_manifest(folder, mine)
        except OSError as fault:
            raise failed(fault) from fault
        return Merged(len(new), len(theirs.logs) - len(new))


def _refused(other: Path, why: Text) -> StoreUnmergeable:
    return StoreUnmergeable(path=other, why=why)


def _check_key(folder: Path, mine: Manifest, other: Path) -> None:
    theirs = (other / _KEY).read_text(encoding="ascii")
    if not mine.logs:
        (folder / _KEY).unlink(missing_ok=True)
        aside = folder / f"{_KEY}.new"
        aside.unlink(missing_ok=True)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(theirs)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(folder / _KEY)
    elif visitor_key(folder) != theirs:
        why = Text(
            "两边的 visitor.key 不同，同一访客会被算作两个；请在第一次保存前把 visitor.key 复制到每台机器",
            "the visitor.key differs, so that one visitor would count as two; copy visitor.key to each machine before its first save",
        )
        raise _refused(other, why)


def _list_new(mine: Manifest, theirs: Manifest, other: Path) -> list[SavedLog]:
    """Their logs that are not here. Raises: StoreUnmergeable where adding them would count something twice or lose it."""
    digests, heads = {log.sha256 for log in mine.logs}, {log.head_sha256 for log in mine.logs}
    new = [log for log in theirs.logs if log.sha256 not in digests]
    grown = [log.path for log in new if log.head_sha256 in heads]
    if grown:
        why = Text(f"{grown[0]} 在两边保存到不同的长度", f"{grown[0]} was saved at different lengths in both")
        raise _refused(other, why)
    if any(log.merged for log in new):
        if any(log.merged for log in theirs.logs if log.sha256 in digests):
            why = Text(
                "那里合并了访客标识的日志有些这里已有", "some logs whose visitors are forgotten there are here already"
            )
            raise _refused(other, why)
        if theirs.forgotten.before > mine.forgotten.before:
            before = theirs.forgotten.before
            why = Text(
                f"那里 {before} 以前的访客标识已删除；请先在这里运行 traffic forget-visitors --before {before}",
                f"visitors before {before} are forgotten there; run traffic forget-visitors --before {before} here first",
            )
            raise _refused(other, why)
    return new


def _copy(folder: Path, other: Path, names: list[str]) -> None:
    """Copies files of counts, safe on disk; a name is as unique as the random number in it."""
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with (other / name).open("rb") as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy)
            copy.flush()
            os.fsync(copy.fileno())
        sync_folder(target.parent)
    if names:
        sync_folder(folder / "counts")

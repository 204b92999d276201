"""The results of one sweep as a file of JSON lines, written site by site, so that a killed sweep goes on where it was.

Line 1 says which sweep it is; each further line is one finished site; the last line ends it. A line cut off by a
crash is dropped. The kernel keeps what was written by a process that is killed, so a line needs no fsync of its own.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from openbeian.kernel.clock import now
from openbeian.observation.probing.errors import OutputOccupied, SweepRunning
from openbeian.observation.probing.json_form import to_json_form
from openbeian.observation.probing.record import PROBE_VERSION, ProbeRecord, ProbeTarget

RESUMABLE_FOR = timedelta(hours=24)
"""An older sweep that was cut off is not continued: its first results would be stale beside the last."""

_LONGEST_LINE_BYTES = 64 * 1024 * 1024


@dataclass
class SweepLog:
    """An open sweep. `finished` are the keys of the sites that need no probe any more."""

    path: Path
    started_at: datetime
    file: BinaryIO
    finished: set[str] = field(default_factory=set)

    def append(self, record: ProbeRecord) -> bytes:
        """Writes one finished site; returns its line."""
        line = write_line(record)
        self.file.write(line)
        self.file.flush()
        self.finished.add(record.target.key)
        return line

    def end(self, summary: dict[str, Any]) -> None:
        """Ends the sweep: the next one of the same list starts anew."""
        self.file.write(_line({"finished": {"at": now().isoformat(), **summary}}))
        self.file.flush()
        os.fsync(self.file.fileno())


def write_line(record: ProbeRecord) -> bytes:
    """One finished site as a line of JSON."""
    return _line(to_json_form(record.without_page()) | {"key": record.target.key, "page_sha256": _sha256(record)})


def _sha256(record: ProbeRecord) -> str:
    seen = [e.page_sha256 for e in (record.http, record.https) if e is not None and e.page_sha256]
    return seen[0] if seen else ""


def _line(form: object) -> bytes:
    return json.dumps(form, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def digest_of(targets: Sequence[ProbeTarget]) -> str:
    """Names a list of sites by what is to be checked, in hexadecimal."""
    digest = hashlib.sha256(PROBE_VERSION.encode())
    for target in targets:
        digest.update(_line(to_json_form(target)))
    return digest.hexdigest()


@contextmanager
def open_sweep(targets: Sequence[ProbeTarget], folder: Path, output: Path | None = None) -> Iterator[SweepLog]:
    """The unfinished sweep of this list if it is younger than RESUMABLE_FOR, else a new one.

    `output` names the file; without it one is made in `folder`. A finished sweep of that name is written over.

    Raises: SweepRunning; OutputOccupied for a file that no sweep wrote.
    """
    digest = digest_of(targets)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if output and output.exists() and not _is_sweep(output):
        raise OutputOccupied(path=output)
    candidates = [output] if output else sorted(folder.glob(f"{digest[:16]}-*.jsonl"), reverse=True)[:1]
    path = next((each for each in candidates if each.exists() and _is_open(each, digest)), None)
    is_new = path is None
    path = path or output or folder / f"{digest[:16]}-{now():%Y%m%dT%H%M%S%f}.jsonl"
    path.touch(mode=0o600)
    with path.open("r+b") as file:
        _lock(file)
        log = SweepLog(path, now(), file)
        if is_new:
            file.truncate(0)
            head = {"digest": digest, "started_at": log.started_at.isoformat(), "sites": len(targets)}
            file.write(_line({"sweep": head | {"probe_version": PROBE_VERSION}}))
            file.flush()
        else:
            _recover(log)
        yield log


def _lock(file: BinaryIO) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise SweepRunning from None


def _is_sweep(path: Path) -> bool:
    """Whether a file begins as a sweep's, or is empty."""
    with path.open("rb") as file:
        head = file.read(9)
    return head in {b"", b'{"sweep":'}


def _is_open(path: Path, digest: str) -> bool:
    """Whether a file is this list's sweep, young enough, and without an end."""
    try:
        with path.open("rb") as file:
            head = json.loads(file.readline(_LONGEST_LINE_BYTES))["sweep"]
            started = datetime.fromisoformat(head["started_at"])
            if head["digest"] != digest or now() - started > RESUMABLE_FOR:
                return False
            file.seek(max(0, path.stat().st_size - 65536))
            return b'\n{"finished":' not in b"\n" + file.read()
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _recover(log: SweepLog) -> None:
    """Reads which sites are finished, and cuts off what a crash left half written."""
    log.file.seek(0)
    log.started_at = datetime.fromisoformat(json.loads(log.file.readline())["sweep"]["started_at"])
    good = log.file.tell()
    for line in log.file:
        try:
            log.finished.add(json.loads(line)["key"])
        except (ValueError, KeyError, TypeError):
            break
        if not line.endswith(b"\n"):
            break
        good += len(line)
    log.file.truncate(good)
    log.file.seek(good)


def read_results(path: Path) -> Iterable[dict[str, Any]]:
    """The finished sites of a sweep's file, as JSON; the first and last line are passed over."""
    with path.open("rb") as file:
        for line in file:
            form = json.loads(line)
            if "key" in form:
                yield form

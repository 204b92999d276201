"""The simulated bureau's memory: one SQLite file in WAL mode, every call one transaction, so that kill -9 loses nothing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from openbeian.kernel import clock

_SCHEMA = """
CREATE TABLE IF NOT EXISTS random_value (value TEXT PRIMARY KEY, seen_at TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS random_value_age ON random_value (seen_at);
CREATE TABLE IF NOT EXISTS uploaded (
    sequence INTEGER PRIMARY KEY, digest TEXT NOT NULL, file_name TEXT NOT NULL, archive BLOB NOT NULL,
    accepted_at TEXT NOT NULL, due_at TEXT NOT NULL, is_processed INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS uploaded_waiting ON uploaded (is_processed, sequence);
CREATE TABLE IF NOT EXISTS outgoing (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, archive BLOB NOT NULL,
    made_at TEXT NOT NULL, acknowledged_at TEXT);
CREATE INDEX IF NOT EXISTS outgoing_waiting ON outgoing (acknowledged_at, id);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS filing (
    subject_id INTEGER PRIMARY KEY, number TEXT NOT NULL, own_id INTEGER, password TEXT NOT NULL, xml BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS filing_key (
    kind TEXT NOT NULL, value TEXT NOT NULL, subject_id INTEGER NOT NULL REFERENCES filing ON DELETE CASCADE,
    PRIMARY KEY (kind, value)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS filing_key_subject ON filing_key (subject_id);
CREATE TABLE IF NOT EXISTS held_range (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, own_id INTEGER, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS held_domain (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, own_id INTEGER);
CREATE TABLE IF NOT EXISTS refused_call (
    minute TEXT NOT NULL, method TEXT NOT NULL, reason TEXT NOT NULL, calls INTEGER NOT NULL,
    PRIMARY KEY (minute, method, reason)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS password_check (number TEXT NOT NULL, checked_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS password_check_number ON password_check (number, checked_at);
"""
_RANDOM_VALUES_KEPT = timedelta(days=1)
_REFUSALS_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file the bureau accepted."""

    sequence: int
    digest: str
    file_name: str
    archive: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A file that waits for its acknowledgement."""

    id: int
    name: str
    archive: bytes


class Store:
    """Serialises all access: one connection, one lock, one transaction at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self.connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        path.chmod(0o600)
        self.connection.execute("PRAGMA journal_mode=WAL")
        # NORMAL keeps every commit through a killed process, which is what is promised; only power loss needs more.
        self.connection.execute("PRAGMA synchronous=NORMAL")
        self.connection.execute("PRAGMA foreign_keys=ON")
        self.connection.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens or nothing does."""
        with self._lock:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")

    def allot(self, counter: str) -> int:
        """The next number of a counter, from 1."""
        self.connection.execute(
            "INSERT INTO counter VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1", (counter,)
        )
        (value,) = self.connection.execute("SELECT value FROM counter WHERE name = ?", (counter,)).fetchone()
        return int(value)

    def take_random_value(self, value: str) -> bool:
        """Remembers a random value for a day; False when it was used before."""
        now = clock.now()
        oldest = (now - _RANDOM_VALUES_KEPT).isoformat()
        self.connection.execute("DELETE FROM random_value WHERE seen_at < ?", (oldest,))
        taken = self.connection.execute("INSERT OR IGNORE INTO random_value VALUES (?, ?)", (value, now.isoformat()))
        return taken.rowcount == 1

    def get_last_sequence(self) -> int:
        (value,) = self.connection.execute("SELECT coalesce(max(sequence), 0) FROM uploaded").fetchone()
        return int(value)

    def find_upload(self, sequence: int) -> Uploaded | None:
        row = self.connection.execute(
            "SELECT sequence, digest, file_name, archive FROM uploaded WHERE sequence = ?", (sequence,)
        ).fetchone()
        return Uploaded(*row) if row else None

    def add_upload(self, upload: Uploaded, due_at: datetime) -> None:
        self.connection.execute(
            "INSERT INTO uploaded (sequence, digest, file_name, archive, accepted_at, due_at) VALUES (?, ?, ?, ?, ?, ?)",
            (
                upload.sequence,
                upload.digest,
                upload.file_name,
                upload.archive,
                clock.now().isoformat(),
                due_at.isoformat(),
            ),
        )

    def count_unprocessed(self) -> int:
        (value,) = self.connection.execute("SELECT count(*) FROM uploaded WHERE is_processed = 0").fetchone()
        return int(value)

    def list_due(self) -> Sequence[int]:
        """The sequence numbers of uploads whose processing may begin."""
        rows = self.connection.execute(
            "SELECT sequence FROM uploaded WHERE is_processed = 0 AND due_at <= ? ORDER BY sequence",
            (clock.now().isoformat(),),
        )
        return [int(sequence) for (sequence,) in rows]

    def mark_processed(self, sequence: int) -> None:
        self.connection.execute("UPDATE uploaded SET is_processed = 1 WHERE sequence = ?", (sequence,))

    def add_outgoing(self, name: str, archive: bytes) -> None:
        self.connection.execute(
            "INSERT INTO outgoing (name, archive, made_at) VALUES (?, ?, ?)", (name, archive, clock.now().isoformat())
        )

    def list_outgoing(self, limit: int) -> Sequence[Outgoing]:
        """The oldest files without an acknowledgement."""
        rows = self.connection.execute(
            "SELECT id, name, archive FROM outgoing WHERE acknowledged_at IS NULL ORDER BY id LIMIT ?", (limit,)
        )
        return [Outgoing(*row) for row in rows]

    def acknowledge(self, name: str) -> bool:
        """Marks a file as received; True also for one acknowledged before, False for an unknown name."""
        self.connection.execute(
            "UPDATE outgoing SET acknowledged_at = ? WHERE name = ? AND acknowledged_at IS NULL",
            (clock.now().isoformat(), name),
        )
        return self.connection.execute("SELECT 1 FROM outgoing WHERE name = ?", (name,)).fetchone() is not None

    def note_refusal(self, method: str, reason: str) -> bool:
        """Counts a refused call by minute, method and reason, so that a flood stays one line; True for the first."""
        now = clock.now()
        oldest = f"{now - _REFUSALS_KEPT:%Y-%m-%dT%H:%M}"
        self.connection.execute("DELETE FROM refused_call WHERE minute < ?", (oldest,))
        (calls,) = self.connection.execute(
            "INSERT INTO refused_call VALUES (?, ?, ?, 1) "
            "ON CONFLICT (minute, method, reason) DO UPDATE SET calls = calls + 1 RETURNING calls",
            (f"{now:%Y-%m-%dT%H:%M}", method[:60], reason[:60]),
        ).fetchone()
        return int(calls) == 1

    def list_refusals(self, limit: int) -> Sequence[tuple[str, str, str, int]]:
        """The latest refused calls: minute (UTC), method, reason, how many."""
        return self.connection.execute(
            "SELECT minute, method, reason, calls FROM refused_call ORDER BY minute DESC, method, reason LIMIT ?",
            (limit,),
        ).fetchall()

    def count_password_checks(self, number: str, since: datetime) -> int:
        (value,) = self.connection.execute(
            "SELECT count(*) FROM password_check WHERE number = ? AND checked_at > ?", (number, since.isoformat())
        ).fetchone()
        return int(value)

    def add_password_check(self, number: str) -> None:
        self.connection.execute("INSERT INTO password_check VALUES (?, ?)", (number, clock.now().isoformat()))

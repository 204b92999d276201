"""An outbox and an inbox in one SQLite file: the doubles of the exchange's ports, durable enough to be killed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from openbeian.authority.errors import AuthorityError, OpenBeianError
from openbeian.authority.messages.download import Download
from openbeian.authority.messages.reader import Reading
from openbeian.authority.ports import Parcel, Receipt

_SCHEMA = """
CREATE TABLE IF NOT EXISTS parcel (
    id TEXT PRIMARY KEY, archive BLOB NOT NULL, sequence INTEGER, state TEXT NOT NULL DEFAULT 'waiting', reason TEXT);
CREATE TABLE IF NOT EXISTS receipt (name TEXT, digest TEXT, state TEXT NOT NULL, PRIMARY KEY (name, digest));
CREATE TABLE IF NOT EXISTS acknowledged (name TEXT, digest TEXT, PRIMARY KEY (name, digest));
CREATE TABLE IF NOT EXISTS result (own_id TEXT NOT NULL, code INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS number (own_id INTEGER NOT NULL, number TEXT NOT NULL);
"""


class Boxes:
    """Implements both `Outbox` and `Inbox`."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=NORMAL")
        self.connection.executescript(_SCHEMA)

    def close(self) -> None:
        self.connection.close()

    def put(self, name: str, archive: bytes) -> None:
        self.connection.execute("INSERT INTO parcel (id, archive) VALUES (?, ?)", (name, archive))

    def find_next(self) -> Parcel | None:
        row = self.connection.execute(
            "SELECT id, archive, sequence FROM parcel WHERE state = 'waiting' ORDER BY sequence IS NULL, sequence, id LIMIT 1"
        ).fetchone()
        return Parcel(*row) if row else None

    def find_numbered(self, sequence: int) -> Parcel | None:
        row = self.connection.execute(
            "SELECT id, archive, sequence FROM parcel WHERE sequence = ? AND state != 'refused'", (sequence,)
        ).fetchone()
        return Parcel(*row) if row else None

    def get_last_sequence(self) -> int:
        (value,) = self.connection.execute(
            "SELECT coalesce(max(sequence), 0) FROM parcel WHERE state = 'accepted'"
        ).fetchone()
        return int(value)

    def assign(self, parcel: Parcel, sequence: int) -> Parcel:
        self.connection.execute("UPDATE parcel SET sequence = ? WHERE id = ?", (sequence, parcel.id))
        return parcel.numbered(sequence)

    def record_accepted(self, parcel: Parcel) -> None:
        self.connection.execute("UPDATE parcel SET state = 'accepted' WHERE id = ?", (parcel.id,))

    def record_refused(self, parcel: Parcel, refusal: AuthorityError) -> None:
        self.connection.execute(
            "UPDATE parcel SET state = 'refused', sequence = NULL, reason = ? WHERE id = ?",
            (refusal.text.zh, parcel.id),
        )

    def is_applied(self, receipt: Receipt) -> bool:
        row = self.connection.execute(
            "SELECT 1 FROM receipt WHERE name = ? AND digest = ? AND state = 'applied'", (receipt.name, receipt.digest)
        ).fetchone()
        return row is not None

    def apply(self, receipt: Receipt, reading: Reading[Download]) -> None:
        news = reading.document.icp
        with self.connection:
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.execute(
                "INSERT INTO receipt VALUES (?, ?, 'applied') ON CONFLICT (name, digest) DO UPDATE SET state = 'applied'",
                (receipt.name, receipt.digest),
            )
            for result in news.results if news else ():
                self.connection.execute("INSERT INTO result VALUES (?, ?)", (result.record, result.findings[0].code))
            for filing in news.filings if news else ():
                assert filing.subject is not None
                self.connection.execute(
                    "INSERT INTO number VALUES (?, ?)", (filing.subject.own_id, filing.subject.number)
                )

    def record_acknowledged(self, receipt: Receipt) -> None:
        self.connection.execute("INSERT OR IGNORE INTO acknowledged VALUES (?, ?)", (receipt.name, receipt.digest))

    def set_aside(self, receipt: Receipt, refusal: OpenBeianError) -> None:
        self.connection.execute(
            "INSERT OR REPLACE INTO receipt VALUES (?, ?, 'unreadable')", (receipt.name, receipt.digest)
        )

    def list_parcels(self) -> list[tuple[str, int | None, str]]:
        return self.connection.execute("SELECT id, sequence, state FROM parcel ORDER BY id").fetchall()

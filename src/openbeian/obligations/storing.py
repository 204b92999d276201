"""Stored obligations past Django's objects: read as bare rows to compare, written in bulk, never over a settlement.

A nightly run reads millions of rows and changes few. So a row is read as the few columns that tell whether it still
holds, and nothing is locked meanwhile: every change says in its own statement that it only touches what nobody
has settled. A row settled between reading and writing is left for the next run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import CharField
from django.db.models.functions import Cast

from openbeian.obligations.decisions import MOST_REMEMBERED, Owed, Reckoning
from openbeian.obligations.models import Obligation

_BATCH = 500
_SHARED = (
    "kind", "cycle", "rule_id", "anchor_on", "due_on", "advised_on", "window_opens_on", "soon_on", "harm_rank",
    "provisional", "is_certain", "policy_claim", "policy_scope", "rule_digest", "basis",
)  # fmt: skip
"""What every record with the same reckoning has in common, in the order of `_share`."""
_OWN = ("organisation_id", "sponsor_id", "subject_kind", "subject_id", "stage", "first_seen_on")
_COLUMNS = (*_OWN, *_SHARED, "settled_why")
_CHANGING = ("organisation_id", "sponsor_id", *_SHARED[2:])
_READ = ("subject_id", "kind", "cycle", "pk", "basis", "organisation_id", "sponsor_id", "stage", "first_seen")
_TYPES = {
    **dict.fromkeys(("id", "organisation_id", "sponsor_id"), "bigint"),
    **dict.fromkeys(("anchor_on", "due_on", "advised_on", "window_opens_on", "soon_on"), "date"),
    **dict.fromkeys(("provisional", "is_certain"), "boolean"),
    "harm_rank": "smallint",
}


class Kept(NamedTuple):
    """A stored row as far as a computing must know it. `first_seen` is the day as text, as both databases write it.

    Read as the plain tuple of its fields, in this order: millions are only compared.
    """

    pk: int
    basis: str
    organisation_id: int
    sponsor_id: int | None
    stage: str
    first_seen: str


Row = tuple[Any, ...]
Stored = dict[int, dict[tuple[str, str], Row]]


def list_stored(subject_kind: str, wanted: Sequence[int], only: frozenset[str] | None) -> Stored:
    """What is stored about these records, by record, then by kind and cycle."""
    rows = Obligation.objects.filter(subject_kind=subject_kind)
    if isinstance(wanted, range):
        rows = rows.filter(subject_id__gte=wanted.start, subject_id__lt=wanted.stop)
    else:
        rows = rows.filter(subject_id__in=list(wanted))
    if only is not None:
        rows = rows.filter(kind__in=only)
    # As text, for SQLite's driver would make a date of each of millions.
    rows = rows.annotate(first_seen=Cast("first_seen_on", CharField()))
    statement, values = rows.values_list(*_READ).query.sql_with_params()
    stored: Stored = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for row in cursor.fetchall():
            mine = stored.get(row[0])
            if mine is None:
                mine = stored[row[0]] = {}
            mine[row[1], row[2]] = row[3:]
    return stored


class Writer:
    """Gathers what a chunk of records must write and writes it in few statements. Made once for a whole run."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._shared: dict[int, tuple[Reckoning, tuple[Any, ...]]] = {}
        self._is_postgres = connection.vendor == "postgresql"
        self._clear()

    def _clear(self) -> None:
        self._new: list[tuple[Any, ...]] = []
        self._changed: list[tuple[Any, ...]] = []
        self._staged: dict[str, list[int]] = {}
        self._stale: list[int] = []

    def add(self, owed: Owed) -> None:
        """An obligation that is not stored yet."""
        facts = owed.facts
        first_seen = min(facts.known_since, self._today)
        own = (
            facts.organisation_id, facts.sponsor_id, facts.subject_kind, facts.subject_id, owed.stage.value,
            self._plain(first_seen),
        )  # fmt: skip
        self._new.append((*own, *self._share(owed.reckoning), ""))

    def change(self, row: Row, owed: Owed) -> None:
        """A stored obligation that no longer says what it should."""
        kept = Kept(*row)
        self._changed.append(
            (owed.facts.organisation_id, owed.facts.sponsor_id, *self._share(owed.reckoning)[2:], kept.pk)
        )
        if kept.stage != owed.stage:
            self.restage(row, owed)

    def restage(self, row: Row, owed: Owed) -> None:
        """A stored obligation that only came nearer."""
        self._staged.setdefault(owed.stage, []).append(row[0])

    def remove(self, rows: Iterable[Row]) -> None:
        """Stored obligations that are owed no longer."""
        self._stale += [row[0] for row in rows]

    def write(self) -> dict[str, int]:
        """Writes all that was gathered, in the caller's transaction, and starts anew."""
        for pks in _batches(self._stale):
            Obligation.objects.filter(pk__in=pks, settled_at=None).delete()
        if self._new:
            self._insert()
        if self._changed:
            self._update()
        for stage, staged in self._staged.items():
            for pks in _batches(staged):
                Obligation.objects.filter(pk__in=pks, settled_at=None).update(stage=stage)
        touched = {row[-1] for row in self._changed}.union(*self._staged.values())
        counts = {"written": len(self._new) + len(touched), "removed": len(self._stale)}
        self._clear()
        return counts

    def _share(self, reckoning: Reckoning) -> tuple[Any, ...]:
        """The values of `_SHARED` as the database takes them, made once for all records that share the reckoning."""
        known = self._shared.get(id(reckoning))
        if known is not None:
            return known[1]
        if len(self._shared) >= MOST_REMEMBERED:
            self._shared.clear()
        r, policy = reckoning, reckoning.policy
        days = (r.anchor_on, r.due_on, r.advised_on, r.window_opens_on, r.soon_on)
        made = (
            r.kind.id, r.cycle, r.kind.rule, *map(self._plain, days), r.harm.rank, r.provisional, r.is_certain,
            policy.claim_id if policy else "", policy.scope if policy else "", r.rule_digest, r.basis,
        )  # fmt: skip
        # The reckoning is kept beside, so that its identity is not given to another one.
        self._shared[id(reckoning)] = (reckoning, made)
        return made

    def _plain(self, day: date | None) -> Any:
        return day if self._is_postgres or day is None else day.isoformat()

    def _insert(self) -> None:
        """Another run may have stored the same at the same moment: then only what is missing is added."""
        names, table = _names(_COLUMNS), Obligation._meta.db_table
        with connection.cursor() as cursor:
            if not self._is_postgres:
                marks = _marks(_COLUMNS)
                cursor.executemany(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", self._new)  # noqa: S608
                return
            try:
                with transaction.atomic():
                    self._copy(cursor, f"{table} ({names})")
            except IntegrityError:
                cursor.execute(f"CREATE TEMP TABLE arriving AS SELECT {names} FROM {table} LIMIT 0")  # noqa: S608
                self._copy(cursor, "arriving")
                cursor.execute(f"INSERT INTO {table} ({names}) SELECT * FROM arriving ON CONFLICT DO NOTHING")  # noqa: S608
                cursor.execute("DROP TABLE arriving")

    def _copy(self, cursor: Any, into: str) -> None:
        with connection.wrap_database_errors, cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in self._new:
                copy.write_row(row)

    def _update(self) -> None:
        """Days and grounds only; the stage goes by itself, so that a settlement stands whatever is computed."""
        table = Obligation._meta.db_table
        with connection.cursor() as cursor:
            if not self._is_postgres:
                changes = ", ".join(f"{name} = %s" for name in _CHANGING)
                cursor.executemany(f"UPDATE {table} SET {changes} WHERE id = %s", self._changed)  # noqa: S608
                return
            names = (*_CHANGING, "id")
            changes = ", ".join(f"{name} = new.{name}" for name in _CHANGING)
            arrays = ", ".join(f"%s::{_TYPES.get(name, 'text')}[]" for name in names)
            cursor.execute(
                f"UPDATE {table} AS old SET {changes} FROM unnest({arrays}) AS new ({_names(names)}) "  # noqa: S608
                "WHERE old.id = new.id",
                [list(column) for column in zip(*self._changed, strict=True)],
            )


def _names(columns: Sequence[str]) -> str:
    return ", ".join(columns)


def _marks(columns: Sequence[str]) -> str:
    return ", ".join(["%s"] * len(columns))


def _batches(pks: list[int]) -> Iterator[list[int]]:
    return (pks[start : start + _BATCH] for start in range(0, len(pks), _BATCH))

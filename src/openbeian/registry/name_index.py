"""The search index over names: SQLite's FTS5 or PostgreSQL's GIN, both over the column `name_grams`.

The database keeps the index in step by itself (triggers on SQLite), in the transaction that writes the record.
Why not trigrams, LIKE or a table of grams: docs/decisions/0510-name-search.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL

from openbeian.registry.name_grams import compute_phrase

M = TypeVar("M", bound=Model)

TABLES = ("registry_sponsor", "registry_service")
_WAITING = "registry_names_waiting"


def filter_by_name(records: QuerySet[M], part: str) -> QuerySet[M]:
    """Those sponsors or services whose name holds the part, at any place; none when it has no letter."""
    phrase = compute_phrase(part)
    if not phrase:
        return records.none()
    sql, parameters = select_ids_named(records.model._meta.db_table, phrase)
    return records.filter(pk__in=RawSQL(sql, parameters))  # noqa: S611  the table's name is ours


def join_named(table: str, phrase: str) -> tuple[str, str, list[str]]:
    """A FROM clause that gives the records as `t`, a condition and its parameters, for a phrase of `compute_phrase`.

    On SQLite the index leads, so that a LIMIT ends the search early however many names hold the phrase.
    """
    if connection.vendor == "sqlite":
        index = f"{table}_names"
        return f"{index} CROSS JOIN {table} t ON t.id = {index}.rowid", f"{index} MATCH %s", [f'"{phrase}"']
    selected, parameters = select_ids_named(table, phrase)
    return f"{table} t", f"t.id IN ({selected})", parameters


def select_ids_named(table: str, phrase: str) -> tuple[str, list[str]]:
    """SQL for the ids of the records that hold a phrase of `compute_phrase`, with its parameters."""
    if connection.vendor == "sqlite":
        return f"SELECT rowid FROM {table}_names WHERE {table}_names MATCH %s", [f'"{phrase}"']  # noqa: S608
    grams = phrase.split(" ")
    marks = ", ".join(["%s"] * len(grams))
    # The pairs alone might stand apart from each other; the run of them is the part itself.
    return (
        f"SELECT id FROM {table} WHERE string_to_array(name_grams, ' ') @> ARRAY[{marks}] "  # noqa: S608
        "AND strpos(name_grams, %s) > 0",
        [*grams, phrase],
    )


def create_name_index(editor: BaseDatabaseSchemaEditor) -> None:
    """Builds the index from what stands in `name_grams`; for migrations."""
    for table in TABLES:
        for statement in _creation(editor.connection, table):
            editor.execute(statement, params=None)


def renew_name_index(editor: BaseDatabaseSchemaEditor) -> None:
    """Drops the index and builds it again, with the triggers of this version; for migrations."""
    drop_name_index(editor)
    create_name_index(editor)


def drop_name_index(editor: BaseDatabaseSchemaEditor) -> None:
    for table in TABLES:
        if editor.connection.vendor == "sqlite":
            for statement in (*_dropping_triggers(table), f"DROP TABLE IF EXISTS {table}_names"):
                editor.execute(statement, params=None)
            editor.execute(f"DROP TABLE IF EXISTS {_WAITING}", params=None)
        else:
            for statement in _dropping_indexes(table):
                editor.execute(statement, params=None)


@contextmanager
def names_indexed_together() -> Iterator[None]:
    """Indexes the names of rows inserted within in one statement at the end; in their transaction.

    On SQLite a trigger makes FTS5 write out its index for every single row, which costs four times as much.
    A row in `registry_names_waiting`, which no other transaction ever sees, holds the triggers off.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("names are indexed in the transaction of their rows")
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        last = {table: _last_key(cursor, table) for table in TABLES}
        cursor.execute(f"INSERT INTO {_WAITING} DEFAULT VALUES")
        try:
            yield
        except BaseException:
            # The row must not outlive a failure that somebody further out survives. A savepoint would see to that as
            # well, but within one FTS5 makes every insert ten times as slow.
            transaction.set_rollback(True)
            raise
        cursor.execute(f"DELETE FROM {_WAITING}")  # noqa: S608
        for table, key in last.items():
            cursor.execute(
                f"INSERT INTO {table}_names(rowid, name_grams) SELECT id, name_grams FROM {table} WHERE id > %s",  # noqa: S608
                [key],
            )


def _last_key(cursor: CursorWrapper, table: str) -> int:
    cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
    row = cursor.fetchone()
    return row[0] if row else 0


@contextmanager
def name_index_built_afterwards() -> Iterator[None]:
    """Lets many rows in without touching the index, then builds it whole; for bulk loading only."""
    with connection.cursor() as cursor:
        for table in TABLES:
            statements = _dropping_triggers(table) if connection.vendor == "sqlite" else _dropping_indexes(table)
            for statement in statements:
                cursor.execute(statement)
    yield
    if connection.vendor != "sqlite":
        connection.check_constraints()  # PostgreSQL indexes no table with foreign keys still to be checked
    with connection.cursor() as cursor:
        for table in TABLES:
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TABLE {table}_names")
            for statement in _creation(connection, table):
                cursor.execute(statement)


def _creation(database: BaseDatabaseWrapper, table: str) -> list[str]:
    if database.vendor != "sqlite":
        return [
            f"CREATE INDEX {table}_names ON {table} USING gin (string_to_array(name_grams, ' '))",
            f"CREATE INDEX {table}_beginnings ON {table} (name varchar_pattern_ops)",
        ]
    index = f"{table}_names"
    remove = f"INSERT INTO {index}({index}, rowid, name_grams) VALUES ('delete', old.id, old.name_grams)"  # noqa: S608
    add = f"INSERT INTO {index}(rowid, name_grams) VALUES (new.id, new.name_grams)"  # noqa: S608
    unless_waiting = f"WHEN NOT EXISTS (SELECT 1 FROM {_WAITING})"  # noqa: S608  the table's name is ours
    return [
        f"CREATE TABLE IF NOT EXISTS {_WAITING} (id INTEGER PRIMARY KEY)",
        # The ascii tokenizer leaves every character beyond ASCII as it is; grams hold letters and digits only.
        f"CREATE VIRTUAL TABLE {index} USING fts5(name_grams, content='{table}', content_rowid='id', tokenize='ascii')",
        f"INSERT INTO {index}({index}) VALUES ('rebuild')",  # noqa: S608
        f"CREATE TRIGGER {index}_added AFTER INSERT ON {table} {unless_waiting} BEGIN {add}; END",
        f"CREATE TRIGGER {index}_removed AFTER DELETE ON {table} BEGIN {remove}; END",
        f"CREATE TRIGGER {index}_changed AFTER UPDATE OF name_grams ON {table} "
        f"WHEN old.name_grams <> new.name_grams BEGIN {remove}; {add}; END",
    ]


def _dropping_triggers(table: str) -> list[str]:
    return [f"DROP TRIGGER IF EXISTS {table}_names_{event}" for event in ("added", "removed", "changed")]


def _dropping_indexes(table: str) -> list[str]:
    return [f"DROP INDEX IF EXISTS {table}_{name}" for name in ("names", "beginnings")]

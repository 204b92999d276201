"""Writes thousands of rows of a model at once, from values that are made ready for the database beforehand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain
from typing import Any

from django.db import connection, models

_ROOM_KIBIBYTES = 160 * 1024
_NARROW, _TOGETHER = 8, 50
"""SQLite takes rows of so few columns this many to a statement, in two thirds of the time; wide ones take longer so."""


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Writes rows with values for these columns, by attribute name (`sponsor_id`); the others get their defaults.

    For use inside the transaction of the change. Values go to the database as they are: personal ones sealed, JSON as
    text, days as text or date, instants by `prepare_value`. No signal is sent and `save` is not called.
    Raises: ValueError for a column that does not exist, or is left out and has no default.
    """
    if not rows:
        return
    if not connection.in_atomic_block:
        raise RuntimeError("many rows are inserted in the transaction of their change")
    names, rest = _complete(model, tuple(columns))
    quote = connection.ops.quote_name
    table, listed = quote(model._meta.db_table), ", ".join(map(quote, names))
    whole = [row + rest for row in rows] if rest else rows
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
                for row in whole:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(names))
        together = _TOGETHER if len(names) <= _NARROW else 1
        cut = len(whole) - len(whole) % together if together > 1 else 0
        if cut:
            statement = f"INSERT INTO {table} ({listed}) VALUES {', '.join([f'({marks})'] * together)}"  # noqa: S608
            cursor.executemany(statement, [list(chain(*whole[n : n + together])) for n in range(0, cut, together)])
        if cut < len(whole):
            cursor.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", whole[cut:])  # noqa: S608


@contextmanager
def room_for_many() -> Iterator[None]:
    """Lets SQLite keep more of the database in memory meanwhile: indexes over hashes are touched all over."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        (usual,) = cursor.fetchone()
        cursor.execute(f"PRAGMA cache_size=-{_ROOM_KIBIBYTES}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size={usual}")


def update_rows(model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Writes these columns of rows that stand there already; each tuple ends with its row's primary key.

    Values are as for `insert_rows`. For use inside the transaction of the change; keys that are not there are passed over.
    """
    if not rows:
        return
    if not connection.in_atomic_block:
        raise RuntimeError("many rows are changed in the transaction of their change")
    quote, fields = connection.ops.quote_name, {f.attname: f.column for f in model._meta.concrete_fields}
    changes = ", ".join(f"{quote(str(fields[name]))} = %s" for name in columns)
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {changes} WHERE {key} = %s", rows)  # noqa: S608  names are ours


def reserve_keys(model: type[models.Model], count: int) -> Sequence[int]:
    """Primary keys that nobody else gets, in rising order."""
    if not count:
        return ()
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # An immediate transaction is the only writer, and AUTOINCREMENT goes on after the highest key given.
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            row = cursor.fetchone()
            first = (row[0] if row else 0) + 1
            return range(first, first + count)
        sequence = "nextval(pg_get_serial_sequence(%s, %s))"
        cursor.execute(f"SELECT {sequence} FROM generate_series(1, %s)", [table, model._meta.pk.column, count])  # noqa: S608
        return [row[0] for row in cursor.fetchall()]


def prepare_value(model: type[models.Model], column: str, value: Any) -> Any:
    """A value as `insert_rows` takes it, for what many rows share."""
    field: Any = model._meta.get_field(column)
    return field.get_db_prep_save(value, connection)


@cache
def _complete(model: type[models.Model], columns: tuple[str, ...]) -> tuple[list[str], tuple[Any, ...]]:
    """The columns of a whole row in the database, and the values of those that the caller leaves out."""
    fields: dict[str, Any] = {f.attname: f for f in model._meta.concrete_fields}
    if unknown := set(columns) - fields.keys():
        raise ValueError(f"{model.__name__} has no {sorted(unknown)}")
    # A key left out is the database's to give.
    rest = [f for name, f in fields.items() if name not in columns and not isinstance(f, models.AutoField)]
    if bare := [f.name for f in rest if not (f.has_default() or f.null or f.blank)]:
        raise ValueError(f"{model.__name__} needs {bare}")
    return [str(fields[name].column) for name in columns] + [str(f.column) for f in rest], tuple(map(_default_of, rest))


def _default_of(field: Any) -> Any:
    """A field's default as COPY and SQLite take it."""
    default = field.get_default()
    if isinstance(field, models.JSONField):
        return None if default is None else json.dumps(default)
    value = field.get_db_prep_save(default, connection)
    return str(value) if isinstance(value, str) else value  # an entry of TextChoices is no plain text to psycopg

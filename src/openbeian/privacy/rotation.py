"""Changes the sealing key: a new one seals from now on, and everything sealed with older ones is sealed anew.

Each step can be cut off and repeated: values sealed with the current key are skipped, old keys stay in the keyring
until nothing uses them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from openbeian.privacy.fields import SealedBinaryField, SealedTextField
from openbeian.privacy.keyring import Keyring
from openbeian.privacy.sealing import Sealer

BATCH = 500
LONGEST_TRANSACTION = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One column that holds sealed values, and the place that is sealed with each of them."""

    table: str
    key: str
    column: str
    place: str


def list_sealed_columns() -> list[SealedColumn]:
    """Every sealed field of every model, read off the models, so that a new one cannot be forgotten."""
    return [
        SealedColumn(model._meta.db_table, str(model._meta.pk.column), str(field.column), field.place)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, SealedTextField | SealedBinaryField) and model._meta.pk is not None
    ]


def begin_rotation(path: Path) -> Keyring:
    """Adds a sealing key, unless an earlier rotation was cut off: then that one is to be finished first."""
    keyring = Keyring.read(path)
    if len(keyring.sealing) == 1:
        keyring = keyring.with_new_key()
        keyring.write(path)
    return keyring


def reseal_column(column: SealedColumn, sealer: Sealer, progress: Callable[[int], Any] = lambda _: None) -> int:
    """Seals anew what older keys sealed, in batches of one transaction each; returns how many values.

    A value that somebody changes meanwhile is left to the next round, because the update asks for the old text.
    Raises: SealBroken when a value's key is gone; everything before it is done.
    """
    done = 0
    for batch in _batches(column, sealer):
        with transaction.atomic(), connection.cursor() as cursor:
            for key, sealed in batch:
                anew = sealer.reseal(sealed, column.place)
                cursor.execute(
                    f"UPDATE {_quote(column.table)} SET {_quote(column.column)} = %s "  # noqa: S608  names of our models
                    f"WHERE {_quote(column.key)} = %s AND {_quote(column.column)} = %s",
                    [anew, key, sealed],
                )
                done += cursor.rowcount
        progress(done)
    return done


def count_old(columns: list[SealedColumn], sealer: Sealer) -> int:
    """How many values an older key still seals."""
    return sum(len(batch) for column in columns for batch in _batches(column, sealer))


def droppable_at(path: Path) -> datetime:
    """When every transaction that began under the old key has surely ended: not before may the old keys go."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) + LONGEST_TRANSACTION


def drop_old_keys(path: Path) -> Keyring:
    """Leaves only the current key. The caller has counted that nothing uses the others."""
    keyring = Keyring.read(path).without_old_keys()
    keyring.write(path)
    return keyring


def _batches(column: SealedColumn, sealer: Sealer) -> Iterator[list[tuple[Any, str | bytes]]]:
    """The column's values that an older key sealed, in order of their keys, a batch at a time."""
    last: Any = None
    table, key, name = _quote(column.table), _quote(column.key), _quote(column.column)
    while True:
        after = "" if last is None else f"AND {key} > %s "
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {key}, {name} FROM {table} WHERE {name} <> '' {after}"  # noqa: S608  names of our models
                f"ORDER BY {key} LIMIT {BATCH}",
                [] if last is None else [last],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        last = rows[-1][0]
        values = ((k, v if isinstance(v, str) else bytes(v)) for k, v in rows)
        old = [(k, v) for k, v in values if not sealer.is_current(v)]
        if old:
            yield old


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)

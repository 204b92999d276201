"""Inserts thousands of model objects at once, past the work that Django does for each field of each object."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState

from openbeian.privacy.fields import SealedTextField

# What the database driver takes as it is.
_PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.ForeignKey)

_EMPTY: dict[type, str] = {list: "[]", dict: "{}"}

M = TypeVar("M", bound=models.Model)


class EncodedJSON(str):
    """The value of a JSON field that is JSON text already, and goes into its column as it is."""

    __slots__ = ()


def make_object(model: type[M], values: Mapping[str, Any], **related: models.Model) -> M:
    """A new object with these values by attribute name (`sponsor_id`), defaults for the rest, and saved related objects.

    For `insert_many`: `Model.__init__` costs more than all else that is done for a row. No name is checked.
    """
    fixed, made = _list_defaults(model)
    one = model.__new__(model)
    one._state = ModelState()
    one.__dict__.update(fixed)
    for name, make in made:
        one.__dict__[name] = make()
    one.__dict__.update(values)
    for name, other in related.items():
        one._state.fields_cache[name] = other
        one.__dict__[f"{name}_id"] = other.pk
    return one


def insert_many(objects: Sequence[models.Model]) -> None:
    """Writes new objects of one model, with all their values, and gives those without a primary key theirs.

    For use inside the transaction of the change. No signal is sent and `save` is not called, as with `bulk_create`.
    """
    if not objects:
        return
    if not connection.in_atomic_block:
        raise RuntimeError("many rows are inserted in the transaction of their change")
    model = type(objects[0])
    key = model._meta.pk.attname
    missing = [one for one in objects if getattr(one, key) is None]
    for one, number in zip(missing, _reserve(model, len(missing)), strict=True):
        setattr(one, key, number)
    quote = connection.ops.quote_name
    fields = model._meta.concrete_fields
    columns = ", ".join(quote(str(f.column)) for f in fields)
    marks = ", ".join(["%s"] * len(fields))
    # Column by column: what prepares a field's values is asked for once.
    rows = zip(*(_prepare(f, [one.__dict__[f.attname] for one in objects]) for f in fields), strict=True)
    with connection.cursor() as cursor:
        table = quote(model._meta.db_table)
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(rows))  # noqa: S608  names are ours
    alias = connection.alias
    for one in objects:
        one._state.adding, one._state.db = False, alias


def _reserve(model: type[models.Model], count: int) -> Sequence[int]:
    """Primary keys that nobody else gets."""
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


@cache
def _list_defaults(model: type[models.Model]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """Defaults that are one value for all objects, and those that are made anew for each."""
    fields = model._meta.concrete_fields
    made = [(f.attname, f.default) for f in fields if f.has_default() and callable(f.default)]
    return {f.attname: f.get_default() for f in fields}, made


def _prepare(field: Any, values: list[Any]) -> Sequence[Any]:
    """The values of one field as the database takes them."""
    if isinstance(field, SealedTextField) and type(field).get_prep_value is SealedTextField.get_prep_value:
        return list(map(field.prepare_many(), values))
    if isinstance(field, _PLAIN) and not type(field).__module__.startswith("openbeian."):
        return values
    if isinstance(field, models.JSONField):
        as_text = connection.vendor == "sqlite"
        return [_encode(field, value, as_text=as_text) for value in values]
    if isinstance(field, models.DateField):  # an instant as well; many rows share a day
        known = {value: field.get_db_prep_save(value, connection) for value in set(values)}
        return [known[value] for value in values]
    return [field.get_db_prep_save(value, connection) for value in values]


def _encode(field: Any, value: Any, *, as_text: bool) -> Any:
    if value is None:
        return None
    if value.__class__ is EncodedJSON:
        return str(value)
    if not as_text:
        return field.get_db_prep_save(value, connection)
    return json.dumps(value) if value else _EMPTY.get(type(value)) or json.dumps(value)

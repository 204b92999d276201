"""Frozen dataclasses to plain JSON and back: texts, instants, bytes, tuples, enumerations and each other."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

Value = TypeVar("Value")


_PLAIN = frozenset({str, int, float, bool, NoneType})


def to_json_form(value: Any) -> Any:
    """A value as JSON can hold it: instants and dates in ISO form, bytes in base64, tuples as lists."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is tuple or kind is list:
        return [to_json_form(item) for item in value]
    if names := _names(kind):
        return {name: to_json_form(getattr(value, name)) for name in names}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value


_NAMES: dict[type, tuple[str, ...]] = {}


def _names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass, none for what is none; looked up once a class."""
    if kind not in _NAMES:
        _NAMES[kind] = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
    return _NAMES[kind]


def from_json_form(kind: type[Value], source: Any) -> Value:
    """The dataclass that `to_json_form` was given; absent fields take their defaults, unknown ones are passed over
    so that a record written by a newer version can still be read.

    Raises: ValueError, KeyError or TypeError when the form does not fit.
    """
    read: Value = _read(kind, source)
    return read


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, source: Any) -> Any:
    origin = get_origin(kind)
    if origin in {Union, UnionType}:
        choices = [choice for choice in get_args(kind) if choice is not NoneType]
        return None if source is None else _read(choices[0], source)
    if origin is tuple:
        inner = get_args(kind)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_read(inner[0], item) for item in source)
        return tuple(_read(each, item) for each, item in zip(inner, source, strict=True))
    if is_dataclass(kind):
        if not isinstance(source, Mapping):
            raise ValueError(f"a mapping is expected for {kind}")
        hints = _hints(kind) if isinstance(kind, type) else {}
        given = {f.name: _read(hints[f.name], source[f.name]) for f in fields(kind) if f.name in source}
        return kind(**given)  # type: ignore[operator]
    if isinstance(kind, type) and issubclass(kind, datetime):
        return datetime.fromisoformat(source)
    if isinstance(kind, type) and issubclass(kind, date):
        return date.fromisoformat(source)
    if kind is bytes:
        return base64.b64decode(source)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(source)
    return source

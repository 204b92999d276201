"""The wire grammar as data: reads `rulebook/authority/messages/*.yaml` into elements that writer and reader walk.

The notation stands in that folder's README. Each shape (`Subject.new`) fills one dataclass (`Subject`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Final

from openbeian.authority.interface import read_rulebook
from openbeian.authority.messages import download, filing, resources, upload

_NAME = re.compile(r"(?P<name>\w+)(?: (?P<low>\d+)\.\.(?P<high>\d+)|(?P<sign>[?+*|]))?")
_LEAF = re.compile(r"(?P<kind>IP0|IP|[LSDBX])(?:(?P<low>\d+)\.\.(?P<high>\d*))?")
_OCCURRENCE: Final[dict[str | None, tuple[int, int | None]]] = {
    None: (1, 1),
    "?": (0, 1),
    "|": (0, 1),
    "+": (1, None),
    "*": (0, None),
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """The type of a value: a kind of the notation, with bounds on the number or on the length in characters."""

    kind: str
    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class Element:
    """One element: a leaf, a nested shape, or a wrapper around `children`; `high` None means no bound."""

    name: str
    low: int
    high: int | None
    is_alternative: bool
    field: str = ""
    leaf: Leaf | None = None
    shape: str = ""
    children: tuple[Element, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """A dataclass and the elements that carry it; `many` are its fields that hold tuples."""

    record: type
    elements: tuple[Element, ...]
    many: frozenset[str]


@dataclass(frozen=True, slots=True)
class Grammar:
    """The grammar of one root document."""

    root: str
    shape: str
    shapes: dict[str, Shape]


@cache
def get_upload_grammar() -> Grammar:
    return _read_grammar("messages/upload.yaml")


@cache
def get_download_grammar() -> Grammar:
    return _read_grammar("messages/download.yaml")


def _read_grammar(name: str) -> Grammar:
    source = read_rulebook(name)
    shapes = {shape: _read_shape(shape, body) for shape, body in source["shapes"].items()}
    return Grammar(source["root"], source["shape"], shapes)


def _read_shape(name: str, body: dict[str, Any]) -> Shape:
    record = _find_record(name.partition(".")[0])
    many = frozenset(field.name for field in fields(record) if field.default == ())
    return Shape(record, _read_elements(body), many)


def _find_record(name: str) -> Any:
    for module in (upload, download, filing, resources):
        if hasattr(module, name):
            return getattr(module, name)
    raise ValueError(f"the grammar names an unknown record {name}")


def _read_elements(body: dict[str, Any]) -> tuple[Element, ...]:
    return tuple(_read_element(key, value) for key, value in body.items())


def _read_element(key: str, value: object) -> Element:
    name = _NAME.fullmatch(key)
    if name is None:
        raise ValueError(f"the grammar has no such element notation: {key}")
    low, high = (int(name["low"]), int(name["high"])) if name["low"] else _OCCURRENCE[name["sign"]]
    frame = (name["name"], low, high, name["sign"] == "|")
    if isinstance(value, dict):
        return Element(*frame, children=_read_elements(value))
    field, _, kind = str(value).partition(" ")
    if kind.startswith("<"):
        return Element(*frame, field=field, shape=kind[1:-1])
    leaf = _LEAF.fullmatch(kind)
    if leaf is None:
        raise ValueError(f"the grammar has no such type: {key}: {value}")
    return Element(
        *frame, field=field, leaf=Leaf(leaf["kind"], int(leaf["low"] or 0), int(leaf["high"]) if leaf["high"] else None)
    )

"""A form's values as a tree: reading and writing by path, what applies under the form's conditions, what changed."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openbeian.cases.decisions.record_values import NO_END, is_endless
from openbeian.rules.forms import Field, Form

Facts = Mapping[str, Any]

# Every item of a list keeps a key of its own, so that papers stay with it when its neighbours come and go.
ITEM_KEY = "key"


def blank_value(field: Field) -> Any:
    """What an untouched field holds."""
    match field.type:
        case "group":
            return {f.id: blank_value(f) for f in field.fields}
        case "list":
            return [blank_item(field) for _ in range(field.minimum)]
        case "choices" | "domains" | "ip_ranges":
            return []
        case "approvals":
            return {"none": False, "items": []}
        case "boolean" | "promise":
            return False
        case "end_date":
            return ""
        case _:
            return ""


def blank_item(field: Field) -> dict[str, Any]:
    """A new item of a list field, with a key of its own."""
    item = {f.id: blank_value(f) for f in field.fields}
    if "person_is_sponsor_person" in item:
        item["person_is_sponsor_person"] = True
    item[ITEM_KEY] = secrets.token_hex(4)
    return item


def blank_form(form: Form) -> dict[str, Any]:
    value: dict[str, Any] = blank_value(form.root)
    return value


def find_value(values: Any, path: str) -> Any:
    """The value at `services.0.name`; None where nothing stands."""
    here = values
    for part in path.split("."):
        if isinstance(here, list):
            if not part.isdigit() or int(part) >= len(here):
                return None
            here = here[int(part)]
        elif isinstance(here, Mapping):
            here = here.get(part)
        else:
            return None
    return here


def with_value(values: dict[str, Any], path: str, new: Any) -> dict[str, Any]:
    """A copy of the values with one of them replaced. Raises: KeyError when the path leads nowhere."""
    result = copy.deepcopy(values)
    parts = path.split(".")
    here: Any = result
    for part in parts[:-1]:
        here = here[int(part)] if isinstance(here, list) else here[part]
    if isinstance(here, list):
        here[int(parts[-1])] = new
    else:
        here[parts[-1]] = new
    return result


def matches(path: str, pattern: str) -> bool:
    """Whether `services.0.accesses.1.mode` is covered by `services.*.accesses.*`; a closing `*` covers all below."""
    have, want = path.split("."), pattern.split(".")
    for i, part in enumerate(want):
        if part == "*" and i == len(want) - 1:
            return len(have) > i
        if i >= len(have) or (part != "*" and part != have[i]):
            return False
    return len(have) == len(want)


@dataclass(frozen=True, slots=True)
class Entered:
    """One field of a form with its path, its value, and whether it counts under the conditions.

    scope: the group the field stands in, for looking at its siblings.
    """

    path: str
    field: Field
    value: Any
    applies: bool
    scope: Mapping[str, Any]

    @property
    def is_empty(self) -> bool:
        if self.field.type == "approvals":
            return not self.value or (not self.value.get("none") and not self.value.get("items"))
        return self.value in ("", None, [], {}, False)


def holds(field: Field, scope: Mapping[str, Any], facts: Facts) -> bool:
    """Whether a field's conditions hold: siblings first, then facts about the whole case."""
    return all((scope[name] if name in scope else facts.get(name)) in allowed for name, allowed in field.when.items())


def walk_form(form: Form, values: Mapping[str, Any], facts: Facts) -> Iterator[Entered]:
    """Every field that the values have, parents before children, leaves and groups alike."""
    yield from _walk(form.root, values, "", facts, applies=True)


def _walk(group: Field, values: Mapping[str, Any], prefix: str, facts: Facts, *, applies: bool) -> Iterator[Entered]:
    for field in group.fields:
        path = f"{prefix}{field.id}"
        value = values.get(field.id) if isinstance(values, Mapping) else None
        counts = applies and holds(field, values, facts)
        yield Entered(path, field, value, counts, values)
        if field.type == "group":
            yield from _walk(field, value or {}, f"{path}.", facts, applies=counts)
        elif field.type == "list":
            for i, item in enumerate(value or []):
                yield from _walk(field, item, f"{path}.{i}.", facts, applies=counts)


@dataclass(frozen=True, slots=True)
class Change:
    """A field whose new value differs from what stood before."""

    path: str
    field: Field
    old: Any
    new: Any


def differ(new: Any, old: Any) -> bool:
    """Whether two values of a field say different things: what is empty says nothing, nor does a day beside 长期."""
    return _settle(new) != _settle(old)


def _settle(value: Any) -> Any:
    return NO_END if is_endless(value) else value or None


def list_changes(form: Form, before: Mapping[str, Any], after: Mapping[str, Any], facts: Facts) -> list[Change]:
    """The leaves that differ and count; what a reviewer must look at and a grant will write."""
    return [
        Change(e.path, e.field, find_value(before, e.path), e.value)
        for e in walk_form(form, after, facts)
        if e.applies
        and e.field.type not in {"group", "list", "promise"}
        and differ(e.value, find_value(before, e.path))
    ]

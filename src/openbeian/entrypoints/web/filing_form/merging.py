"""Two pages of one form: what both changed is shown to the person; what only one changed is simply kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openbeian.cases.decisions.description import describe_value
from openbeian.cases.decisions.form_values import ITEM_KEY, find_value
from openbeian.entrypoints.web.filing_form.reading import compute_digest
from openbeian.entrypoints.web.filing_form.showing import FormView
from openbeian.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that this page and a newer version both changed. `fits`: whether its place still exists."""

    path: str
    typed: Any
    newer: Any
    fits: bool

    def describe(self, view: FormView) -> DescribedConflict:
        field = view.form.find_field(self.path)
        if field is None:
            raise KeyError(self.path)
        said = [
            describe_value(field, v, view.tables, view.provider_names, masked=False) for v in (self.newer, self.typed)
        ]
        return DescribedConflict(field.label, said[0], said[1], self.fits)


@dataclass(frozen=True, slots=True)
class DescribedConflict:
    """A conflict in words. The reader typed one of the values, so personal ones are not masked here."""

    label: Text
    newer: Text
    typed: Text
    fits: bool


def read_shape(values: Mapping[str, Any]) -> str:
    """A mark of which list entries there are: a path is only the same place while this is the same."""
    return compute_digest(list(_keys(values)))


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for child in value.values():
            yield from _keys(child)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, Mapping) and ITEM_KEY in item:
                yield str(item[ITEM_KEY])
                yield from _keys(item)


def is_same_shape(shape: str, values: Mapping[str, Any]) -> bool:
    return shape == read_shape(values)


def find_conflicts(
    current: Mapping[str, Any], typed: Mapping[str, Any], shown: Mapping[str, str], *, same_shape: bool
) -> list[Conflict]:
    """What was typed over something that meanwhile changed too; equal values are no conflict."""
    conflicts = []
    for path, value in typed.items():
        newer = find_value(current, path)
        in_a_list = any(part.isdigit() for part in path.split("."))
        moved = in_a_list and not same_shape
        if newer != value and (moved or compute_digest(newer) != shown[path]):
            conflicts.append(Conflict(path, value, newer, fits=not moved))
    return conflicts

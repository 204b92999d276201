"""What a field offers to choose from: code tables, divisions, provinces, providers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from openbeian.cases.decisions.field_checks import list_choices
from openbeian.kernel.provinces import PROVINCES
from openbeian.kernel.regions import find_region, list_children
from openbeian.kernel.text import Text
from openbeian.registry.models import Provider
from openbeian.rules.code_tables import CodeTables
from openbeian.rules.forms import Field


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose. `number` is the approval's number typed beside it; `provider` the register's entry."""

    value: str
    label: Text
    is_chosen: bool = False
    number: str = ""
    provider: Provider | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """One of the selects that lead down to a county."""

    part: str
    label: Text
    choices: tuple[Choice, ...]


def list_code_choices(field: Field, scope: Mapping[str, Any], value: Any, tables: CodeTables) -> tuple[Choice, ...]:
    """The codes of a choice; a code that stands there and is no longer offered stays visible, so that it is not lost."""
    chosen = value if isinstance(value, list) else [value] if value else []
    offered = list_choices(field.table, field.depends_on, scope, tables)
    choices = [Choice(c.id, c.label, c.id in chosen) for c in offered]
    known = {c.value for c in choices}
    lost = [str(v)[:60] for v in chosen if v not in known]
    return (*choices, *(Choice(v, _gone(field, v, tables), is_chosen=True) for v in lost))


def _gone(field: Field, value: str, tables: CodeTables) -> Text:
    row = getattr(tables, field.table).find(value)
    label = row.label if row else Text(value, value)
    return Text("{label}（此处不可选）", "{label} (not offered here)").format(label=label)


def list_approval_choices(field: Field, value: Any, tables: CodeTables) -> tuple[Choice, ...]:
    """The approvals, each with the number that was typed for it."""
    numbers = {str(i.get("kind")): str(i.get("number") or "") for i in (value or {}).get("items") or ()}
    return tuple(
        Choice(c.id, c.label, c.id in numbers, number=numbers.get(c.id, "")) for c in getattr(tables, field.table)
    )


def list_province_choices(value: Any) -> tuple[Choice, ...]:
    return tuple(Choice(p.region_code, p.name, p.region_code == value) for p in PROVINCES)


def list_region_levels(code: Any) -> tuple[Level, ...]:
    """Province, city and county, each filtered by the one before; a city without counties ends the row."""
    text = str(code or "")
    mainland = {p.region_code for p in PROVINCES}
    province = text[:2] + "0000" if text else ""
    city = text[:4] + "00" if text and not text.endswith("0000") else ""
    levels = [("1", Text("省", "Province"), [r for r in list_children() if r.code in mainland], province)]
    if province and find_region(province):
        levels.append(("2", Text("市", "City"), list(list_children(province)), city))
    if city and list_children(city):
        levels.append(("3", Text("区县", "County"), list(list_children(city)), text))
    return tuple(
        Level(part, label, tuple(Choice(r.code, Text(r.name, r.name), r.code == chosen) for r in regions))
        for part, label, regions, chosen in levels
    )


def list_provider_choices(providers: Iterable[Provider], value: Any) -> tuple[Choice, ...]:
    """The register's entries that take this filing."""
    return tuple(Choice(str(p.pk), Text(p.name, p.name), str(p.pk) == str(value), provider=p) for p in providers)

"""Who stands behind a licence: legal representative, capital, shareholders, key people, and the sites it lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text

MOST_ROWS = 200
_LONGEST = 200
_ROWS = re.compile(r"[\n;；]+")
_PARTS = re.compile(r"[:：,，|]+")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)\s*[%％]?", re.ASCII)
_FOREIGN = frozenset({"外资", "外方", "foreign"})
_DIGITS = re.compile(r"\d{1,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class HolderValues:
    """None means that nothing was said, so that what stands on record stays."""

    legal_representative: str | None = None
    capital_yuan: int | None = None
    shareholders: tuple[dict[str, Any], ...] | None = None
    people: tuple[dict[str, str], ...] | None = None
    sites: tuple[str, ...] | None = None


def read_holders(raw: Mapping[str, Any], faults: list[Fault]) -> HolderValues:
    """Lists come as lists of mappings, or as text with one row a line: `甲公司:60%`, `乙公司:40%:外资`, `张三:总经理`."""
    representative = raw.get("legal_representative")
    return HolderValues(
        None if representative is None else _name(representative, "legal_representative", faults),
        _capital(raw.get("capital_yuan"), faults),
        _shareholders(raw.get("shareholders"), faults),
        _people(raw.get("people"), faults),
        _sites(raw.get("sites"), faults),
    )


def _name(given: object, field: str, faults: list[Fault]) -> str:
    text = " ".join(str(given).split())
    if len(text) > _LONGEST or not text.isprintable():
        faults.append(
            _fault(field, "名称过长或含有不可见字符。", "The name is too long or has invisible characters.", text)
        )
    return text[:_LONGEST]


def _capital(given: object, faults: list[Fault]) -> int | None:
    text = str(given if given is not None else "").replace(",", "").replace("，", "").strip()
    if not text:
        return None
    if not _DIGITS.fullmatch(text):
        faults.append(_fault("capital_yuan", "注册资本应为整数（元）。", "Capital is a whole number of yuan.", text))
        return None
    return int(text)


def _rows(given: object) -> list[Any] | None:
    if given is None:
        return None
    if isinstance(given, list | tuple):
        return list(given)[:MOST_ROWS]
    return [row for row in _ROWS.split(str(given).strip()) if row.strip()][:MOST_ROWS]


def _shareholders(given: object, faults: list[Fault]) -> tuple[dict[str, Any], ...] | None:
    rows = _rows(given)
    if rows is None:
        return None
    found: list[dict[str, Any]] = []
    total = Decimal(0)
    for place, row in enumerate(rows):
        if isinstance(row, Mapping):
            name, share, foreign = row.get("name", ""), str(row.get("percent", "")), bool(row.get("is_foreign"))
        else:
            parts = [p.strip() for p in _PARTS.split(str(row)) if p.strip()]
            name, share = parts[0] if parts else "", parts[1] if len(parts) > 1 else ""
            foreign = len(parts) > 2 and parts[2] in _FOREIGN
        percent = _PERCENT.fullmatch(share.strip())
        if not str(name).strip() or percent is None:
            zh, en = "股东应写成“名称:比例%”。", "Write a shareholder as “name:percent%”."
            faults.append(_fault(f"shareholders.{place}", zh, en, str(row)))
            continue
        total += Decimal(percent[1])
        found.append(
            {"name": _name(name, f"shareholders.{place}", faults), "percent": percent[1], "is_foreign": foreign}
        )
    if total > 100:
        zh, en = "股东持股比例合计超过 100%。", "The shares come to more than 100%."
        faults.append(_fault("shareholders", zh, en, f"{total}%"))
    return tuple(found)


def _people(given: object, faults: list[Fault]) -> tuple[dict[str, str], ...] | None:
    rows = _rows(given)
    if rows is None:
        return None
    found = []
    for place, row in enumerate(rows):
        if isinstance(row, Mapping):
            name, role = str(row.get("name", "")), str(row.get("role", ""))
        else:
            parts = [p.strip() for p in _PARTS.split(str(row)) if p.strip()]
            name, role = parts[0] if parts else "", parts[1] if len(parts) > 1 else ""
        if not name.strip():
            faults.append(_fault(f"people.{place}", "人员没有姓名。", "A person has no name."))
            continue
        found.append({"name": _name(name, f"people.{place}", faults), "role": _name(role, f"people.{place}", faults)})
    return tuple(found)


def _sites(given: object, faults: list[Fault]) -> tuple[str, ...] | None:
    rows = _rows(given)
    return None if rows is None else tuple(_name(row, f"sites.{i}", faults) for i, row in enumerate(rows))


def _fault(field: str, zh: str, en: str, value: str = "") -> Fault:
    fix = Text("请对照许可证或股权结构图改正。", "Compare with the licence or the shareholding tree and correct it.")
    return Fault(field, Text(zh, en), fix, f"licence.{field.partition('.')[0]}", value[:80])

"""Reads what a phone sends: bounded, checked, every fault with its field and its fix; nothing half taken."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.supervision.inspections.checklist import Checklist
from openbeian.supervision.inspections.decisions import ANSWERS, ROLES
from openbeian.supervision.inspections.errors import SyncUnfit, fault

MOST_ENTRIES = 500
LONGEST_NOTE = 500
LONGEST_NAME = 80
_MOST_BASES = 40

_NEW_ID = Text("请更新页面后再试。", "Reload the page and try again.")


@dataclass(frozen=True, slots=True)
class SentEntry:
    """One entry as a device sent it, found to be well formed."""

    uuid: str
    item: str
    answer: str
    note: str
    bases: tuple[str, ...]
    made_at: datetime


def read_entries(told: Any, checklist: Checklist) -> tuple[list[SentEntry], dict[str, list[Fault]]]:
    """The entries that can be taken, and by the others' uuid what is wrong with each. Raises: SyncUnfit."""
    entries = told.get("entries") if isinstance(told, Mapping) else None
    if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
        raise SyncUnfit
    taken, refused = [], {}
    for place, raw in enumerate(entries):
        if not isinstance(raw, Mapping):
            raise SyncUnfit
        entry, faults = _read_entry(raw, f"entries.{place}", checklist)
        if entry:
            taken.append(entry)
        else:
            refused[str(raw.get("uuid", place))[:60]] = faults
    return taken, refused


def _read_entry(raw: Mapping[str, Any], path: str, checklist: Checklist) -> tuple[SentEntry | None, list[Fault]]:
    faults: list[Fault] = []
    name = read_uuid(raw.get("uuid"), f"{path}.uuid", faults)
    made_at = read_moment(raw.get("made_at"), f"{path}.made_at", faults)
    item = read_item(raw.get("item"), f"{path}.item", checklist, faults)
    answer = str(raw.get("answer", ""))[:20]
    if answer not in ANSWERS:
        message, fix = Text("结果无效。", "There is no such answer."), Text("请选择一项结果。", "Choose one.")
        faults.append(fault(f"{path}.answer", "answer", message, fix, answer))
    note = read_words(raw.get("note", ""), f"{path}.note", LONGEST_NOTE, faults)
    bases = raw.get("bases", [])
    if not isinstance(bases, list) or len(bases) > _MOST_BASES:
        faults.append(fault(f"{path}.bases", "bases", Text("版本信息无效。", "The versions are not valid."), _NEW_ID))
        bases = []
    named = [read_uuid(base, f"{path}.bases", faults) for base in bases]
    if faults or made_at is None:
        return None, faults
    return SentEntry(name, item, answer, note, tuple(named), made_at), []


def read_uuid(value: Any, field: str, faults: list[Fault]) -> str:
    """A UUID in its normal form; empty with a fault."""
    try:
        return str(uuid.UUID(str(value)[:60]))
    except ValueError:
        message = Text("记录的编号无效。", "The entry's identifier is not valid.")
        faults.append(fault(field, "uuid", message, _NEW_ID, str(value)[:60]))
        return ""


def read_moment(value: Any, field: str, faults: list[Fault]) -> datetime | None:
    """An aware instant in ISO form; None with a fault."""
    try:
        moment = datetime.fromisoformat(str(value)[:40])
        if moment.tzinfo is not None and 2000 < moment.year < 2200:
            return moment
    except ValueError:
        pass
    message = Text("没有时间，或时间格式不对。", "It has no time, or not one that can be read.")
    fix = Text("请检查手机的日期和时间设置。", "Check the phone's date and time.")
    faults.append(fault(field, "time", message, fix, str(value)[:40]))
    return None


def read_item(value: Any, field: str, checklist: Checklist, faults: list[Fault]) -> str:
    item = str(value)[:60]
    if item not in checklist.items:
        message = Text("检查单里没有这一项。", "The checklist has no such item.")
        faults.append(fault(field, "item", message, _NEW_ID, item))
    return item


def read_role(value: Any, field: str, faults: list[Fault]) -> str:
    role = str(value)[:20]
    if role not in ROLES:
        message, fix = Text("没有这种签名人。", "Nobody signs in that place."), _NEW_ID
        faults.append(fault(field, "role", message, fix, role))
    return role


def read_words(value: Any, field: str, longest: int, faults: list[Fault]) -> str:
    """One line of bounded, visible text."""
    words = " ".join(str(value).split())
    if len(words) > longest or not words.isprintable():
        message = Text(f"超过 {longest} 字，或含不可见字符。", f"It is over {longest} characters, or not all visible.")
        faults.append(
            fault(field, "words", message, Text("请缩短或重新输入。", "Shorten it or type it again."), words[:60])
        )
    return words

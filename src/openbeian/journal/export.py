"""Journal entries as lines that leave the system: JSON lines that keep all that is hashed, and CSV for people."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any

from openbeian.journal.decisions import Written
from openbeian.journal.events import find_event
from openbeian.journal.models import Entry
from openbeian.kernel.clock import CHINA
from openbeian.kernel.text import Language

COLUMNS: dict[Language, list[str]] = {
    "zh": ["序号", "时间（北京）", "事件", "说明", "人员", "来源", "地址", "对象", "变更前", "变更后", "哈希"],
    "en": [
        "number",
        "time (China)",
        "event",
        "meaning",
        "person",
        "door",
        "address",
        "subject",
        "before",
        "after",
        "hash",
    ],
}
# A spreadsheet runs a cell that begins like this as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def sentence_of(event: str, language: Language) -> str:
    """How people read an event; its wire name when a newer version wrote it."""
    known = find_event(event)
    return known.sentence(language) if known else event


def as_document(entry: Entry) -> dict[str, Any]:
    """All that the hash protects, and the hash, so that the chain can be checked outside this program."""
    document = {field: getattr(entry, field) for field in Written.__slots__}
    document["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    return document | {"hash": entry.hash}


def write_json_lines(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        yield json.dumps(as_document(entry), ensure_ascii=False) + "\n"


def write_csv(entries: Iterable[Entry], language: Language) -> Iterator[str]:
    """With a byte order mark, without which spreadsheets misread Chinese."""
    yield "\ufeff" + _line(COLUMNS[language])
    for e in entries:
        yield _line(
            (
                str(e.sequence),
                e.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"),
                e.event,
                sentence_of(e.event, language),
                e.actor_name,
                e.door,
                e.address,
                f"{e.subject_kind}:{e.subject_id}",
                _short(e.before),
                _short(e.after),
                e.hash,
            )
        )


def _short(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(f"'{c}" if c.startswith(_FORMULA) else c for c in cells)
    return out.getvalue()

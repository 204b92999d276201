"""From a posted page back to values by path, each read the way its type is drawn; bounded, never judged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.http import QueryDict

from openbeian.cases.decisions.record_values import NO_END
from openbeian.kernel.dates import read_date
from openbeian.kernel.errors import Fault, OpenBeianError, ValueRefused
from openbeian.kernel.text import Text
from openbeian.rules.forms import Field, Form

# Far above every real entry: what is longer is a slip of the clipboard, not something typed.
MOST_FIELDS = 2000
MOST_CHARACTERS = 8000
MOST_LINES = 500

SHOWN = "shown"
"""The name under which a page says which fields it showed: `path|digest` of what stood there then."""


class EntryTooLong(OpenBeianError):
    code = "entry_too_long"
    status = 413
    message = Text(
        "「{label}」的内容过长，没有保存；页面上的内容仍在，请缩短后再保存。",
        "“{label}” is too long and was not saved; it is still on your page. Shorten it and save again.",
    )


def compute_digest(value: Any) -> str:
    """A short mark of a value, to see whether it is still what a page showed."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:12]


def read_shown(post: QueryDict) -> dict[str, str]:
    """Path and digest of each field that the page showed open. What it did not show, it does not change."""
    return dict(entry[:200].rpartition("|")[::2] for entry in post.getlist(SHOWN)[:MOST_FIELDS])


def read_typed(form: Form, post: QueryDict, shown: dict[str, str]) -> dict[str, Any]:
    """What the reader typed: of the fields shown, those that now differ from what the page showed.

    Raises: EntryTooLong.
    """
    typed = {}
    for path, digest in shown.items():
        field = form.find_field(path)
        if field is None or field.type in {"group", "list"}:
            continue
        value = _READERS.get(field.type, _read_line)(post, path, field)
        if compute_digest(value) != digest:
            typed[path] = value
    return typed


def _bounded(text: str, field: Field) -> str:
    text = text.replace("\r\n", "\n").replace("\x00", "")
    if len(text) > MOST_CHARACTERS:
        fix = Text("请缩短到 {n} 字以内。", "Shorten it to {n} characters.").format(
            n=field.max_length or MOST_CHARACTERS
        )
        message = EntryTooLong.message.format(label=field.label)
        raise EntryTooLong(label=field.label, faults=[Fault(field.id, message, fix, "field.length")])
    return text


def _read_line(post: QueryDict, path: str, field: Field) -> str:
    return _bounded(post.get(path) or "", field)


def _read_many(post: QueryDict, path: str, field: Field) -> list[str]:
    return [_bounded(v, field) for v in post.getlist(path)[:MOST_LINES]]


def _read_lines(post: QueryDict, path: str, field: Field) -> list[str]:
    """One entry a line; commas and spaces part them too, as people paste them."""
    text = _read_line(post, path, field)
    for mark in ",，;；、\t ":
        text = text.replace(mark, "\n")
    return [line.strip() for line in text.split("\n") if line.strip()][:MOST_LINES]


def _read_day(post: QueryDict, path: str, field: Field) -> str:
    text = _read_line(post, path, field).strip()
    if not text:
        return ""
    try:
        return read_date(text).isoformat()
    except ValueRefused:
        return text


def _read_end(post: QueryDict, path: str, field: Field) -> str:
    """The day, or 长期 with what was typed beside it: the tick decides, and taking it away brings the day back."""
    day = _read_day(post, path, field)
    return f"{NO_END} {day}".strip() if post.get(f"{path}:none") else day


def _read_region(post: QueryDict, path: str, field: Field) -> str:
    """The deepest choice that still lies under the one above it: a new province lets go of the old county."""
    province, city, county = ((post.get(f"{path}:{part}") or "")[:6] for part in "123")
    if county and city and county[:4] == city[:4] and city[:2] == province[:2]:
        return county
    return city if city and city[:2] == province[:2] else province


def _read_tick(post: QueryDict, path: str, field: Field) -> bool:
    return path in post


def _read_approvals(post: QueryDict, path: str, field: Field) -> dict[str, Any]:
    kinds = _read_many(post, path, field)
    numbers = {kind: _bounded(post.get(f"{path}:number:{kind}") or "", field).strip() for kind in kinds}
    return {"none": f"{path}:none" in post, "items": [{"kind": k, "number": numbers[k]} for k in kinds]}


_READERS: dict[str, Callable[[QueryDict, str, Field], Any]] = {
    "choices": _read_many,
    "domains": _read_lines,
    "ip_ranges": _read_lines,
    "date": _read_day,
    "end_date": _read_end,
    "region": _read_region,
    "boolean": _read_tick,
    "promise": _read_tick,
    "approvals": _read_approvals,
}

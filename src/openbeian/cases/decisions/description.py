"""What a form's values say to a reader: codes as words, lists as lines, personal data masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openbeian.cases.decisions.record_values import NO_END
from openbeian.kernel.provinces import find_province_of_region
from openbeian.kernel.regions import find_region, get_full_name
from openbeian.kernel.text import Text
from openbeian.privacy.masking import mask_certificate, mask_email, mask_mobile, mask_name
from openbeian.rules.code_tables import CodeTables
from openbeian.rules.forms import Field

EMPTY = Text("（未填）", "(empty)")
_YES, _NO = Text("是", "yes"), Text("否", "no")
_LONG_TERM = Text("长期", "no end")


def describe_value(field: Field, value: Any, tables: CodeTables, *, masked: bool) -> Text:
    """The value as words in both languages; `masked` hides personal data, which is shown only on request."""
    if field.type in {"boolean", "promise"}:
        return _YES if value else _NO
    if value in ("", None, [], {}):
        return EMPTY
    match field.type:
        case "choice":
            return _label(tables, field.table, value)
        case "choices":
            return _join([_label(tables, field.table, v) for v in value])
        case "approvals":
            return _approvals(value, tables)
        case "region":
            return _plain(get_full_name(value) if find_region(str(value)) else value)
        case "province":
            province = find_province_of_region(str(value))
            return _plain(province.name if province else value)
        case "end_date" if value == NO_END:
            return _LONG_TERM
        case "domains" | "ip_ranges":
            return _plain("\n".join(value))
        case _:
            return _plain(mask_value(field, str(value)) if masked and field.is_personal else value)


def mask_value(field: Field, value: str) -> str:
    """A personal value as it looks until somebody asks to see it."""
    match field.type:
        case "mobile" | "phone":
            return mask_mobile(value)
        case "certificate":
            return mask_certificate(value)
        case "email":
            return mask_email(value)
        case _:
            return mask_name(value)


def _plain(value: object) -> Text:
    return Text(str(value), str(value))


def _join(texts: list[Text]) -> Text:
    return Text("、".join(t.zh for t in texts), ", ".join(t.en for t in texts))


def _label(tables: CodeTables, table: str, value: Any) -> Text:
    row = getattr(tables, table).find(str(value))
    return row.label if row else _plain(value)


def _approvals(value: Mapping[str, Any], tables: CodeTables) -> Text:
    items = value.get("items") or []
    if not items:
        return Text("以上均不涉及", "none of these") if value.get("none") else EMPTY
    labels = [_label(tables, "prior_approvals", a.get("kind")) for a in items]
    numbers = [str(a.get("number") or "") for a in items]
    return _join([Text(f"{t.zh} {n}".strip(), f"{t.en} {n}".strip()) for t, n in zip(labels, numbers, strict=True)])

"""What stands in a field, in words for people: codes by their labels, regions by name, personal data masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openbeian.cases.decisions.record_values import is_endless
from openbeian.kernel.provinces import find_province
from openbeian.kernel.regions import find_region, get_full_name
from openbeian.kernel.text import Text
from openbeian.privacy.masking import mask_certificate, mask_email, mask_middle, mask_mobile, mask_name
from openbeian.rules.code_tables import CodeTables
from openbeian.rules.forms import Field

EMPTY = Text("（未填写）", "(empty)")
_YES, _NO = Text("是", "Yes"), Text("否", "No")
_LONG_TERM = Text("长期", "No end")
_NONE_OF_THESE = Text("以上均不涉及", "None of these")


def describe_value(
    field: Field,
    value: Any,
    tables: CodeTables,
    providers: Mapping[str, str],
    *,
    masked: bool = True,
    between: str = "、",
) -> Text:
    """A leaf's value as a person reads it. Personal data is masked unless asked otherwise.

    `providers` are names by id, as text; `between` stands between domains and between address ranges.
    """
    if value in (None, "", [], {}):
        return EMPTY
    match field.type:
        case "choice" | "choices":
            return _join([_label(field.table, v, tables) for v in (value if isinstance(value, list) else [value])])
        case "approvals":
            return _describe_approvals(value, tables)
        case "boolean" | "promise":
            return _YES if value else _NO
        case "region":
            return _plain(get_full_name(str(value)) if find_region(str(value)) else value)
        case "province":
            province = find_province(str(value))
            return province.name if province else _plain(value)
        case "end_date" if is_endless(value):
            return _LONG_TERM
        case "provider":
            return _plain(providers.get(str(value), value))
        case "domains" | "ip_ranges":
            return _plain(between.join(map(str, value)))
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
    is_name = field.id in {"name", "legal_representative"}
    return mask_name(value) if is_name else mask_middle(value, head=3, tail=0)


def _plain(value: object) -> Text:
    return Text(str(value), str(value))


def _join(texts: list[Text]) -> Text:
    return Text("、".join(t.zh for t in texts), ", ".join(t.en for t in texts))


def _label(table: str, value: object, tables: CodeTables) -> Text:
    row = getattr(tables, table).find(str(value))
    return row.label if row else _plain(value)


def _describe_approvals(value: Mapping[str, Any], tables: CodeTables) -> Text:
    items = value.get("items") or []
    if not items:
        return _NONE_OF_THESE if value.get("none") else EMPTY
    named = [(_label("prior_approvals", i.get("kind"), tables), str(i.get("number") or "")) for i in items]
    return _join([Text(f"{label.zh} {number}".strip(), f"{label.en} {number}".strip()) for label, number in named])

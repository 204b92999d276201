"""Brings a checked form to normal form, so that equal values are equal on record: +86 138… and 138… are one mobile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from openbeian.cases.decisions.form_values import Entered, walk_form, with_value
from openbeian.kernel.certificates import parse_certificate
from openbeian.kernel.contacts import parse_mailbox, parse_phone
from openbeian.kernel.domains import parse_domain
from openbeian.kernel.errors import ValueRefused
from openbeian.kernel.ip_ranges import parse_ip_range
from openbeian.rules.code_tables import CodeTables
from openbeian.rules.forms import Form


def normalise(
    form: Form, values: dict[str, Any], facts: Mapping[str, Any], tables: CodeTables, on: date
) -> dict[str, Any]:
    """The same values in normal form; what has none stays as typed, for the checks to speak of."""
    for e in list(walk_form(form, values, facts)):
        if e.field.type in {"group", "list"} or e.is_empty:
            continue
        normal = _normal(e, tables, on)
        if normal != e.value:
            values = with_value(values, e.path, normal)
    return values


def _normal(e: Entered, tables: CodeTables, on: date) -> Any:
    match e.field.type:
        case "mobile" | "phone":
            return _or_typed(lambda v: parse_phone(v).national, e.value)
        case "email":
            return _or_typed(parse_mailbox, e.value)
        case "domains":
            return [_or_typed(lambda v: parse_domain(v).registrable, d) for d in e.value]
        case "ip_ranges":
            return [_or_typed(lambda v: parse_ip_range(v).normal, r) for r in e.value]
        case "certificate":
            kind = tables.certificates.find(str(e.scope.get(e.field.depends_on) or ""))
            return _or_typed(lambda v: parse_certificate(kind.grammar, v, on=on).normal, e.value) if kind else e.value
        case _:
            return e.value.strip() if isinstance(e.value, str) else e.value


def _or_typed(read: Callable[[str], str], value: str) -> str:
    try:
        return read(value)
    except ValueRefused:
        return value

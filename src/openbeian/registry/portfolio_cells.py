"""How each cell of a portfolio is read: text into the value that stands on record, or the problem with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

from openbeian.kernel.contacts import check_mobile, parse_mailbox, parse_phone
from openbeian.kernel.dates import read_date, read_term_end
from openbeian.kernel.domains import check_filing_domain
from openbeian.kernel.errors import Problem, ValueRefused
from openbeian.kernel.ip_ranges import normalise_ip_range
from openbeian.kernel.numbers import PoliceNumber, ServiceNumber, parse_number
from openbeian.kernel.provinces import find_province
from openbeian.kernel.regions import check_address_region, get_full_name, is_deepest, list_children
from openbeian.kernel.text import Text
from openbeian.kernel.writing import fold, squeeze
from openbeian.rules.code_tables import CodeTable, CodeTables

Read = Callable[[str], Any]

_SEPARATORS = re.compile(r"[,，;；、|\n\r]+")
_URL = re.compile(r"(?:https?://)?[^\s/?#:@<>\"]+\.[^\s/?#:@<>\"]+(?::\d{1,5})?(?:[/?#][^\s<>\"]*)?", re.IGNORECASE)
_MOST_ITEMS = 50


def choose_readers(tables: CodeTables, providers: Mapping[str, int], on: date) -> dict[str, Read]:
    """One reading function for each column; certificates' numbers stay text, as they need their type.

    `providers` are the register's names and ids; `on` is today, after which nothing was granted.
    """
    certificates, phone = _code(tables.certificates), _phone
    return {
        "sponsor.number": _sponsor_number,
        "sponsor.name": _text(200),
        "sponsor.nature": _code(tables.natures),
        "sponsor.certificate_type": certificates,
        "sponsor.certificate_number": str,
        "sponsor.region": _region,
        "sponsor.address": _text(200),
        "sponsor.certificate_address": _text(200),
        "sponsor.certificate_until": _tolerant(read_term_end),
        "sponsor.legal_representative": _text(60),
        "sponsor.person.name": _text(60),
        "sponsor.person.certificate_type": certificates,
        "sponsor.person.certificate_number": str,
        "sponsor.person.mobile": _mobile,
        "sponsor.person.emergency_phone": phone,
        "sponsor.person.email": parse_mailbox,
        "sponsor.granted_on": _past(on),
        "service.number": _service_number,
        "service.kind": _code(tables.service_kinds),
        "service.name": _text(120),
        "service.domains": _several(lambda text: check_filing_domain(text).name),
        "service.home_url": _url,
        "service.contents": _several(_code(tables.content_types)),
        "service.languages": _several(_code(tables.languages)),
        "service.person.name": _text(60),
        "service.person.certificate_type": certificates,
        "service.person.certificate_number": str,
        "service.person.mobile": _mobile,
        "service.person.email": parse_mailbox,
        "access.provider": _provider(providers),
        "access.mode": _code(tables.access_modes),
        "access.place": _place,
        "access.ip_ranges": _several(normalise_ip_range),
        "service.granted_on": _past(on),
    }


def refuse(rule: str, zh: str, en: str, fix_zh: str, fix_en: str, **places: object) -> ValueRefused:
    """A refusal of a cell under the rule `portfolio.<rule>`."""
    problem = Problem(Text(zh, en).format(**places), Text(fix_zh, fix_en).format(**places), f"portfolio.{rule}")
    return ValueRefused(problem)


def accept_doubtful(read: Read, text: str) -> Any:
    """The value; what could only be doubted stands on record at the authority, and is taken as it is.

    Raises: ValueRefused for what is certainly wrong.
    """
    try:
        return read(text)
    except ValueRefused as refusal:
        if refusal.problem.certain:
            raise
        return squeeze(text).upper() if refusal.problem.rule.startswith("certificate.") else squeeze(text)


def _text(limit: int) -> Read:
    def read(text: str) -> str:
        folded = " ".join(fold(text, limit=limit).split())
        if folded.startswith(("=", "@")):
            zh, en = "内容以“{c}”开头，像是公式。", "This begins with “{c}” like a formula."
            raise refuse("formula", zh, en, "请改成文字。", "Write plain text.", c=folded[0])
        return folded

    return read


def _code(table: CodeTable[Any]) -> Read:
    """An id of the table, given as its id or its label in either language."""
    known = {name.casefold(): row.id for row in table for name in (row.id, row.label.zh, row.label.en)}
    choices = "、".join(row.label.zh for row in table)

    def read(text: str) -> str:
        found = known.get(fold(text, limit=100).casefold())
        if found is None:
            fix = Text("可填：{c}", "Choose one of: {c}").format(c=choices)
            problem = Problem(
                Text("代码表里没有这一项。", "The code table has no such entry."), fix, f"code_table.{table.name}"
            )
            raise ValueRefused(problem)
        return found

    # Labels hold brackets that folding changes; both spellings lead to the row.
    known |= {fold(name): id for name, id in list(known.items())}  # noqa: A001  the rows' own word
    return read


def _several(read: Read) -> Read:
    def read_all(text: str) -> tuple[Any, ...]:
        if not _SEPARATORS.search(text):
            return (accept_doubtful(read, text.strip()),)
        items = [item for part in _SEPARATORS.split(text) if (item := part.strip())]
        if len(items) > _MOST_ITEMS:
            zh, en = "一格里超过 {n} 项。", "More than {n} items in one cell."
            raise refuse("too_many", zh, en, "请检查这一格。", "Check this cell.", n=_MOST_ITEMS)
        return tuple(dict.fromkeys(accept_doubtful(read, item) for item in items))

    return read_all


def _tolerant(read: Callable[[object], date | None]) -> Read:
    """A day, also where a sheet shows a time of day behind it."""
    return lambda text: read(_TIME.sub("", text.strip()))


_TIME = re.compile(r"(?<=\d)[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$", re.ASCII)


def _past(on: date) -> Read:
    read = _tolerant(read_date)

    def read_past(text: str) -> date:
        day: date = read(text)
        if day > on:
            raise refuse("future", "日期晚于今天。", "The day lies after today.", "请核对日期。", "Check the day.")
        return day

    return read_past


def _mobile(text: str) -> str:
    return check_mobile(text).national


def _phone(text: str) -> str:
    return parse_phone(text).national


def _sponsor_number(text: str) -> tuple[str, str]:
    """The number and its province's abbreviation."""
    number = parse_number(text)
    if isinstance(number, ServiceNumber | PoliceNumber) or number.province is None:
        zh, en = "这不是主体备案号。", "This is no sponsor's filing number."
        fix = "请填写如 京ICP备2026000123号，服务号填入“服务备案号”列。"
        raise refuse("number", zh, en, fix, "Write 京ICP备2026000123号; service numbers have a column of their own.")
    return number.normal, number.province.abbreviation


def _service_number(text: str) -> ServiceNumber:
    number = parse_number(text)
    if not isinstance(number, ServiceNumber):
        zh, en = "服务备案号缺少“-1”这样的后缀。", "The service number lacks its suffix, as -1."
        raise refuse("service_number", zh, en, "请填写完整的号码。", "Write the whole number.")
    return number


def _url(text: str) -> str:
    folded = fold(text, limit=300)
    if not _URL.fullmatch(folded):
        zh, en = "这不是网址。", "This is no web address."
        raise refuse("url", zh, en, "请填写如 www.example.cn。", "Write www.example.cn.")
    return folded


def _place(text: str) -> str:
    folded = fold(text, limit=40)
    province = find_province(folded) or find_province(folded[:2])
    if province is None:
        zh, en = "没有这个省、自治区、直辖市。", "There is no such province."
        raise refuse("place", zh, en, "请填写如“北京市”。", "Write 北京市 or its code 110000.")
    return province.region_code


def _provider(providers: Mapping[str, int]) -> Read:
    def read(text: str) -> int:
        name = " ".join(fold(text, limit=200).split())
        if name not in providers:
            zh, en = "服务商名录里没有“{name}”。", "The provider register has no “{name}”."
            fix = "请先登记该服务商，或改成名录中的名称，或留空接入各列。"
            raise refuse(
                "provider",
                zh,
                en,
                fix,
                "Register it first, use the register's name, or leave the access empty.",
                name=name[:60],
            )
        return providers[name]

    return read


def _region(text: str) -> Any:
    folded = fold(text, limit=100).replace(" ", "").replace("/", "").replace("-", "")
    if folded.isdigit() and len(folded) == 6:
        return accept_doubtful(lambda code: check_address_region(code).code, folded)
    code = _region_names().get(folded)
    if code is None:
        zh, en = "没有找到这个地区。", "This region was not found."
        fix = "请写到区县的全称，如“北京市东城区”，或 6 位行政区划代码。"
        raise refuse("region", zh, en, fix, "Write the full name down to the county, or its code of six digits.")
    return code


@cache
def _region_names() -> dict[str, str]:
    names: dict[str, str] = {}
    waiting = list(list_children())
    while waiting:
        region = waiting.pop()
        if is_deepest(region.code):
            names[get_full_name(region.code)] = region.code
        waiting.extend(list_children(region.code))
    return names

"""Reads what people enter about a licence or a number resource, and tells every fault at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from openbeian.kernel.certificates import parse_credit_code
from openbeian.kernel.dates import read_date
from openbeian.kernel.errors import Fault, OpenBeianError, ValueRefused
from openbeian.kernel.numbers import IcpLicenceNumber, VatLicenceNumber, parse_number
from openbeian.kernel.provinces import find_province
from openbeian.kernel.text import Text
from openbeian.registry.errors import LicenceUnfit, NumberResourceUnfit
from openbeian.registry.licence_holders import HolderValues, read_holders
from openbeian.rules.code_tables import load_code_tables
from openbeian.rules.deadlines import compute_deadline

NATIONWIDE = "nationwide"
MINISTRY = "miit"
LONGEST_TERMS = 1000
_MOST_ITEMS = 40
_BETWEEN = re.compile(r"[,，、;；\s]+")
_UNOPENED = ("未开通", "未开展", "unopened")
_NATIONWIDE_WORDS = frozenset({"全国", NATIONWIDE})
_MINISTRY_WORDS = frozenset({"工信部", "工业和信息化部", "部", MINISTRY})
_RANGE = re.compile(r"\d{2,8}")
_NUMBER = re.compile(r"\d{3,20}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LicenceValues:
    """`businesses` are (code, opened); `areas` abbreviations of provinces or NATIONWIDE; `authority` one or MINISTRY.

    `valid_until` is the printed end, or counted from the day of issue where `is_end_printed` is false.
    """

    number: str
    holder: str
    certificate_number: str
    issued_on: date
    valid_until: date
    is_end_printed: bool
    businesses: tuple[tuple[str, bool], ...]
    areas: tuple[str, ...]
    authority: str
    special_terms: str
    sponsor_number: str = ""
    holders: HolderValues = field(default_factory=HolderValues)


@dataclass(frozen=True, slots=True)
class NumberResourceValues:
    number: str
    kind: str
    assigned_on: date
    licence_number: str


def read_licence(raw: Mapping[str, Any]) -> LicenceValues:
    """From a form, a sheet's row or JSON; lists may come as lists or as text with commas. `B25:未开通` is not opened.

    Raises: LicenceUnfit with one fault for each value that is wrong.
    """
    faults: list[Fault] = []
    number = _attempt(faults, "number", _word(raw, "number"), _read_number)
    holder = _word(raw, "holder")
    if not 1 <= len(holder) <= 200 or not holder.isprintable():
        faults.append(_fault("holder", "持证人名称为空或过长。", "The holder's name is empty or too long.", holder))
    certificate = _attempt(
        faults, "certificate_number", _word(raw, "certificate_number"), lambda t: parse_credit_code(t).normal
    )
    issued = _attempt(faults, "issued_on", raw.get("issued_on") or "", read_date)
    printed = _attempt(faults, "valid_until", raw["valid_until"], read_date) if raw.get("valid_until") else None
    businesses = _read_businesses(raw.get("businesses"), faults)
    areas = _read_areas(raw.get("areas"), faults)
    authority = _read_authority(_word(raw, "authority"), number, faults)
    terms = str(raw.get("special_terms") or "").strip()
    if len(terms) > LONGEST_TERMS:
        faults.append(_fault("special_terms", "特别规定事项过长。", "The special terms are too long."))
    if number and authority:
        _check_reach(number, areas, authority, faults)
    end = printed
    if issued and not raw.get("valid_until"):
        end = _attempt(faults, "issued_on", issued, _count_term)
    if issued and end and end < issued:
        fix = Text(
            "请对照证面，改正发证日期或有效期。", "Compare with the licence; correct the day of issue or the end."
        )
        zh, en = "有效期至早于发证日期。", "The printed end precedes the day of issue."
        faults.append(Fault("valid_until", Text(zh, en), fix, "licence.term_backwards", end.isoformat()))
    holders = read_holders(raw, faults)
    if faults or number is None or certificate is None or issued is None or end is None:
        raise LicenceUnfit(faults=faults)
    return LicenceValues(
        number.normal, holder, certificate, issued, end, printed is not None, businesses, areas, authority, terms,
        _word(raw, "sponsor_number"), holders,
    )  # fmt: skip


def read_number_resource(raw: Mapping[str, Any]) -> NumberResourceValues:
    """From a form or JSON. Raises: NumberResourceUnfit with one fault for each value that is wrong."""
    faults: list[Fault] = []
    number, kind = _word(raw, "number"), _word(raw, "kind")
    if not _NUMBER.fullmatch(number):
        faults.append(_fault("number", "码号应为 3 至 20 位数字。", "A number resource has 3 to 20 digits.", number))
    if not _RANGE.fullmatch(kind) or not number.startswith(kind):
        faults.append(
            _fault(
                "kind", "号段应为码号开头的数字，如 95、1069。", "The range is how the number starts: 95, 1069.", kind
            )
        )
    assigned = _attempt(faults, "assigned_on", raw.get("assigned_on") or "", read_date)
    if faults or assigned is None:
        raise NumberResourceUnfit(faults=faults)
    return NumberResourceValues(number, kind, assigned, _word(raw, "licence_number"))


def _read_number(text: str) -> VatLicenceNumber | IcpLicenceNumber:
    number = parse_number(text)
    if isinstance(number, VatLicenceNumber | IcpLicenceNumber):
        return number
    zh, en = "这不是许可证号。", "This is no licence number."
    raise LicenceUnfit(faults=[_fault("number", zh, en, text)])


def _count_term(issued_on: date) -> date:
    return compute_deadline("licence.validity", issued_on).raw_on


def _read_businesses(given: object, faults: list[Fault]) -> tuple[tuple[str, bool], ...]:
    known = load_code_tables().businesses
    found: dict[str, bool] = {}
    for place, item in enumerate(_items(given)):
        if isinstance(item, Mapping):
            code, opened = str(item.get("code", "")).upper(), bool(item.get("opened", True))
        else:
            text, _, mark = str(item).replace("：", ":").partition(":")
            code, opened = text.strip().upper(), mark.strip() not in _UNOPENED
        if known.find(code) is None:
            fix = Text("可选：{c}", "Choose one of: {c}").format(c="、".join(row.id for row in known))
            message = Text("没有“{code}”这个业务代码。", "There is no business code “{code}”.").format(code=code[:20])
            faults.append(Fault(f"businesses.{place}", message, fix, "code_table.businesses", code[:20]))
        found[code] = opened
    if not found:
        faults.append(_fault("businesses", "没有填写业务种类。", "No business is named."))
    return tuple(found.items())


def _read_areas(given: object, faults: list[Fault]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for place, item in enumerate(_items(given)):
        text = str(item).strip()
        province = find_province(text)
        if text in _NATIONWIDE_WORDS:
            found[NATIONWIDE] = None
        elif province is None:
            faults.append(_fault(f"areas.{place}", "没有这个省份。", "There is no such province.", text))
        else:
            found[province.abbreviation] = None
    if not found:
        faults.append(_fault("areas", "没有填写业务覆盖范围。", "No area is named."))
    return (NATIONWIDE,) if NATIONWIDE in found else tuple(found)


def _read_authority(text: str, number: VatLicenceNumber | IcpLicenceNumber | None, faults: list[Fault]) -> str:
    """The number tells the authority where none is entered."""
    if text in _MINISTRY_WORDS:
        return MINISTRY
    if not text:
        return (number.province.abbreviation if number.province else MINISTRY) if number else ""
    province = find_province(text)
    if province is None:
        faults.append(_fault("authority", "没有这个发证机关。", "There is no such authority.", text))
        return ""
    return province.abbreviation


def _check_reach(
    number: VatLicenceNumber | IcpLicenceNumber, areas: tuple[str, ...], authority: str, faults: list[Fault]
) -> None:
    """One province is licensed by its administration, several by the ministry. Source: Telecom Regulations, art. 9."""
    of_number = number.province.abbreviation if number.province else MINISTRY
    rule = "licence.area_of_authority"
    if of_number != authority:
        message = Text("许可证号与发证机关不符。", "The number is not one of this authority.")
        fix = Text("省内许可证号以省份简称开头，部发许可证以“合字”或类别开头。", "Provincial numbers start with the province, the ministry's with 合字 or the class.")  # fmt: skip
        faults.append(Fault("authority", message, fix, rule, authority))
    elif authority != MINISTRY and areas and areas != (authority,):
        message = Text("省局发的许可证只能在本省经营。", "A provincial licence covers that province only.")
        fix = Text("请改为{a}，或填写工信部发的跨地区许可证。", "Enter {a}, or the ministry's cross-region licence.").format(a=authority)  # fmt: skip
        faults.append(Fault("areas", message, fix, rule, "、".join(areas)))
    elif authority == MINISTRY and len(areas) == 1 and areas != (NATIONWIDE,):
        message = Text("跨地区许可证至少覆盖两个省份。", "A cross-region licence covers two provinces or more.")
        fix = Text("请按证面填写全部省份，或填“全国”。", "Enter every province on the licence, or 全国.")
        faults.append(Fault("areas", message, fix, rule, areas[0]))


def _items(given: object) -> list[Any]:
    items = given if isinstance(given, list | tuple) else [i for i in _BETWEEN.split(str(given or "").strip()) if i]
    return list(items)[:_MOST_ITEMS]


def _word(raw: Mapping[str, Any], field: str) -> str:
    return " ".join(str(raw.get(field) or "").split())


def _attempt(faults: list[Fault], field: str, value: Any, read: Callable[[Any], T]) -> T | None:
    try:
        return read(value)
    except ValueRefused as refusal:
        faults.append(refusal.problem.at(field, str(value)[:80]))
    except LicenceUnfit as unfit:
        faults.extend(unfit.faults)
    except OpenBeianError as refusal:
        faults.append(Fault(field, refusal.text, Text("请核对后改正。", "Check and correct it."), refusal.code))
    return None


def _fault(field: str, zh: str, en: str, value: str = "") -> Fault:
    fix = Text("请对照许可证改正。", "Compare with the licence and correct it.")
    return Fault(field, Text(zh, en), fix, f"licence.{field.partition('.')[0]}", value[:80])

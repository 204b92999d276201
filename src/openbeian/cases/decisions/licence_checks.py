"""What can be wrong with a licence application beyond its single fields. Pure.

Source: Licence Measures arts. 6, 27-29; Telecom Regulations arts. 9, 15.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from openbeian.cases.decisions.licence_areas import MINISTRY, check_areas, choose_authority
from openbeian.kernel.errors import Fault, ValueRefused
from openbeian.kernel.text import Text

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    """What the rulebook and the record say. Amounts in yuan, shares in percent; None where no rule says.

    `apply_by` is the last day for a renewal of the licence on record; `applied_on` the day on which this very
    application was first handed in, so that a correction does not come late. `decision_by` and `registry_by` are
    the last days for the changes whose day the form names.
    """

    on: date
    number: str = ""
    authority: str = ""
    valid_until: date | None = None
    apply_by: date | None = None
    applied_on: date | None = None
    decision_by: date | None = None
    registry_by: date | None = None
    least_capital: Mapping[str, int] | None = None
    foreign_cap: int | None = None


def find_licence_faults(procedure_id: str, values: Values, facts: LicenceFacts) -> Iterator[Fault]:
    """Every fault; those not certain are advice and stop nobody."""
    yield from _find_repeated(values)
    if procedure_id == "licence_renewal":
        yield from _find_late_renewal(facts)
        yield from _find_unopened(values)
    if procedure_id in {"licence_new", "licence_scope_change"}:
        yield from _find_capital(values, facts)
        yield from _find_shares(values, facts)
        yield from _find_missing_sites(values)
    if procedure_id == "licence_scope_change":
        yield from _find_authority(values, facts)
        yield from _find_day(values, "decision_on", facts.on, facts.decision_by, "licence.operator_change.apply_after_decision")  # fmt: skip
    if procedure_id == "licence_registry_change":
        yield from _find_day(values, "registry_change_on", facts.on, facts.registry_by, "licence.registry_change.apply")


def refuse_late_renewal(apply_by: date, valid_until: date) -> tuple[Text, Text]:
    """Why a renewal comes too late, and what follows."""
    message = Text(
        "申请延续的最后一日是 {by}，已经过了；许可证 {end} 届满后不予延续。",
        "The last day to apply was {by}; after {end} the licence is not renewed.",
    ).format(by=apply_by, end=valid_until)
    fix = Text(
        "届满前停止经营并做好用户善后，或立即申请新的许可证；届满后继续经营即为无证经营。",
        "Stop by then with care for the users, or apply for a new licence at once; going on is unlicensed operation.",
    )
    return message, fix


def _find_late_renewal(facts: LicenceFacts) -> Iterator[Fault]:
    if facts.apply_by is None or facts.valid_until is None:
        return
    if (facts.applied_on or facts.on) > facts.apply_by:
        message, fix = refuse_late_renewal(facts.apply_by, facts.valid_until)
        yield Fault("businesses", message, fix, "licence.renewal.apply_before_expiry")


def _find_unopened(values: Values) -> Iterator[Fault]:
    rows = list(values.get("businesses") or ())
    rule = "licence.renewal.only_opened_business"
    if rows and not any(row.get("opened") for row in rows):
        message = Text("没有一项业务已开通，不予延续。", "No business is open, so nothing is renewed.")
        fix = Text("先开通业务并提交开通证明；或办理终止经营。", "Open one and prove it, or end the business.")
        yield Fault("businesses.0.opened", message, fix, rule)
        return
    for i, row in enumerate(rows):
        if not row.get("opened"):
            message = Text("{code} 没有开通，届满后不再保留。", "{code} was never open and drops out.")
            fix = Text("确已开通的，勾选并提交证明；否则无须处理。", "If it is open, tick it and prove it.")
            yield Fault(f"businesses.{i}.opened", message.format(code=row.get("code")), fix, rule, certain=False)


def _find_repeated(values: Values) -> Iterator[Fault]:
    seen: set[str] = set()
    for i, row in enumerate(values.get("businesses") or ()):
        code = str(row.get("code") or "")
        if code and code in seen:
            message = Text("业务 {code} 填了两次。", "The business {code} stands twice.").format(code=code)
            yield Fault(f"businesses.{i}.code", message, Text("删去一个。", "Remove one."), "licence.businesses", code)
        seen.add(code)


def _areas(values: Values) -> tuple[str, ...]:
    try:
        return check_areas(str(values.get("areas") or ""))
    except ValueRefused:
        return ()  # a fault of the field itself


def _find_capital(values: Values, facts: LicenceFacts) -> Iterator[Fault]:
    authority = choose_authority(_areas(values))
    text = str((values.get("holder") or {}).get("capital_yuan") or "")
    if not authority or not facts.least_capital or not (text.isascii() and text.isdecimal()):
        return
    key, rule = ("several", "licence.capital.cross_region") if authority == MINISTRY else ("one_province", "licence.capital.intra_province")  # fmt: skip
    least = facts.least_capital[key]
    if int(text) < least:
        message = Text("注册资本低于 {n} 元。", "Capital is below {n} yuan.").format(n=f"{least:,}")
        fix = Text("增资并完成公司登记后再申请，或缩小经营范围。", "Raise it first, or ask for a smaller area.")
        yield Fault("holder.capital_yuan", message, fix, rule, text)


def _find_shares(values: Values, facts: LicenceFacts) -> Iterator[Fault]:
    total, foreign = Decimal(0), Decimal(0)
    for row in values.get("shareholders") or ():
        try:
            share = Decimal(str(row.get("percent") or "0"))
        except InvalidOperation:
            return
        total += share
        foreign += share if row.get("is_foreign") else 0
    if total > 100:
        message = Text("股东持股合计 {n}%，超过 100%。", "The shares come to {n}%, above 100%.").format(n=total)
        yield Fault("shareholders", message, Text("核对股权结构图。", "Check the shareholding tree."), "licence.shareholders")  # fmt: skip
    if facts.foreign_cap is not None and foreign > facts.foreign_cap:
        message = Text("外资合计 {n}%，超过 {cap}%。", "Foreign shares of {n}% are above {cap}%.")
        fix = Text("试点地区的部分业务和电商类业务不受此限；其他须先调整股权。", "Some businesses in pilot areas and e-commerce are exempt; else change the shares first.")  # fmt: skip
        places = {"n": foreign, "cap": facts.foreign_cap}
        yield Fault("shareholders", message.format(**places), fix, "licence.foreign.share_cap", certain=False)


def _find_missing_sites(values: Values) -> Iterator[Fault]:
    if any(row.get("code") == "B25" for row in values.get("businesses") or ()) and not values.get("sites"):
        message = Text("信息服务须列明网站和 App。", "Information services list their sites and apps.")
        fix = Text("每行写一个网站域名或 App 名称。", "Write one domain or app a line.")
        yield Fault("sites", message, fix, "licence.b25.materials", certain=False)


def _find_authority(values: Values, facts: LicenceFacts) -> Iterator[Fault]:
    wanted = choose_authority(_areas(values))
    if wanted and facts.authority and wanted != facts.authority:
        message = Text("新的覆盖范围不归原发证机关管。", "The new area is not the present authority's.")
        fix = Text("由省内改为跨省（或相反）的，向有权机关申请新的许可证。", "From one province to several, or back, apply for a new licence.")  # fmt: skip
        yield Fault("areas", message, fix, "licence.issuer", str(values.get("areas"))[:80])


def _find_day(values: Values, field: str, today: date, last: date | None, rule: str) -> Iterator[Fault]:
    try:
        day = date.fromisoformat(str(values.get(field) or ""))
    except ValueError:
        return
    if day > today:
        message = Text("日期在将来。", "The day lies in the future.")
        yield Fault(field, message, Text("填写实际完成之日。", "Enter the day it was done."), rule, day.isoformat())
    elif last is not None and today > last:
        message = Text("已超过 {day} 的期限。", "The last day, {day}, has passed.").format(day=last)
        fix = Text("尽快提交；逾期可能被警告或罚款。", "Submit at once; being late may mean a warning or a fine.")
        yield Fault(field, message, fix, rule, day.isoformat(), certain=False)

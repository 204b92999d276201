"""What can be wrong with one field by itself: missing, too long, not of its grammar, out of date."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from openbeian.cases.decisions.form_values import Entered
from openbeian.cases.decisions.licence_areas import check_areas
from openbeian.cases.decisions.record_values import is_endless
from openbeian.kernel.certificates import parse_certificate, parse_credit_code
from openbeian.kernel.contacts import check_mobile, parse_mailbox, parse_phone
from openbeian.kernel.deadlines import corresponding_day
from openbeian.kernel.domains import check_filing_domain
from openbeian.kernel.errors import Fault, Problem, problem_with
from openbeian.kernel.ip_ranges import parse_ip_range
from openbeian.kernel.provinces import find_province_of_region
from openbeian.kernel.regions import check_address_region
from openbeian.kernel.service_names import NameRule, find_name_problems
from openbeian.kernel.text import Text
from openbeian.rules.code_tables import CodeTables

_PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)+", re.ASCII)
_AMOUNT = re.compile(r"[0-9]{1,15}", re.ASCII)
_PERCENT = re.compile(r"(100(\.0{1,4})?|[0-9]{1,2}(\.[0-9]{1,4})?)", re.ASCII)
_RANGE = re.compile(r"(9[56]|106[0-9]{1,2})", re.ASCII)
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_HEX = re.compile(r"[0-9A-Fa-f]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class FieldCheck:
    """What the checks of a field may look at."""

    on: date
    tables: CodeTables
    name_rules: tuple[NameRule, ...]
    certificate_months_left: int
    sponsor_group: str | None


def find_field_faults(e: Entered, context: FieldCheck) -> Iterator[Fault]:
    """Every fault of one field that counts; a group or list only for how many items it has."""
    if e.field.type == "list":
        if not e.field.minimum <= len(e.value or ()) <= e.field.maximum:
            yield _fault(e, *_count_message(e), "field.count")
        return
    if e.field.type == "group":
        return
    if e.is_empty:
        if e.field.is_required:
            yield _missing(e)
        return
    yield from _find_length(e)
    check = _CHECKS.get(e.field.type)
    if check is not None:
        yield from (p.at(e.path, _shown(e, v)) for p, v in check(e, context))


def _fault(e: Entered, message: Text, fix: Text, rule: str) -> Fault:
    return Fault(e.path, message, fix, rule, _shown(e, e.value))


def _shown(e: Entered, value: Any) -> str:
    """The value as a fault may show it: personal data never leaves the form this way."""
    if e.field.is_personal or isinstance(value, (dict, list)):
        return ""
    return str(value)[:80]


def _missing(e: Entered) -> Fault:
    label = e.field.label
    if e.field.type == "promise":
        return _fault(
            e, Text("尚未承诺。", "Not promised yet."), Text("阅读后勾选。", "Read it and tick."), "field.promise"
        )
    if e.field.type == "approvals":
        return _fault(
            e,
            Text("没有说明前置审批。", "Nothing is said about prior approvals."),
            Text("选择涉及的项目，或勾选「以上均不涉及」。", "Choose those that apply, or tick “none of these”."),
            "field.approvals_unsaid",
        )
    return _fault(
        e,
        Text("「{label}」未填写。", "“{label}” is missing.").format(label=label),
        Text("请填写「{label}」。", "Fill in “{label}”.").format(label=label),
        "field.required",
    )


def _count_message(e: Entered) -> tuple[Text, Text]:
    places: dict[str, object] = {"label": e.field.label, "low": e.field.minimum, "high": e.field.maximum}
    return (
        Text("「{label}」应有 {low} 至 {high} 项。", "“{label}” holds {low} to {high} items.").format(**places),
        Text("增加或移除。", "Add or remove some.").format(**places),
    )


def _find_length(e: Entered) -> Iterator[Fault]:
    if isinstance(e.value, str):
        length = len(e.value.strip())
        if (e.field.max_length and length > e.field.max_length) or length < e.field.min_length:
            low, high = e.field.min_length or 1, e.field.max_length
            yield _fault(
                e,
                Text("「{label}」有 {n} 个字。", "“{label}” has {n} characters.").format(label=e.field.label, n=length),
                Text("请写 {low} 至 {high} 个字。", "Write {low} to {high} characters.").format(low=low, high=high),
                "field.length",
            )
    elif isinstance(e.value, list) and e.field.max_items and len(e.value) > e.field.max_items:
        yield _fault(
            e,
            Text("「{label}」多于 {n} 项。", "“{label}” has more than {n} items.").format(
                label=e.field.label, n=e.field.max_items
            ),
            Text("请减少，或分开办理。", "Use fewer, or file separately."),
            "field.count",
        )


Found = Iterator[tuple[Problem, Any]]


def _by_reader(read: Callable[[str], object]) -> Callable[[Entered, FieldCheck], Found]:
    def check(e: Entered, _: FieldCheck) -> Found:
        problem = problem_with(read, str(e.value))
        if problem:
            yield problem, e.value

    return check


def _each(read: Callable[[str], object]) -> Callable[[Entered, FieldCheck], Found]:
    def check(e: Entered, _: FieldCheck) -> Found:
        for item in e.value:
            problem = problem_with(read, str(item))
            if problem:
                yield problem, item

    return check


def _check_certificate(e: Entered, context: FieldCheck) -> Found:
    kind = context.tables.certificates.find(str(e.scope.get(e.field.depends_on) or ""))
    if kind is None:
        return  # the kind of certificate is a fault of its own
    problem = problem_with(lambda number: parse_certificate(kind.grammar, number, on=context.on), str(e.value))
    if problem:
        yield problem, e.value


def _check_choice(e: Entered, context: FieldCheck) -> Found:
    chosen = e.value if isinstance(e.value, list) else [e.value]
    for value in chosen:
        if not is_choice(e, str(value), context):
            yield (
                Problem(
                    Text("「{label}」没有这一项。", "“{label}” has no such choice.").format(label=e.field.label),
                    Text("请从列表中选择。", "Choose from the list."),
                    f"code_table.{e.field.table}",
                ),
                value,
            )


def is_choice(e: Entered, value: str, context: FieldCheck) -> bool:
    return value in {c.id for c in list_choices(e.field.table, e.field.depends_on, e.scope, context.tables)}


def list_choices(table: str, depends_on: str, scope: Mapping[str, Any], tables: CodeTables) -> tuple[Any, ...]:
    """The codes a choice offers: certificates depend on the sponsor's nature, or are a person's own."""
    if table == "certificates":
        if depends_on == "=person":
            return tables.list_personal_certificates()
        nature = tables.natures.find(str(scope.get(depends_on) or ""))
        return tables.list_certificates_for(nature.id) if nature else ()
    return tuple(getattr(tables, table))


def _check_approvals(e: Entered, context: FieldCheck) -> Found:
    items = e.value.get("items") or []
    if items and e.value.get("none"):
        yield (
            Problem(
                Text("既选了前置审批，又选了「以上均不涉及」。", "Approvals are chosen and “none of these” as well."),
                Text("二者只能选一。", "Keep one of the two."),
                "field.approvals_contradict",
            ),
            "",
        )
    for item in items:
        label = context.tables.prior_approvals.find(str(item.get("kind") or ""))
        if label is None or not str(item.get("number") or "").strip():
            yield (
                Problem(
                    Text("前置审批缺少批准文号。", "A prior approval lacks its number."),
                    Text("填写批文上的文号并上传批文。", "Enter the number on the approval and upload it."),
                    "field.approval_number",
                ),
                "",
            )


def _check_date(e: Entered, _: FieldCheck) -> Found:
    if read_stored_day(str(e.value)) is None:
        yield _not_a_day(), e.value


def _check_end_date(e: Entered, context: FieldCheck) -> Found:
    if is_endless(e.value):
        return
    until = read_stored_day(str(e.value))
    if until is None:
        yield _not_a_day(), e.value
        return
    needed = corresponding_day(context.on, months_=context.certificate_months_left)
    if until < context.on:
        yield _expiry(Text("证件已过期。", "The certificate has expired.")), e.value
    elif until < needed:
        text = Text("证件有效期不足 {n} 个月。", "The certificate has under {n} months left.")
        yield _expiry(text.format(n=context.certificate_months_left)), e.value


def _expiry(message: Text) -> Problem:
    fix = Text("换领新证后更新有效期并重新上传。", "Renew it, then correct the day and upload it again.")
    return Problem(message, fix, "filing.certificate.months_left")


def _not_a_day() -> Problem:
    return Problem(
        Text("不是有效的日期。", "Not a day of the calendar."),
        Text("请写成 2026-03-01。", "Write it as 2026-03-01."),
        "field.date",
    )


def read_stored_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _check_province(e: Entered, _: FieldCheck) -> Found:
    if find_province_of_region(str(e.value)) is None:
        yield (
            Problem(
                Text("没有这个省级行政区。", "There is no such province."),
                Text("请从列表中选择。", "Choose from the list."),
                "field.province",
            ),
            e.value,
        )


def _check_name(e: Entered, context: FieldCheck) -> Found:
    individual = context.sponsor_group == "person"
    for problem in find_name_problems(str(e.value), context.name_rules, individual=individual):
        yield problem, e.value


def _by_pattern(
    pattern: re.Pattern[str], message: Text, fix: Text, rule: str
) -> Callable[[Entered, FieldCheck], Found]:
    def check(e: Entered, _: FieldCheck) -> Found:
        if not pattern.fullmatch(str(e.value).strip()):
            yield Problem(message, fix, rule), e.value

    return check


def _check_digest(e: Entered, _: FieldCheck) -> Found:
    digits = re.sub(r"[:\s]", "", str(e.value))
    if not _HEX.fullmatch(digits) or len(digits) not in {32, 40}:
        yield (
            Problem(
                Text("不是 MD5 或 SHA-1。", "Neither an MD5 nor a SHA-1."),
                Text("安卓填 32 位、iOS 填 40 位十六进制。", "32 hex digits for Android, 40 for iOS."),
                "field.digest",
            ),
            e.value,
        )


_CHECKS: dict[str, Callable[[Entered, FieldCheck], Found]] = {
    "mobile": _by_reader(check_mobile),
    "phone": _by_reader(parse_phone),
    "email": _by_reader(parse_mailbox),
    "region": _by_reader(check_address_region),
    "domains": _each(check_filing_domain),
    "ip_ranges": _each(parse_ip_range),
    "certificate": _check_certificate,
    "choice": _check_choice,
    "choices": _check_choice,
    "approvals": _check_approvals,
    "date": _check_date,
    "end_date": _check_end_date,
    "province": _check_province,
    "service_name": _check_name,
    "package_name": _by_pattern(
        _PACKAGE,
        Text("软件包名称格式不对。", "Not a package name."),
        Text("如 com.example.app。", "Write it as com.example.app."),
        "field.package_name",
    ),
    "hex": _by_pattern(
        _HEX,
        Text("公钥应为十六进制。", "The public key is hexadecimal."),
        Text("只含 0-9、a-f，不含空格和冒号。", "Only 0-9 and a-f, no spaces or colons."),
        "field.hex",
    ),
    "digest": _check_digest,
    "credit_code": _by_reader(parse_credit_code),
    "areas": _by_reader(check_areas),
    "amount": _by_pattern(
        _AMOUNT,
        Text("应为整数（元）。", "A whole number of yuan."),
        Text("只写数字，如 10000000。", "Digits only, as 10000000."),
        "field.amount",
    ),
    "percent": _by_pattern(
        _PERCENT,
        Text("应为 0 至 100 的比例。", "A share from 0 to 100."),
        Text("只写数字，如 60 或 33.34。", "Digits only, as 60 or 33.34."),
        "field.percent",
    ),
    "number_range": _by_pattern(
        _RANGE,
        Text("没有这个号段。", "There is no such range."),
        Text("填 95、96，或 106 开头的号段。", "Enter 95, 96, or a range that begins with 106."),
        "field.number_range",
    ),
    "digits": _by_pattern(
        _DIGITS,
        Text("码号只含数字。", "A number resource is digits only."),
        Text("只写数字。", "Write digits only."),
        "field.digits",
    ),
}

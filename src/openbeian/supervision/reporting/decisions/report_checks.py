"""Everything that can be wrong with an annual report, found at once: its fields, then what they say to each other. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from openbeian.kernel.dates import read_date
from openbeian.kernel.errors import Fault, ValueRefused
from openbeian.kernel.text import Text
from openbeian.rules.annual_report import BUSINESS, NOT_OPEN, CrossCheck, ReportField, ReportRules

LONGEST_LINE, LONGEST_TEXT = 300, 4000
_WHOLE = re.compile(r"[0-9]{1,15}", re.ASCII)
Figures = Mapping[str, str]


def read_amount(text: str) -> int | None:
    """A whole number as typed, with or without commas; None for anything else."""
    digits = text.replace(",", "").replace("，", "").strip()
    return int(digits) if _WHOLE.fullmatch(digits) else None


def is_open(rules: ReportRules, figures: Figures, code: str) -> bool:
    """Whether a business was open; one switched to 未开通 keeps what was typed, unasked."""
    return figures.get(f"{BUSINESS}.{code}.{rules.open_field}", "") != NOT_OPEN


def list_asked(rules: ReportRules, codes: tuple[str, ...], figures: Figures) -> Iterator[tuple[str, ReportField]]:
    """The fields that count now, with their paths."""
    for path, form, field in rules.walk(codes):
        if not form.code or field.id == rules.open_field or is_open(rules, figures, form.code):
            yield path, field


def find_report_faults(
    rules: ReportRules,
    codes: tuple[str, ...],
    figures: Figures,
    on_record: Figures,
    promises: tuple[str, ...],
    signed_by: str,
    last_year: Figures,
) -> list[Fault]:
    """Every fault in the order of the forms; those not certain are advice and stop nobody."""
    faults: list[Fault] = []
    for path, field in list_asked(rules, codes, figures):
        faults += _find_field_faults(path, field, figures.get(path, ""))
    for check in rules.checks:
        faults += _CHECKS[check.kind](check, rules, codes, figures, on_record)
    faults += _find_unusual(rules, codes, figures, last_year)
    for promise in rules.promises:
        if promise not in promises:
            message = Text("尚未承诺。", "Not promised yet.")
            faults.append(
                Fault(f"promises.{promise}", message, Text("阅读后勾选。", "Read it and tick."), "report.promise")
            )
    if not signed_by.strip():
        message = Text("没有签名。", "Not signed.")
        fix = Text("由法定代表人或其授权的人签名。", "The representative, or who acts for them, signs.")
        faults.append(Fault("signed_by", message, fix, "report.signature"))
    return faults


def compare(now: str, before: str) -> int | None:
    """The change against the year before in whole percent; None where there is nothing to compare."""
    new, old = read_amount(now), read_amount(before)
    if new is None or old is None or old == 0:
        return None
    return round(100 * (new - old) / old)


def _find_field_faults(path: str, field: ReportField, value: str) -> Iterator[Fault]:
    text = value.strip()
    if not text:
        if field.is_required:
            message = Text("「{label}」未填写。", "“{label}” is missing.").format(label=field.label)
            yield Fault(
                path, message, Text("请填写；没有的填 0 或“无”。", "Fill it in; 0 or 无 for none."), "report.required"
            )
        return
    most = LONGEST_TEXT if field.type == "long" else LONGEST_LINE
    if len(text) > most:
        message = Text("「{label}」过长。", "“{label}” is too long.").format(label=field.label)
        yield Fault(path, message, Text("请缩短到 {n} 字。", "Shorten it to {n} characters.").format(n=most), "report.length")  # fmt: skip
    elif field.type in {"count", "yuan"} and read_amount(text) is None:
        message = Text("「{label}」应为不小于 0 的整数。", "“{label}” is a whole number, 0 or more.")
        shown = "" if field.is_personal else text[:40]
        yield Fault(path, message.format(label=field.label), Text("只写数字。", "Digits only."), "report.number", shown)
    elif field.type == "day" and not _is_day(text):
        message = Text("「{label}」不是日期。", "“{label}” is no date.").format(label=field.label)
        yield Fault(path, message, Text("请写成 2025-06-15。", "Write 2025-06-15."), "report.day", text[:40])
    elif field.type == "choice" and text not in dict(field.choices):
        message = Text("「{label}」没有这一项。", "“{label}” has no such choice.").format(label=field.label)
        yield Fault(path, message, Text("请从列表中选择。", "Choose from the list."), "report.choice", text[:40])


def _is_day(text: str) -> bool:
    try:
        read_date(text)
    except ValueRefused:
        return False
    return True


def _fault(check: CrossCheck, path: str, value: str = "") -> Fault:
    return Fault(path, check.message, check.fix, f"report.{check.id}", value[:80], check.is_certain)


Find = Callable[[CrossCheck, ReportRules, tuple[str, ...], Figures, Figures], Iterator[Fault]]


def _at_most(check: CrossCheck, _: ReportRules, __: Any, figures: Figures, ___: Figures) -> Iterator[Fault]:
    left, right = read_amount(figures.get(check.left, "")), read_amount(figures.get(check.right, ""))
    if left is not None and right is not None and left > right:
        yield _fault(check, check.left, str(left))


def _sum_at_most(
    check: CrossCheck, rules: ReportRules, codes: tuple[str, ...], figures: Figures, _: Figures
) -> Iterator[Fault]:
    most = read_amount(figures.get(check.right, ""))
    parts = [read_amount(figures.get(f"{BUSINESS}.{c}.{check.left}", "")) or 0 for c in codes if is_open(rules, figures, c)]  # fmt: skip
    if most is not None and sum(parts) > most:
        yield _fault(check, check.right, str(sum(parts)))


def _implies(
    check: CrossCheck, rules: ReportRules, codes: tuple[str, ...], figures: Figures, _: Figures
) -> Iterator[Fault]:
    for code in codes:
        left = read_amount(figures.get(f"{BUSINESS}.{code}.{check.left}", ""))
        right = read_amount(figures.get(f"{BUSINESS}.{code}.{check.right}", ""))
        if is_open(rules, figures, code) and left and right == 0:
            yield _fault(check, f"{BUSINESS}.{code}.{check.right}", "0")


def _same_as_record(
    check: CrossCheck, _: ReportRules, __: Any, figures: Figures, on_record: Figures
) -> Iterator[Fault]:
    said, known = figures.get(check.left, "").strip(), on_record.get(check.left, "").strip()
    if said and known and said != known and not _is_same_day(said, known):
        yield _fault(check, check.left)


def _is_same_day(said: str, known: str) -> bool:
    """2025年6月15日 is 2025-06-15; only of dates, since eight digits may be a number too."""
    return _is_day(known) and "-" in known and _is_day(said) and read_date(said) == read_date(known)


def _needs(check: CrossCheck, _: ReportRules, __: Any, figures: Figures, ___: Figures) -> Iterator[Fault]:
    said = figures.get(check.left, "").strip()
    applies = said == check.value if check.value else bool(read_amount(said))
    if applies and not figures.get(check.right, "").strip():
        yield _fault(check, check.right)


def _at_least_characters(check: CrossCheck, _: ReportRules, __: Any, figures: Figures, ___: Figures) -> Iterator[Fault]:
    text = figures.get(check.left, "").strip()
    if text and len(text) < check.characters:
        yield _fault(check, check.left)


_CHECKS: dict[str, Find] = {
    "at_most": _at_most,
    "sum_at_most": _sum_at_most,
    "implies": _implies,
    "same_as_record": _same_as_record,
    "at_least_characters": _at_least_characters,
    "needs": _needs,
}


def _find_unusual(rules: ReportRules, codes: tuple[str, ...], figures: Figures, last_year: Figures) -> Iterator[Fault]:
    for path, field in list_asked(rules, codes, figures):
        if field.type not in {"count", "yuan"}:
            continue
        change = compare(figures.get(path, ""), last_year.get(path, ""))
        if change is not None and abs(change) > rules.unusual_change_percent:
            message = Text("「{label}」比上年变化 {n}%。", "“{label}” differs by {n}% from last year.")
            fix = Text("属实的保留；有误的改正。", "Keep it if it is true; correct it if not.")
            yield Fault(path, message.format(label=field.label, n=change), fix, "report.unusual", certain=False)

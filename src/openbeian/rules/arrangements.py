"""Yearly holiday arrangements: reads them from the rulebook, a JSON file or a form, and refuses implausible ones.

The weekend is the ordinary week's; everything else that could be wrong in a copied table is checked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.kernel.working_days import SATURDAY, ArrangedDay, Arrangement, WorkingDayCalendar
from openbeian.rules.errors import ArrangementInvalid
from openbeian.rules.rule import Version
from openbeian.rules.rulebook import Rulebook
from openbeian.rules.yaml_source import Branch, Findings, Reader, read_yaml

FIXED_DAYS_RULE = "calendar.fixed_days_off"
FEWEST_WORKING_DAYS_RULE = "calendar.fewest_working_days"
MOST_WORKING_DAYS_RULE = "calendar.most_working_days"

PLAUSIBLE_YEARS = range(1950, 2201)


def read_arrangement(branch: Branch, findings: Findings) -> Arrangement | None:
    """An arrangement `{year, source, days: [{date, name, day_off}]}`, with faults for what one day can show."""
    reader = Reader(branch, findings)
    year = reader.typed("year", int, Text("四位年份", "a year"), required=True)
    source = reader.take("source", required=True)
    published = ", ".join(map(str, source)) if isinstance(source, list) else str(source or "")
    sections = reader.sections("days", required=True)
    reader.done()
    if year is None:
        return None
    if year not in PLAUSIBLE_YEARS:
        reader.fault(
            "calendar.year_implausible",
            Text("年份不合理。", "The year is not plausible."),
            Text("请写四位年份，例如 2027。", "Write a year of four digits, such as 2027."),
            key="year",
            value=year,
        )
        return None
    days: dict[date, ArrangedDay] = {}
    for section in sections:
        item = Reader(section, findings)
        day, name = _day(item), item.word("name", required=True)
        off = item.typed("day_off", bool, Text("true 或 false", "true or false"), required=True)
        item.done()
        if day is None or off is None:
            continue
        _check_day(item, day, year, off=off)
        if day in days:
            item.fault(
                "calendar.day_twice",
                Text("同一天出现两次。", "The same day stands twice."),
                Text("请只保留一行。", "Keep one line."),
                key="date",
                value=day,
            )
        days[day] = ArrangedDay(day, name, off)
    return Arrangement(year, published, tuple(sorted(days.values(), key=lambda d: d.day)))


def check_arrangement(content: bytes, file: str, rulebook: Rulebook) -> Arrangement:
    """Reads a new year's arrangement from JSON or YAML text.

    Raises: ArrangementInvalid, every fault with `file:line`.
    """
    findings = Findings()
    branch = read_yaml(content, file, findings)
    arrangement = read_arrangement(branch, findings) if branch else None
    if arrangement and branch and not findings.faults:
        _check_year(arrangement, branch.place("days"), rulebook, findings)
    if findings.faults or arrangement is None:
        raise ArrangementInvalid(findings.faults)
    return arrangement


def check_arrangement_form(
    year: int, source: str, rows: Iterable[Mapping[str, str]], rulebook: Rulebook
) -> Arrangement:
    """Reads the same from a form's rows `{date, name, day_off}` (`day_off` is "true" or "false").

    Raises: ArrangementInvalid; fields are `days.0.date` and so on.
    """
    findings = Findings()
    branch = Branch.empty("form")
    branch.update({"year": year, "source": source or None})
    sections = []
    for index, row in enumerate(rows):
        section = Branch.empty("form", index)
        day_off = {"true": True, "false": False}.get(row.get("day_off", ""))
        section.update({"date": row.get("date") or None, "name": row.get("name") or None, "day_off": day_off})
        sections.append(section)
    branch["days"] = sections
    arrangement = read_arrangement(branch, findings)
    if arrangement and not findings.faults:
        _check_year(arrangement, "days", rulebook, findings)
    if findings.faults or arrangement is None:
        raise ArrangementInvalid(_as_form_field(fault) for fault in findings.faults)
    return arrangement


def restore_arrangement(year: int, source: str, days: Iterable[Mapping[str, Any]]) -> Arrangement:
    """An arrangement as it was stored, `[{date, name, day_off}]`, after it had passed a check."""
    arranged = (ArrangedDay(date.fromisoformat(d["date"]), d["name"], d["day_off"]) for d in days)
    return Arrangement(year, source, tuple(arranged))


def with_arrangement(calendar: WorkingDayCalendar, arrangement: Arrangement) -> WorkingDayCalendar:
    """The calendar with this year's arrangement added or replaced."""
    return WorkingDayCalendar([*(a for a in calendar.arrangements if a.year != arrangement.year), arrangement])


def _as_form_field(fault: Fault) -> Fault:
    place, _, line = fault.field.rpartition(":")
    name = {"calendar.day_twice": "date", "calendar.other_year": "date"}.get(fault.rule, "")
    part = fault.rule.removeprefix("rulebook.").split("_m")[0]
    name = name or (part if part in {"date", "name", "day_off"} else "day_off")
    field = f"days.{line}.{name}" if place else fault.field
    return Fault(field, fault.message, fault.fix, fault.rule, fault.value, fault.certain)


def _day(reader: Reader) -> date | None:
    """A date; JSON writes it as text."""
    raw = reader.take("date", required=True)
    if raw is None or isinstance(raw, date):
        return raw
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        reader.fault(
            "rulebook.date_malformed",
            Text(f"日期“{str(raw)[:40]}”不存在。", f"The date “{str(raw)[:40]}” does not exist."),
            Text("请写成 YYYY-MM-DD 的真实日期。", "Write a real date as YYYY-MM-DD."),
            key="date",
            value=raw,
        )
        return None


def _check_day(reader: Reader, day: date, year: int, *, off: bool) -> None:
    """A New Year's arrangement may reach back into the last December days; nothing else leaves its year."""
    if day.year != year and not (day.year == year - 1 and day.month == 12):
        reader.fault(
            "calendar.other_year",
            Text(f"日期不在 {year} 年。", f"The day is not in {year}."),
            Text(f"请改为 {year} 年的日期，或改正年份。", f"Write a day of {year}, or correct the year."),
            key="date",
            value=day,
        )
    if not off and day.weekday() < SATURDAY:
        reader.fault(
            "calendar.make_up_not_weekend",
            Text("调休上班日不是周末。", "A make-up working day that is not on a weekend."),
            Text("请核对通知原文；平日无需列出。", "Check the notice; ordinary weekdays are not listed."),
            key="day_off",
            value=day,
        )


def _check_year(arrangement: Arrangement, place: str, rulebook: Rulebook, findings: Findings) -> None:
    year, calendar = arrangement.year, WorkingDayCalendar([arrangement])
    fixed = _in_force(rulebook, FIXED_DAYS_RULE, date(year, 12, 31))
    for month_day in fixed.value if fixed and isinstance(fixed.value, tuple) else ():
        day = date.fromisoformat(f"{year}-{month_day}")
        if calendar.is_working_day(day):
            findings.add(
                place,
                FIXED_DAYS_RULE,
                Text(f"缺少法定节假日 {day}。", f"The statutory holiday {day} is missing."),
                Text("请补上这一天（day_off: true）。", "Add this day (day_off: true)."),
                day,
            )
    worked, _ = calendar.count_working_days(date(year - 1, 12, 31), date(year, 12, 31))
    fewest = _in_force(rulebook, FEWEST_WORKING_DAYS_RULE, date(year, 12, 31))
    most = _in_force(rulebook, MOST_WORKING_DAYS_RULE, date(year, 12, 31))
    if fewest and most and not int(str(fewest.value)) <= worked <= int(str(most.value)):
        findings.add(
            place,
            FEWEST_WORKING_DAYS_RULE,
            Text(
                f"全年工作日 {worked} 天，不在合理范围 {fewest.value}–{most.value} 天内。",
                f"{worked} working days in the year; {fewest.value}–{most.value} are plausible.",
            ),
            Text("请核对放假与调休是否漏列或多列。", "Check whether days off or make-up days are missing or too many."),
            worked,
        )


def _in_force(rulebook: Rulebook, rule_id: str, on: date) -> Version | None:
    rule = rulebook.rules.get(rule_id)
    return next((v for v in rule.versions if v.is_in_force(on)), None) if rule else None

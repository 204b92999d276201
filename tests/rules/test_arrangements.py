"""A new year's holiday arrangement: the shipped shape passes, each plausible slip is refused at its line or field."""

import json
from datetime import date
from typing import Any

import pytest

from openbeian.rules.arrangements import check_arrangement, check_arrangement_form, with_arrangement
from openbeian.rules.errors import ArrangementInvalid
from openbeian.rules.loader import load_rulebook
from openbeian.rules.rulebook import Rulebook, rulebook_path

CALENDAR = load_rulebook(rulebook_path()).calendar
ROWS_2026: list[dict[str, Any]] = [
    {"date": arranged.day.isoformat(), "name": arranged.name, "day_off": arranged.is_off}
    for arrangement in CALENDAR.arrangements
    if arrangement.year == 2026
    for arranged in arrangement.days
]


def as_file(rows: list[dict[str, Any]], year: int = 2026) -> bytes:
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f'{{"year": {year}, "source": ["gov.cn"], "days": [\n{lines}\n]}}'.encode()


def refused(content: bytes, rulebook: Rulebook) -> list[tuple[str, str]]:
    with pytest.raises(ArrangementInvalid) as refusal:
        check_arrangement(content, "new.json", rulebook)
    return [(f.field, f.rule) for f in refusal.value.faults]


def test_a_right_arrangement_passes_and_makes_its_year_certain(rulebook: Rulebook) -> None:
    arrangement = check_arrangement(as_file(ROWS_2026), "new.json", rulebook)
    assert (arrangement.year, len(arrangement.days)) == (2026, len(ROWS_2026))
    assert with_arrangement(rulebook.calendar, arrangement).published_years == {2024, 2025, 2026}


def test_the_calendar_of_a_loaded_year_is_no_longer_provisional(rulebook: Rulebook) -> None:
    fixed = [row for row in ROWS_2026 if row["day_off"] and row["name"] in {"元旦", "劳动节", "国庆节"}]
    rows = [row | {"date": row["date"].replace("2026", "2027")} for row in fixed]
    arrangement = check_arrangement(as_file(rows, 2027), "new.json", rulebook)
    calendar = with_arrangement(rulebook.calendar, arrangement)
    assert rulebook.calendar.is_provisional(date(2027, 3, 17))
    assert not calendar.is_provisional(date(2027, 3, 17))


def test_a_make_up_day_on_a_weekday_is_refused_at_its_line(rulebook: Rulebook) -> None:
    rows = [*ROWS_2026, {"date": "2026-11-18", "name": "国庆节", "day_off": False}]
    assert refused(as_file(rows), rulebook) == [(f"new.json:{len(rows) + 1}", "calendar.make_up_not_weekend")]


def test_the_same_day_twice_is_refused_at_its_line(rulebook: Rulebook) -> None:
    rows = [*ROWS_2026, ROWS_2026[0]]
    assert refused(as_file(rows), rulebook) == [(f"new.json:{len(rows) + 1}", "calendar.day_twice")]


def test_a_day_of_another_year_is_refused(rulebook: Rulebook) -> None:
    rows = [*ROWS_2026, {"date": "2027-01-01", "name": "元旦", "day_off": True}]
    assert refused(as_file(rows), rulebook) == [(f"new.json:{len(rows) + 1}", "calendar.other_year")]


def test_the_last_december_days_may_belong_to_new_year(rulebook: Rulebook) -> None:
    rows = [{"date": "2025-12-31", "name": "元旦", "day_off": True}, *ROWS_2026]
    assert check_arrangement(as_file(rows), "new.json", rulebook).days[0].day == date(2025, 12, 31)


def test_a_missing_statutory_holiday_is_refused(rulebook: Rulebook) -> None:
    rows = [row for row in ROWS_2026 if row["date"] != "2026-05-01"]
    assert [rule for _, rule in refused(as_file(rows), rulebook)] == ["calendar.fixed_days_off"]


def test_too_few_days_off_are_implausible(rulebook: Rulebook) -> None:
    fixed = {"2026-01-01", "2026-05-01", "2026-10-01", "2026-10-02", "2026-10-03"}
    rows = [row for row in ROWS_2026 if row["date"] in fixed]
    assert [rule for _, rule in refused(as_file(rows), rulebook)] == ["calendar.fewest_working_days"]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"date": "2026-02-30", "name": "春节", "day_off": True}, "rulebook.date_malformed"),
        ({"name": "春节", "day_off": True}, "rulebook.date_missing"),
        ({"date": "2026-11-21", "name": "春节", "day_off": "maybe"}, "rulebook.day_off_malformed"),
        ({"date": "2026-11-21", "day_off": True}, "rulebook.name_missing"),
        ({"date": "2026-11-21", "name": "春节", "day_off": True, "colour": "red"}, "rulebook.key_unknown"),
    ],
)
def test_a_malformed_row_is_refused_at_its_line(row: dict[str, Any], rule: str, rulebook: Rulebook) -> None:
    rows = [*ROWS_2026, row]
    assert refused(as_file(rows), rulebook) == [(f"new.json:{len(rows) + 1}", rule)]


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff\xfe", b'{"year": "soon"}', b'{"year": 0, "days": []}', b'{"year": 99999}']
)
def test_a_file_that_is_no_arrangement_is_refused(content: bytes, rulebook: Rulebook) -> None:
    assert refused(content, rulebook)


def test_a_form_with_the_same_rows_passes(rulebook: Rulebook) -> None:
    rows = [{**row, "day_off": str(row["day_off"]).lower()} for row in ROWS_2026]
    assert check_arrangement_form(2026, "gov.cn", rows, rulebook).year == 2026


def test_a_form_names_the_field_of_each_fault(rulebook: Rulebook) -> None:
    rows = [
        {"date": "2026-02-30", "name": "春节", "day_off": "true"},
        {"date": "2026-11-18", "name": "国庆节", "day_off": "false"},
        {"date": "2026-01-01", "name": "", "day_off": "true"},
        {"date": "2026-01-01", "name": "元旦", "day_off": ""},
    ]
    with pytest.raises(ArrangementInvalid) as refusal:
        check_arrangement_form(2026, "gov.cn", rows, rulebook)
    assert [f.field for f in refusal.value.faults] == ["days.0.date", "days.1.day_off", "days.2.name", "days.3.day_off"]

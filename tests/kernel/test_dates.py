"""Written dates: every customary form reads as the same day, and none is guessed."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeian.kernel.dates import EARLIEST, LATEST, read_date, read_term_end
from openbeian.kernel.errors import ValueRefused

MAY_DAY = date(2023, 5, 1)


@pytest.mark.parametrize(
    "value",
    [
        "2023/5/1",
        "2023-5-1",
        "2023-05-01",
        "2023.5.1",
        "2023年5月1日",
        "2023 年 5 月 1 日",
        "２０２３／５／１",
        "20230501",
        20230501,
        "2023-05-01 00:00:00",
        "2023-05-01T00:00:00",
        45047,
        45047.0,
        "45047",
        date(2023, 5, 1),
        datetime(2023, 5, 1, 13, 30),  # noqa: DTZ001 – what sheet readers hand over
        datetime(2023, 4, 30, 16, 0, tzinfo=UTC),
    ],
)
def test_every_customary_form_is_the_same_day(value: object) -> None:
    assert read_date(value) == MAY_DAY
    assert read_term_end(value) == MAY_DAY


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("2023-2-29", "date.impossible"),
        ("2023-13-01", "date.impossible"),
        ("20231301", "date.impossible"),
        ("1/5/2023", "date.ambiguous"),
        ("23-5-1", "date.ambiguous"),
        ("2023-5", "date.grammar"),
        ("2023-5/1", "date.grammar"),
        ("230501", "date.grammar"),
        ("昨天", "date.grammar"),
        ("", "date.grammar"),
        (None, "date.grammar"),
        (True, "date.grammar"),
        (float("nan"), "date.grammar"),
        (45047.5, "date.grammar"),
        ("1850-01-01", "date.range"),
        ("9999-12-31", "date.range"),
        ("长期", "date.no_end"),
        ("1" * 500, "text.too_long"),
    ],
)
def test_what_is_impossible_incomplete_or_ambiguous_is_refused(value: object, rule: str) -> None:
    with pytest.raises(ValueRefused) as refusal:
        read_date(value)
    assert refusal.value.problem.rule == rule


def test_a_term_may_have_no_end() -> None:
    assert read_term_end("长期") is None
    assert read_term_end(" 长期有效 ") is None


@given(st.dates(EARLIEST, LATEST))
def test_each_day_reads_back_from_every_form(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    forms = [
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
        f"{day.year}/{day.month}/{day.day}",
    ]
    assert {read_date(form) for form in forms} == {day}
    assert serial < 10000 or read_date(serial) == day


@given(st.text(max_size=300) | st.floats() | st.integers() | st.binary(max_size=10))
def test_anything_is_a_date_or_is_refused(value: object) -> None:
    try:
        day = read_date(value)
    except ValueRefused:
        return
    assert EARLIEST <= day <= LATEST

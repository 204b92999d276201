"""The working-day calendar: make-up days count, holidays do not, and counting forward and back agree."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeian.kernel.working_days import (
    MOST_DAYS,
    ArrangedDay,
    Arrangement,
    CountTooLong,
    WorkingDayCalendar,
)

# The Labour Day of 2026 with its make-up Saturday: a small arrangement of the real shape.
LABOUR_DAY = Arrangement(
    2026,
    "test",
    (
        *(ArrangedDay(date(2026, 5, n), "劳动节", True) for n in range(1, 6)),
        ArrangedDay(date(2026, 5, 9), "劳动节", False),
    ),
)
CALENDAR = WorkingDayCalendar([LABOUR_DAY])
DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))


def test_a_make_up_saturday_is_a_working_day_and_names_its_holiday() -> None:
    status = CALENDAR.day_status(date(2026, 5, 9))
    assert (status.is_working, status.provisional, status.name) == (True, False, "劳动节")


def test_a_holiday_on_a_weekday_is_no_working_day() -> None:
    assert not CALENDAR.is_working_day(date(2026, 5, 1))


def test_a_year_without_an_arrangement_follows_the_week_and_says_provisional() -> None:
    friday, saturday = CALENDAR.day_status(date(2027, 1, 1)), CALENDAR.day_status(date(2027, 1, 2))
    assert (friday.is_working, friday.provisional) == (True, True)
    assert (saturday.is_working, saturday.provisional) == (False, True)


def test_the_day_after_is_one_and_the_holiday_is_skipped() -> None:
    assert CALENDAR.add_working_days(date(2026, 4, 30), 1) == (date(2026, 5, 6), False)
    assert CALENDAR.add_working_days(date(2026, 4, 30), 4) == (date(2026, 5, 9), False)


def test_zero_working_days_is_the_day_itself_even_on_a_holiday() -> None:
    assert CALENDAR.add_working_days(date(2026, 5, 1), 0).day == date(2026, 5, 1)


def test_a_count_into_an_unpublished_year_is_provisional() -> None:
    assert CALENDAR.add_working_days(date(2026, 12, 30), 2).provisional


@pytest.mark.parametrize("amount", [MOST_DAYS + 1, -MOST_DAYS - 1])
def test_an_absurd_count_is_refused(amount: int) -> None:
    with pytest.raises(CountTooLong):
        CALENDAR.add_working_days(date(2026, 1, 1), amount)


@pytest.mark.parametrize(("day", "amount"), [(date.max, 1), (date.min, -1)])
def test_a_count_that_leaves_the_calendar_is_refused(day: date, amount: int) -> None:
    with pytest.raises(CountTooLong):
        CALENDAR.add_working_days(day, amount)


def test_a_span_longer_than_any_limit_is_refused() -> None:
    with pytest.raises(CountTooLong):
        CALENDAR.count_working_days(date(1, 1, 1), date(9999, 12, 31))


@given(DAYS, st.integers(1, 300))
def test_forward_and_back_returns_to_the_last_working_day(day: date, amount: int) -> None:
    reached = CALENDAR.add_working_days(day, amount).day
    assert CALENDAR.is_working_day(reached)
    back = CALENDAR.add_working_days(reached, -amount).day
    assert back == CALENDAR.on_or_before(day).day


@given(DAYS, st.integers(0, 300))
def test_counting_is_the_inverse_of_adding(day: date, amount: int) -> None:
    assert CALENDAR.count_working_days(day, CALENDAR.add_working_days(day, amount).day)[0] == amount


@given(DAYS, st.integers(1, 300))
def test_counting_to_an_earlier_day_gives_the_negative(day: date, amount: int) -> None:
    assert CALENDAR.count_working_days(day, CALENDAR.add_working_days(day, -amount).day)[0] == -amount


@given(DAYS, DAYS, st.integers(-200, 200))
def test_a_later_start_never_ends_earlier(one: date, other: date, amount: int) -> None:
    first, second = sorted((one, other))
    assert CALENDAR.add_working_days(first, amount).day <= CALENDAR.add_working_days(second, amount).day


@given(DAYS)
def test_the_nearest_working_days_enclose_the_day(day: date) -> None:
    before, after = CALENDAR.on_or_before(day).day, CALENDAR.on_or_after(day).day
    assert before <= day <= after
    assert (before == after) == CALENDAR.is_working_day(day)

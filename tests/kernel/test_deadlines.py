"""Deadline arithmetic: units, directions, rolling and advice."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeian.kernel.deadlines import (
    Direction,
    LimitUnit,
    compute_limit,
    corresponding_day,
    last_day_of_term,
)
from openbeian.kernel.working_days import CountTooLong, WorkingDayCalendar

ORDINARY_WEEK = WorkingDayCalendar()
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("start", "years", "end"),
    [
        (date(2021, 3, 1), 5, date(2026, 3, 1)),
        (date(2024, 2, 29), 5, date(2029, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
    ],
)
def test_a_term_ends_on_the_corresponding_day_or_the_months_last(start: date, years: int, end: date) -> None:
    assert last_day_of_term(start, years) == end


def test_the_printed_date_wins_over_the_corresponding_day() -> None:
    assert last_day_of_term(date(2021, 3, 1), 5, date(2026, 2, 28)) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), -2, date(2025, 11, 30)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
    ],
)
def test_months_cross_years_and_stop_at_the_months_end(start: date, months: int, end: date) -> None:
    assert corresponding_day(start, months_=months) == end


def test_a_forward_limit_ending_on_sunday_rolls_to_monday_and_advises_friday() -> None:
    end = compute_limit(date(2026, 6, 5), 30, LimitUnit.CALENDAR_DAYS, Direction.AFTER, ORDINARY_WEEK)
    assert (end.raw_on, end.due_on, end.advised_on) == (date(2026, 7, 5), date(2026, 7, 6), date(2026, 7, 3))


def test_a_backward_limit_ending_on_sunday_stays_and_advises_friday() -> None:
    end = compute_limit(date(2026, 8, 4), 30, LimitUnit.CALENDAR_DAYS, Direction.BEFORE, ORDINARY_WEEK)
    assert (end.raw_on, end.due_on, end.advised_on) == (date(2026, 7, 5), date(2026, 7, 5), date(2026, 7, 3))


def test_a_term_that_runs_out_does_not_roll() -> None:
    end = compute_limit(date(2026, 6, 5), 30, LimitUnit.CALENDAR_DAYS, Direction.AFTER, ORDINARY_WEEK, rolls=False)
    assert end.due_on == date(2026, 7, 5)


def test_hours_run_on_through_the_weekend_and_end_in_china_time() -> None:
    sent = datetime(2026, 7, 3, 16, 30, tzinfo=UTC)  # 00:30 on Saturday in China
    end = compute_limit(sent, 24, LimitUnit.HOURS, Direction.AFTER, ORDINARY_WEEK)
    assert end.due_at is not None
    assert end.due_at.isoformat() == "2026-07-05T00:30:00+08:00"
    assert (end.due_on, end.provisional) == (date(2026, 7, 5), False)


def test_hours_from_a_bare_day_count_from_its_start() -> None:
    end = compute_limit(date(2026, 7, 3), 24, LimitUnit.HOURS, Direction.AFTER, ORDINARY_WEEK)
    assert end.due_at is not None
    assert end.due_at.isoformat() == "2026-07-04T00:00:00+08:00"


@pytest.mark.parametrize("unit", list(LimitUnit))
def test_a_limit_beyond_the_calendar_is_refused_in_every_unit(unit: LimitUnit) -> None:
    with pytest.raises(CountTooLong):
        compute_limit(date(9999, 12, 31), 48, unit, Direction.AFTER, ORDINARY_WEEK)


def test_an_absurd_amount_is_refused() -> None:
    with pytest.raises(CountTooLong):
        compute_limit(date(2026, 1, 1), 10**9, LimitUnit.CALENDAR_DAYS, Direction.AFTER, ORDINARY_WEEK)


@given(DAYS, st.integers(0, 2000))
def test_calendar_days_forward_and_back_return_to_the_anchor(day: date, amount: int) -> None:
    there = compute_limit(day, amount, LimitUnit.CALENDAR_DAYS, Direction.AFTER, ORDINARY_WEEK)
    back = compute_limit(there.raw_on, amount, LimitUnit.CALENDAR_DAYS, Direction.BEFORE, ORDINARY_WEEK)
    assert back.raw_on == day


@given(DAYS, st.integers(-600, 600))
def test_months_forward_and_back_differ_by_the_months_end_at_most(day: date, months: int) -> None:
    back = corresponding_day(corresponding_day(day, months_=months), months_=-months)
    assert (back.year, back.month) == (day.year, day.month)
    assert back == day or (back.day >= 28 and back < day)


@given(DAYS, DAYS, st.integers(0, 400), st.sampled_from(list(LimitUnit)), st.sampled_from(list(Direction)))
def test_a_later_anchor_never_falls_due_earlier(
    one: date, other: date, amount: int, unit: LimitUnit, direction: Direction
) -> None:
    amount = min(amount, 50) if unit in {LimitUnit.YEARS, LimitUnit.MONTHS} else amount
    first, second = (compute_limit(d, amount, unit, direction, ORDINARY_WEEK) for d in sorted((one, other)))
    assert first.raw_on <= second.raw_on
    assert first.due_on <= second.due_on
    assert first.advised_on <= second.advised_on


@given(DAYS, st.integers(0, 400), st.sampled_from(list(LimitUnit)), st.sampled_from(list(Direction)))
def test_advice_is_never_later_than_the_raw_day_nor_the_due_day_earlier(
    day: date, amount: int, unit: LimitUnit, direction: Direction
) -> None:
    amount = min(amount, 50) if unit in {LimitUnit.YEARS, LimitUnit.MONTHS} else amount
    end = compute_limit(day, amount, unit, direction, ORDINARY_WEEK)
    assert end.advised_on <= end.raw_on <= end.due_on

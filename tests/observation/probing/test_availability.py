"""Availability counts what was seen, in China's days, and keeps apart what nobody can tell."""

from datetime import UTC, date, datetime, timedelta

from openbeian.kernel.answers import Answer
from openbeian.observation.probing.availability import Availability, compute_availability
from openbeian.observation.probing.judgement import Observed, Window
from openbeian.observation.probing.record import Whose

MIDNIGHT = datetime(2026, 11, 1, 16, tzinfo=UTC)  # 2 November in China
HOUR_S = 3600


def seen(hour: float, sign: str) -> Observed:
    outcome = {"+": Answer.MET, "-": Answer.NOT_MET, "?": Answer.CANNOT_TELL, "o": Answer.NOT_MET}[sign]
    return Observed(MIDNIGHT + timedelta(hours=hour), outcome, Whose.OURS if sign == "o" else Whose.SITE)


def test_a_day_with_a_confirmed_fault() -> None:
    history = [seen(0, "+"), seen(6, "-"), seen(7, "-"), seen(8, "+")]
    found = compute_availability(history, "day", MIDNIGHT + timedelta(hours=24))
    # The second failure was not confirmed by another, so its hour is nobody's.
    assert found == [Availability(date(2026, 11, 2), 22 * HOUR_S, HOUR_S, HOUR_S)]
    assert found[0].share == 22 / 23


def test_an_unconfirmed_failure_ours_and_silence_are_unknown() -> None:
    history = [seen(0, "-"), seen(1, "+"), seen(2, "o"), seen(3, "?"), seen(4, "+")]
    found = compute_availability(history, "day", MIDNIGHT + timedelta(hours=5))
    assert found == [Availability(date(2026, 11, 2), 2 * HOUR_S, 0, 3 * HOUR_S)]


def test_maintenance_counts_as_neither() -> None:
    window = Window(MIDNIGHT + timedelta(hours=1), MIDNIGHT + timedelta(hours=3))
    found = compute_availability(
        [seen(0, "+"), seen(2, "-"), seen(4, "+")], "day", MIDNIGHT + timedelta(hours=5), [window]
    )
    assert found == [Availability(date(2026, 11, 2), 2 * HOUR_S, 0, HOUR_S)]


def test_days_months_and_years_are_chinas() -> None:
    history = [seen(hour, "+") for hour in range(-24, 24, 6)]
    until = MIDNIGHT + timedelta(hours=24)
    assert [each.start_on for each in compute_availability(history, "day", until)] == [
        date(2026, 11, 1),
        date(2026, 11, 2),
    ]
    assert compute_availability(history, "month", until) == [Availability(date(2026, 11, 1), 48 * HOUR_S, 0, 0)]
    assert [each.start_on for each in compute_availability(history, "year", until)] == [date(2026, 1, 1)]


def test_a_probe_does_not_speak_for_weeks() -> None:
    found = compute_availability([seen(0, "+")], "month", MIDNIGHT + timedelta(days=10))
    assert (found[0].up_s, found[0].unknown_s) == (36 * HOUR_S, (240 - 36) * HOUR_S)
    assert compute_availability([], "day", MIDNIGHT) == []

"""The clock: legal days are China's days, and the clock can be held."""

from datetime import UTC, date, datetime, timedelta

import pytest

from openbeian.kernel import clock


def test_the_legal_day_changes_at_midnight_in_china_not_in_greenwich() -> None:
    with clock.hold(datetime(2026, 3, 1, 15, 59, tzinfo=UTC)):
        assert clock.today() == date(2026, 3, 1)
    with clock.hold(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)):
        assert clock.today() == date(2026, 3, 2)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        clock.legal_day(datetime(2026, 3, 1))  # noqa: DTZ001


def test_a_moved_clock_goes_on_ticking_and_a_held_one_stays_held() -> None:
    real = clock.now()
    try:
        clock.move(-100)
        assert timedelta(days=100) - timedelta(minutes=1) < real - clock.now() <= timedelta(days=100)
        with clock.hold(real):
            assert clock.now() == real
    finally:
        clock.move(0)
    assert clock.now() >= real

"""Which days are covered, which are missing, and from when on logs must still exist."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.observation.traffic.generator import START, Event, nginx_combined

from openbeian.kernel.text import Text
from openbeian.observation.traffic.retention import Gap, duty_begins, find_gaps, report_retention
from openbeian.observation.traffic.rules import Duty, load_rules
from openbeian.observation.traffic.store import save_traffic

NOTHING = Text("", "")
FIRST = date(2025, 12, 31)


@pytest.mark.parametrize(
    ("months", "days", "today", "begins"),
    [
        (6, 0, date(2026, 11, 21), date(2026, 5, 21)),
        (6, 0, date(2026, 8, 31), date(2026, 2, 28)),
        (6, 0, date(2028, 8, 30), date(2028, 2, 29)),
        (6, 0, date(2026, 1, 15), date(2025, 7, 15)),
        (0, 60, date(2026, 3, 1), date(2025, 12, 31)),
    ],
)
def test_a_duty_begins_its_months_or_days_before_today(months: int, days: int, today: date, begins: date) -> None:
    assert duty_begins(Duty("x", NOTHING, NOTHING, months, days), today) == begins


def test_saved_days_are_covered_and_the_days_between_are_gaps(tmp_path: Path) -> None:
    event = Event(START, "1.2.3.4", "Mozilla/5.0 Firefox/120.0", "GET", "/", "", 200, 1, "")
    log = tmp_path / "access.log"
    log.write_text("".join(nginx_combined(replace(event, moment=START + d * 86_400)) + "\n" for d in (0, 1, 4, 5)))
    save_traffic([str(log)], folder=tmp_path / "store", service="site")
    report = report_retention(tmp_path / "store", today=FIRST + timedelta(days=8))
    (service,) = report.services
    assert (service.first_on, service.last_on, service.days_covered) == (FIRST, FIRST + timedelta(days=5), 4)
    assert service.gaps == (Gap(FIRST + timedelta(days=2), FIRST + timedelta(days=3)),)
    assert [gap.days for gap in service.duty_days_missing] == [2, 2]
    assert service.duty_days_unknown == (Gap(report.keep_since, FIRST - timedelta(days=1)),)
    assert report.duty.id == "cybersecurity-law"
    assert report.keep_since == date(2025, 7, 8)


def test_nothing_saved_covers_nothing(tmp_path: Path) -> None:
    assert report_retention(tmp_path, today=FIRST).services == ()


def test_gaps_and_days_make_up_the_whole() -> None:
    days = {FIRST + timedelta(days=d) for d in (0, 3, 4, 9)}
    gaps = find_gaps(days, FIRST - timedelta(days=1), FIRST + timedelta(days=10))
    assert sum(gap.days for gap in gaps) + len(days) == 12


def test_every_duty_names_its_source_in_both_languages() -> None:
    assert all(duty.source.zh and duty.source.en and (duty.months or duty.days) for duty in load_rules().duties)

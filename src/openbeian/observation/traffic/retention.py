"""Are the access logs kept as long as they must be? Days covered by saved logs, gaps, and days under the duty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from openbeian.kernel import clock
from openbeian.observation.traffic.engine import engine
from openbeian.observation.traffic.figures import EPOCH
from openbeian.observation.traffic.manifest import read_manifest
from openbeian.observation.traffic.rules import CountingRules, Duty, load_rules
from openbeian.observation.traffic.store import load_counts


@dataclass(frozen=True, slots=True)
class Gap:
    """Days without a counted line, both ends included."""

    first_on: date
    last_on: date

    @property
    def days(self) -> int:
        return (self.last_on - self.first_on).days + 1

    def as_json(self) -> dict[str, Any]:
        return {"first_on": self.first_on.isoformat(), "last_on": self.last_on.isoformat(), "days": self.days}


@dataclass(frozen=True, slots=True)
class ServiceRetention:
    """One service: which days its saved logs cover, and what is missing of those that must still be kept.

    A day without a line may be a day without a log or without a visitor: the page must say so; it is no breach by itself.
    Of days under the duty before the first counted line nothing can be told: the service may not have run yet.
    """

    service: str
    first_on: date
    last_on: date
    days_covered: int
    gaps: tuple[Gap, ...]
    duty_days_covered: int
    duty_days_missing: tuple[Gap, ...]
    duty_days_unknown: tuple[Gap, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "service": self.service,
            "first_on": self.first_on.isoformat(),
            "last_on": self.last_on.isoformat(),
            "days_covered": self.days_covered,
            "gaps": [gap.as_json() for gap in self.gaps],
            "duty_days_covered": self.duty_days_covered,
            "duty_days_missing": [gap.as_json() for gap in self.duty_days_missing],
            "duty_days_unknown": [gap.as_json() for gap in self.duty_days_unknown],
        }


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """The longest duty decides: raw logs from `keep_since` on must still exist; `duty` says on what ground."""

    today: date
    keep_since: date
    duty: Duty
    services: tuple[ServiceRetention, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "today": self.today.isoformat(),
            "keep_since": self.keep_since.isoformat(),
            "duty": {"id": self.duty.id, "name": self.duty.name.as_json(), "source": self.duty.source.as_json()},
            "services": [service.as_json() for service in self.services],
        }


def duty_begins(duty: Duty, today: date) -> date:
    """The oldest day whose logs must still be kept; a month without that day of the month ends earlier."""
    month = today.year * 12 + today.month - 1 - duty.months
    year, month = divmod(month, 12)
    for day in range(today.day, 0, -1):
        try:
            return date(year, month + 1, day) - timedelta(days=duty.days)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def find_gaps(days: set[date], first: date, last: date) -> tuple[Gap, ...]:
    """The stretches of first … last (both included) that are not among the days."""
    gaps: list[Gap] = []
    day = first
    while day <= last:
        if day in days:
            day += timedelta(days=1)
            continue
        end = day
        while end < last and end + timedelta(days=1) not in days:
            end += timedelta(days=1)
        gaps.append(Gap(day, end))
        day = end + timedelta(days=1)
    return tuple(gaps)


def report_retention(folder: Path, *, today: date | None = None, rules: CountingRules | None = None) -> RetentionReport:
    """Which days the saved logs cover, per service; the present day is not yet due.

    Raises: StoreFailed.
    """
    rules, today = rules or load_rules(), today or clock.today()
    duty = min(rules.duties, key=lambda duty: duty_begins(duty, today))
    since, yesterday = duty_begins(duty, today), today - timedelta(days=1)
    covered: dict[str, set[date]] = {}
    with engine() as running:
        load_counts(running, folder, read_manifest(folder), tables={"activity", "excluded"})
        for service, day in running.rows(
            "SELECT DISTINCT service, day FROM activity UNION SELECT DISTINCT service, day FROM excluded"
        ):
            covered.setdefault(service, set()).add(EPOCH + timedelta(days=day))
    services = tuple(
        ServiceRetention(
            service,
            min(days),
            max(days),
            len(days),
            find_gaps(days, min(days), max(days)),
            sum(since <= day <= yesterday for day in days),
            find_gaps(days, max(since, min(days)), yesterday),
            find_gaps(days, since, min(yesterday, min(days) - timedelta(days=1))),
        )
        for service, days in sorted(covered.items())
    )
    return RetentionReport(today, since, duty, services)

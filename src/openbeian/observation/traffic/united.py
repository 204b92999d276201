"""Distinct visitors of periods that hold days whose visitors are forgotten: exact where that is possible, else estimated."""

# ruff: noqa: S608 - the SQL is put together from this package's own words
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from openbeian.observation.traffic.counting import PEOPLE, ROBOTS
from openbeian.observation.traffic.engine import Engine
from openbeian.observation.traffic.sketches import estimate, rank_sql, register_sql

MEASURES = ("clients", "unique_visitors")
REAL = f"visitor NOT IN ({PEOPLE}, {ROBOTS})"
"""Rows of visitors that are not forgotten."""

_PERIODS = {
    "day": "strftime(DATE '1970-01-01' + c.day, '%Y-%m-%d')",
    "month": "c.month",
    "year": "c.year",
    "total": "'total'",
}


@dataclass(frozen=True, slots=True)
class United:
    """(people, robots) by measure, and whether the numbers are exact."""

    numbers: dict[str, tuple[int, int]]
    is_exact: bool


def has_forgotten(engine: Engine) -> bool:
    """Whether any day in the engine's tables has forgotten visitors."""
    return bool(engine.rows("SELECT count(*) FROM sketches")[0][0])


def sketches_of_visitors(condition: str) -> str:
    """SQL for the sketches (columns of the table) of the visitors in `visitor_days` that meet a condition."""
    return " UNION ALL ".join(
        f"SELECT service, day, robot, '{measure}' AS measure, {register_sql('visitor')} AS register, "
        f"{rank_sql('visitor')} AS rank FROM visitor_days WHERE {REAL} AND {viewed} AND {condition}"
        for measure, viewed in zip(MEASURES, ("true", "page_views > 0"), strict=True)
    )


def list_united(engine: Engine) -> Iterator[tuple[str, str, str, United]]:
    """(service, kind of period, its label, numbers) for each period with a day whose visitors are forgotten.

    Exact: nobody is left to be united with what was counted when the visitors were forgotten. A total of one year is that
    year. Otherwise the sketches of the days and of the visitors still known are united.
    """
    exact = _list_exact(engine)
    years: dict[str, list[United]] = defaultdict(list)
    known_years: dict[str, int] = dict(
        engine.rows("SELECT service, count(DISTINCT year) FROM visitor_days JOIN calendar USING (day) GROUP BY service")
    )
    for kind, label_sql in _PERIODS.items():
        alive = set(
            engine.rows(
                f"SELECT DISTINCT v.service, {label_sql} FROM visitor_days v JOIN calendar c ON v.day = c.day WHERE {REAL}"
            )
        )
        for (service, label), estimated in _estimate(engine, label_sql).items():
            found = estimated
            if (service, label) in exact and (service, label) not in alive:
                found = United(exact[service, label], True)
            if kind == "year":
                years[service].append(found)
            if kind == "total" and known_years[service] == len(years[service]) == 1:
                found = years[service][0]
            yield service, kind, label, found


def _list_exact(engine: Engine) -> dict[tuple[str, str], dict[str, tuple[int, int]]]:
    """Numbers by (service, period); those that later lines made wrong have a row without numbers and are left out."""
    sides: dict[tuple[str, str], dict[bool, tuple[int | None, int | None]]] = defaultdict(dict)
    spoiled = set()
    for service, period, robot, clients, visitors in engine.rows(
        "SELECT service, period, robot, clients, unique_visitors FROM exact_visitors"
    ):
        if clients is None or robot in sides[service, period]:
            spoiled.add((service, period))
        sides[service, period][robot] = (clients, visitors)
    return {
        key: {
            measure: (int(found.get(False, (0, 0))[place] or 0), int(found.get(True, (0, 0))[place] or 0))
            for place, measure in enumerate(MEASURES)
        }
        for key, found in sides.items()
        if key not in spoiled
    }


def _estimate(engine: Engine, label_sql: str) -> dict[tuple[str, str], United]:
    ranks: dict[tuple[str, str], dict[tuple[str, bool], dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    for service, label, robot, measure, rank, registers in engine.rows(
        f"""SELECT service, label, robot, measure, rank, count(*) FROM (
            SELECT service, label, robot, measure, register, max(rank) AS rank FROM (
                SELECT s.*, {label_sql} AS label FROM (SELECT * FROM sketches UNION ALL {sketches_of_visitors("true")}) s
                JOIN calendar c ON s.day = c.day)
            WHERE (service, label) IN (SELECT (s.service, {label_sql}) FROM sketches s JOIN calendar c ON s.day = c.day)
            GROUP BY service, label, robot, measure, register)
        GROUP BY service, label, robot, measure, rank"""
    ):
        ranks[service, label][measure, robot][rank] = registers
    return {
        key: United(
            {m: (estimate(found.get((m, False), {})), estimate(found.get((m, True), {}))) for m in MEASURES}, False
        )
        for key, found in ranks.items()
    }


def day_label(day: int) -> str:
    """The ISO date of a day number."""
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()

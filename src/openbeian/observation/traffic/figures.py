"""Draws the figures from the counts: people and robots side by side, per service, day, month and year.

The SQL here is plain enough for DuckDB and Spark alike; it sees only the tables of `counting` and a calendar.
"""

# ruff: noqa: S608 - the SQL is put together from this package's own words; values from outside are parameters or literals made safe
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from openbeian.kernel.clock import CHINA
from openbeian.kernel.writing import inert
from openbeian.observation.traffic.counting import ROBOTS
from openbeian.observation.traffic.engine import Engine
from openbeian.observation.traffic.rules import CountingRules
from openbeian.observation.traffic.united import REAL, has_forgotten, list_united

EPOCH = date(1970, 1, 1)
TOP = 20
ADDITIVE = ("requests", "page_views", "bytes", "visits")
DISTINCT = ("unique_visitors", "clients")


@dataclass(slots=True)
class Pair:
    """One figure for people and for robots."""

    people: int = 0
    robots: int = 0

    def add(self, robot: bool, number: int) -> None:
        if robot:
            self.robots += number
        else:
            self.people += number

    @property
    def total(self) -> int:
        return self.people + self.robots

    def as_json(self) -> dict[str, int]:
        return {"people": self.people, "robots": self.robots}


def _measures() -> dict[str, Pair]:
    return {name: Pair() for name in (*ADDITIVE[:2], "visits", *DISTINCT, "bytes")}


@dataclass(slots=True)
class ServiceFigures:
    """All figures of one service; the periods are keyed 2025-01-31, 2025-01 and 2025."""

    service: str
    total: dict[str, Pair] = field(default_factory=_measures)
    years: dict[str, dict[str, Pair]] = field(default_factory=dict)
    months: dict[str, dict[str, Pair]] = field(default_factory=dict)
    days: dict[str, dict[str, Pair]] = field(default_factory=dict)
    statuses: dict[str, Pair] = field(default_factory=dict)
    methods: dict[str, Pair] = field(default_factory=dict)
    pages: list[tuple[str, Pair]] = field(default_factory=list)
    referrers: list[tuple[str, Pair]] = field(default_factory=list)
    regions: list[tuple[str, Pair]] = field(default_factory=list)
    peak_minute: str = ""
    peak_requests: int = 0
    peak_bytes: int = 0
    estimated: set[str] = field(default_factory=set)
    """Periods (and `total`) whose distinct visitors and clients are estimates; all others are exact."""

    def periods_of(self, day: int) -> list[dict[str, Pair]]:
        """The measures of the day, month, year and total that a day belongs to."""
        label = (EPOCH + timedelta(days=day)).isoformat()
        return [
            self.days.setdefault(label, _measures()),
            self.months.setdefault(label[:7], _measures()),
            self.years.setdefault(label[:4], _measures()),
            self.total,
        ]

    def as_json(self) -> dict[str, Any]:
        def table(rows: Mapping[str, dict[str, Pair]]) -> dict[str, Any]:
            return {label: _pairs(measures) for label, measures in sorted(rows.items())}

        return {
            "service": inert(self.service),
            "total": _pairs(self.total),
            "years": table(self.years),
            "months": table(self.months),
            "days": table(self.days),
            "statuses": _pairs(self.statuses),
            "methods": _pairs(self.methods),
            "pages": [{"path": inert(path), "page_views": pair.as_json()} for path, pair in self.pages],
            "referrers": [{"host": inert(host), "page_views": pair.as_json()} for host, pair in self.referrers],
            "regions": [{"region": inert(region), "requests": pair.as_json()} for region, pair in self.regions],
            "estimated": sorted(self.estimated),
            "peak": {"minute": self.peak_minute, "requests": self.peak_requests, "bytes_per_minute": self.peak_bytes},
        }


def _pairs(measures: Mapping[str, Pair]) -> dict[str, dict[str, int]]:
    return {name: pair.as_json() for name, pair in sorted(measures.items())}


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def draw_figures(
    engine: Engine, rules: CountingRules, *, year: int | None = None, names: Mapping[int, str] | None = None
) -> tuple[list[ServiceFigures], int]:
    """The figures of every service, and the number of counted lines outside `year` (China days), which are left out.

    `names` are those of services that go by a number in the tables (`Counter.show`).
    """
    inside = "day IS NOT NULL"
    if year is not None:
        inside = f"day BETWEEN {day_number(date(year, 1, 1))} AND {day_number(date(year, 12, 31))}"
    outside = engine.rows(f"SELECT coalesce(sum(requests), 0) FROM activity WHERE NOT ({inside})")[0][0]
    forgotten = has_forgotten(engine)
    _classify(engine, rules, inside, forgotten=forgotten)
    drawing = _Drawing(engine, inside, names)
    drawing.periods()
    drawing.visits(rules.idle_s)
    drawing.breakdowns()
    drawing.tops("pages", "path")
    drawing.tops("referrers", "referrer")
    drawing.regions()
    drawing.peaks()
    if forgotten:
        drawing.forgotten()
    return [drawing.services[name] for name in sorted(drawing.services)], int(outside)


def count_visits(engine: Engine, rules: CountingRules) -> dict[tuple[str, str], Pair]:
    """Visits by (service, day) of the stretches in `visits` alone; people and robots as `draw_figures` told them apart."""
    drawing = _Drawing(engine, "day IS NOT NULL")
    drawing.visits(rules.idle_s)
    return {
        (name, label): measures["visits"]
        for name, figures in drawing.services.items()
        for label, measures in figures.days.items()
    }


def _classify(engine: Engine, rules: CountingRules, inside: str, *, forgotten: bool) -> None:
    """`visitor_days`: one row per day and visitor, told apart; `robot_days`: the robots among them; `calendar`: the days."""
    measured = "client_errors * 100 >= {n} * requests"
    conditions = [
        " AND ".join(
            measured.format(n=number) if measure == "client_errors_percent" else f"{measure} >= {number}"
            for measure, number in rule.when.items()
        )
        for rule in rules.behaviour
    ]
    robot = " OR ".join(["named_robot", *(f"({condition})" for condition in conditions)])
    engine.run(
        f"""CREATE OR REPLACE TEMP TABLE visitor_days AS
        SELECT service, day, visitor, requests, page_views, bytes, {robot} AS robot FROM (
            SELECT service, day, visitor, sum(requests) AS requests, sum(page_views) AS page_views, sum(bytes) AS bytes,
                sum(robots_txt) AS robots_txt, max(robot) AS named_robot,
                sum(CASE WHEN status BETWEEN 400 AND 499 THEN requests ELSE 0 END) AS client_errors
            FROM activity WHERE {inside}{f" AND {REAL}" if forgotten else ""} GROUP BY service, day, visitor)"""
    )
    if forgotten:
        engine.run(
            f"""INSERT INTO visitor_days SELECT service, day, visitor, sum(requests), sum(page_views), sum(bytes),
            visitor = {ROBOTS} FROM activity WHERE {inside} AND NOT ({REAL}) GROUP BY service, day, visitor"""
        )
    engine.run("CREATE OR REPLACE TEMP TABLE robot_days AS SELECT service, day, visitor FROM visitor_days WHERE robot")
    days = [day for (day,) in engine.rows("SELECT DISTINCT day FROM visitor_days ORDER BY day")]
    engine.run("CREATE OR REPLACE TEMP TABLE calendar (day INTEGER, month VARCHAR, year VARCHAR)")
    if days:
        values = ", ".join(
            f"({d}, '{(label := (EPOCH + timedelta(days=d)).isoformat())[:7]}', '{label[:4]}')" for d in days
        )
        engine.run(f"INSERT INTO calendar VALUES {values}")


class _Drawing:
    """The figures on their way from the tables."""

    def __init__(self, engine: Engine, inside: str, names: Mapping[int, str] | None = None) -> None:
        self.engine, self.inside, self.names = engine, inside, names or {}
        self.services: dict[str, ServiceFigures] = {}

    def _service(self, key: str | int) -> ServiceFigures:
        name = key if isinstance(key, str) else self.names[key]
        return self.services.setdefault(name, ServiceFigures(name))

    def periods(self) -> None:
        """Sums per day, which add up to months and years; distinct visitors, which do not and are counted for each."""
        for service, day, robot, requests, views, size, clients, visitors in self.engine.rows(
            """SELECT service, day, robot, sum(requests), sum(page_views), sum(bytes), count(*),
                sum(CASE WHEN page_views > 0 THEN 1 ELSE 0 END) FROM visitor_days GROUP BY service, day, robot"""
        ):
            today, *_ = periods = self._service(service).periods_of(day)
            for measures in periods:
                measures["requests"].add(robot, int(requests))
                measures["page_views"].add(robot, int(views))
                measures["bytes"].add(robot, int(size))
            today["clients"].add(robot, clients)
            today["unique_visitors"].add(robot, int(visitors))
        (months, years) = self.engine.rows("SELECT count(DISTINCT month), count(DISTINCT year) FROM calendar")[0]
        by_month = self._distinct("month")
        by_year = by_month if months == 1 else self._distinct("year")
        overall = by_year if years == 1 else self._distinct("'all'")
        for service, label, robot, clients, visitors in by_month:
            self._book_distinct(self._service(service).months[label], robot, clients, visitors)
        for service, label, robot, clients, visitors in by_year:
            self._book_distinct(self._service(service).years[label[:4]], robot, clients, visitors)
        for service, _, robot, clients, visitors in overall:
            self._book_distinct(self._service(service).total, robot, clients, visitors)

    @staticmethod
    def _book_distinct(measures: dict[str, Pair], robot: bool, clients: int, visitors: int) -> None:
        measures["clients"].add(robot, clients)
        measures["unique_visitors"].add(robot, int(visitors))

    def _distinct(self, period: str) -> list[tuple[Any, ...]]:
        return self.engine.rows(
            f"""SELECT service, period, robot, count(*), sum(viewed) FROM (
                SELECT service, {period} AS period, robot, max(CASE WHEN page_views > 0 THEN 1 ELSE 0 END) AS viewed
                FROM visitor_days JOIN calendar USING (day) GROUP BY service, {period}, robot, visitor)
            GROUP BY service, period, robot"""
        )

    def visits(self, idle_s: int) -> None:
        """Joins stretches that overlap or lie within the pause, whatever file they came from; counted where they begin."""
        rows = self.engine.rows(
            f"""SELECT service, day, robot_days.visitor IS NOT NULL, count(*) FROM (
                SELECT service, visitor, CAST(floor((first_at + 28800) / 86400) AS INTEGER) AS day FROM (
                    SELECT service, visitor, first_at, max(last_at) OVER (PARTITION BY service, visitor
                        ORDER BY first_at, last_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached FROM visits)
                WHERE reached IS NULL OR first_at - reached > {idle_s})
            LEFT JOIN robot_days USING (service, day, visitor) WHERE {self.inside} GROUP BY service, day, robot_days.visitor IS NOT NULL"""
        )
        for service, day, robot, visits in rows:
            for measures in self._service(service).periods_of(day):
                measures["visits"].add(robot, visits)

    def breakdowns(self) -> None:
        """Requests by status and by method."""
        for service, status, method, robot, requests in self.engine.rows(
            f"""SELECT a.service, a.status, a.method, r.visitor IS NOT NULL, sum(a.requests) FROM activity a
                LEFT JOIN robot_days r ON a.service = r.service AND a.day = r.day AND a.visitor = r.visitor WHERE a.{self.inside}
                GROUP BY a.service, a.status, a.method, r.visitor IS NOT NULL"""
        ):
            figures = self._service(service)
            figures.statuses.setdefault(str(status), Pair()).add(robot, int(requests))
            figures.methods.setdefault(method, Pair()).add(robot, int(requests))

    def tops(self, table: str, column: str) -> None:
        """The pages or referrers with most page views by people; equal ones in the order of their text."""
        for service, name, people, robots in self.engine.rows(
            f"""SELECT service, name, people, robots FROM (
                SELECT service, name, people, robots,
                    row_number() OVER (PARTITION BY service ORDER BY people DESC, robots DESC, name) AS place FROM (
                    SELECT t.service, t.{column} AS name, sum(CASE WHEN r.visitor IS NULL THEN t.page_views ELSE 0 END) AS people,
                        sum(CASE WHEN r.visitor IS NULL THEN 0 ELSE t.page_views END) AS robots
                    FROM {table} t LEFT JOIN robot_days r ON t.service = r.service AND t.day = r.day AND t.visitor = r.visitor WHERE t.{self.inside}
                    GROUP BY t.service, t.{column}))
            WHERE place <= {TOP} ORDER BY service, place"""
        ):
            chosen = self._service(service).pages if table == "pages" else self._service(service).referrers
            chosen.append((name, Pair(int(people), int(robots))))

    def regions(self) -> None:
        """Requests by region, most people first."""
        for service, region, people, robots in self.engine.rows(
            f"""SELECT t.service, t.region, sum(CASE WHEN r.visitor IS NULL THEN t.requests ELSE 0 END) AS people,
                sum(CASE WHEN r.visitor IS NULL THEN 0 ELSE t.requests END) AS robots
            FROM regions t LEFT JOIN robot_days r ON t.service = r.service AND t.day = r.day AND t.visitor = r.visitor
            WHERE t.{self.inside} GROUP BY t.service, t.region ORDER BY people DESC, robots DESC, t.region"""
        ):
            self._service(service).regions.append((region, Pair(int(people), int(robots))))

    def forgotten(self) -> None:
        """What is known of days whose visitors are forgotten; see `united`."""
        for service, day, robot, visits in self.engine.rows(
            f"SELECT service, day, robot, sum(visits) FROM closed_visits WHERE {self.inside} GROUP BY service, day, robot"
        ):
            for measures in self._service(service).periods_of(day):
                measures["visits"].add(robot, int(visits))
        for service, kind, label, found in list_united(self.engine):
            figures = self._service(service)
            periods = {"day": figures.days, "month": figures.months, "year": figures.years}
            measures = figures.total if kind == "total" else periods[kind][label]
            for measure, (people, robots) in found.numbers.items():
                measures[measure] = Pair(people, robots)
            if not found.is_exact:
                figures.estimated.add(label)

    def peaks(self) -> None:
        """The busiest minute; of equal ones the first."""
        inside = self.inside.replace("day", "CAST(floor((minute + 480) / 1440) AS INTEGER)")
        for service, minute, requests, size in self.engine.rows(
            f"""SELECT service, minute, requests, bytes FROM (
                SELECT service, minute, requests, bytes, row_number() OVER (PARTITION BY service ORDER BY requests DESC, minute) AS place
                FROM (SELECT service, minute, sum(requests) AS requests, sum(bytes) AS bytes FROM minutes WHERE {inside}
                    GROUP BY service, minute)) WHERE place = 1"""
        ):
            figures = self._service(service)
            figures.peak_minute = (
                datetime.fromtimestamp(minute * 60, UTC).astimezone(CHINA).isoformat(timespec="minutes")
            )
            figures.peak_requests, figures.peak_bytes = int(requests), int(size)

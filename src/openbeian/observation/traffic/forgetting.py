"""Forgets visitors: counts without them, the numbers of visitors, and sketches take the place of their pseudonyms.

Until then a store knows each visitor by a keyed pseudonym (store). Personal information may be kept no longer than its
purpose asks (PIPL art. 19), the figures stay: every sum is what it was, also visits and the robots told from people, because
both are drawn once more and written down. Numbers of visitors stay exact for each day, month and year forgotten as a
whole; those of other periods become estimates (`united`).
"""

# ruff: noqa: S608 - the SQL is put together from this package's own words
from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from openbeian.kernel import clock
from openbeian.observation.traffic.counting import ALL_TABLES, PEOPLE, ROBOTS, TABLES
from openbeian.observation.traffic.engine import Engine, engine
from openbeian.observation.traffic.errors import ResourcesExhausted, StoreFailed
from openbeian.observation.traffic.figures import Pair, ServiceFigures, count_visits, day_number, draw_figures
from openbeian.observation.traffic.manifest import (
    ForgottenVisitors,
    Manifest,
    failed,
    locked,
    read_manifest,
    write_manifest,
)
from openbeian.observation.traffic.rules import CountingRules, load_rules
from openbeian.observation.traffic.store import load_counts, sweep, withdraw, write_counts
from openbeian.observation.traffic.united import REAL, sketches_of_visitors

_SUMMED = {
    "activity": ("status, method", "requests, page_views, robots_txt, bytes"),
    "pages": ("path", "page_views"),
    "referrers": ("referrer", "page_views"),
    "regions": ("region", "requests"),
}
_LABELS = {"day": "strftime(DATE '1970-01-01' + day, '%Y-%m-%d')", "month": "month", "year": "year"}


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Days before `before` hold no visitors any more; `days` and `visitors` (pseudonyms) were forgotten this time."""

    before: date
    days: int
    visitors: int

    def as_json(self) -> dict[str, Any]:
        return {"before": self.before.isoformat(), "days": self.days, "visitors": self.visitors}


def forget_visitors_of(folder: Path, before: date, *, rules: CountingRules | None = None) -> Forgotten:
    """Forgets the visitors of all saved days before a China day; the store is changed in one step or not at all.

    Late lines of such a day are taken in, their visitors until the next time. What an earlier call forgot stays forgotten.
    Raises: StoreBusy, StoreFailed (nothing was forgotten then), RulesUnusable.
    """
    rules = rules or load_rules()
    with locked(folder), engine() as running:
        manifest = read_manifest(folder)
        limit = max(before.isoformat(), manifest.forgotten.before)
        days = {_day(name) for log in manifest.logs for name in log.files if _day(name) < limit}
        if not days:
            return Forgotten(date.fromisoformat(limit), 0, 0)
        identifier = secrets.token_hex(8)
        try:
            sweep(folder, manifest)
            load_counts(running, folder, manifest)
            visitors = _forget(running, rules, day_number(date.fromisoformat(limit)))
            files = write_counts(running, folder, identifier, ALL_TABLES)
            _book(manifest, limit, files, rules.version)
            write_manifest(folder, manifest)
            sweep(folder, manifest)
        except ResourcesExhausted as fault:
            raise withdraw(folder, identifier, StoreFailed(why=fault.text)) from fault
        except OSError as fault:
            raise withdraw(folder, identifier, failed(fault)) from fault
        return Forgotten(date.fromisoformat(limit), len(days), visitors)


def _day(name: str) -> str:
    return Path(name).parent.name.removeprefix("date=")


def _book(manifest: Manifest, limit: str, files: list[str], rules: str) -> None:
    versions = [*manifest.forgotten.rules, *([] if rules in manifest.forgotten.rules else [rules])]
    manifest.forgotten = ForgottenVisitors(limit, files, versions, clock.now().isoformat(timespec="seconds"))
    for log in manifest.logs:
        kept = [name for name in log.files if _day(name) >= limit]
        if kept != log.files:
            # Rejected lines are shown with what stood in them, addresses too.
            log.files, log.merged, log.examples = kept, True, {}


def _forget(running: Engine, rules: CountingRules, limit: int) -> int:
    """Leaves in the engine's tables what is to be written for the days before `limit`; returns the number of visitors."""
    drawn, _ = draw_figures(running, rules)
    visitors = running.rows(f"SELECT count(DISTINCT visitor) FROM visitor_days WHERE day < {limit} AND {REAL}")[0][0]
    _keep_exact(running, limit)
    running.run(
        f"""CREATE OR REPLACE TEMP TABLE united AS SELECT service, day, robot, measure, register, max(rank) AS rank FROM (
            SELECT * FROM sketches UNION ALL {sketches_of_visitors(f"day < {limit}")})
        GROUP BY service, day, robot, measure, register"""
    )
    _replace(running, "sketches", "united")
    running.run(f"DELETE FROM visits WHERE (first_at + 28800) // 86400 < {limit}")
    _keep_visits(running, drawn, count_visits(running, rules))
    for table, (kept, summed) in _SUMMED.items():
        columns = [column.split()[0] for column in TABLES[table].split(", ")]
        chosen = {"visitor": f"CASE WHEN r.visitor IS NULL THEN {PEOPLE} ELSE {ROBOTS} END AS visitor"}
        chosen |= {"robot": "r.visitor IS NOT NULL AS robot"}
        chosen |= {column: f"sum(t.{column}) AS {column}" for column in summed.split(", ")}
        listed = ", ".join(chosen.get(column, f"t.{column}") for column in columns)
        groups = ", ".join(f"t.{column}" for column in ("service", "day", *kept.split(", ")))
        running.run(
            f"""CREATE OR REPLACE TEMP TABLE united AS SELECT {listed} FROM {table} t LEFT JOIN robot_days r
            ON t.service = r.service AND t.day = r.day AND t.visitor = r.visitor WHERE t.day < {limit}
            GROUP BY {groups}, r.visitor IS NULL, r.visitor IS NOT NULL"""
        )
        _replace(running, table, "united")
    running.run("DELETE FROM visits")
    running.run(f"DELETE FROM minutes WHERE (minute + 480) // 1440 >= {limit}")
    running.run(f"DELETE FROM excluded WHERE day >= {limit}")
    running.run("CREATE OR REPLACE TEMP TABLE pseudonyms (visitor UBIGINT, pseudonym UBIGINT)")
    running.run(f"INSERT INTO pseudonyms VALUES ({PEOPLE}, {PEOPLE}), ({ROBOTS}, {ROBOTS})")
    return int(visitors)


def _replace(running: Engine, table: str, source: str) -> None:
    running.run(f"DELETE FROM {table}")
    running.run(f"INSERT INTO {table} SELECT * FROM {source}")
    running.run(f"DROP TABLE {source}")


def _keep_exact(running: Engine, limit: int) -> None:
    """`exact_visitors` of the periods with visitors to forget; no number where others were forgotten before."""
    running.run(f"CREATE OR REPLACE TEMP TABLE united ({ALL_TABLES['exact_visitors']})")
    for label in _LABELS.values():
        before = f"SELECT DISTINCT service, {label} FROM sketches JOIN calendar USING (day)"
        running.run(
            f"""INSERT INTO united SELECT service, max(day), {label}, robot, count(DISTINCT visitor),
                count(DISTINCT CASE WHEN page_views > 0 THEN visitor END)
            FROM visitor_days JOIN calendar USING (day) WHERE day < {limit} AND {REAL} GROUP BY service, {label}, robot"""
        )
        running.run(
            f"UPDATE united SET clients = NULL, unique_visitors = NULL WHERE (service, period) IN (SELECT (service, label) FROM ({before}) AS t(service, label))"
        )
    running.run(
        "INSERT INTO united SELECT * FROM exact_visitors WHERE (service, period) NOT IN (SELECT (service, period) FROM united)"
    )
    _replace(running, "exact_visitors", "united")


def _keep_visits(running: Engine, drawn: list[ServiceFigures], still_there: dict[tuple[str, str], Pair]) -> None:
    """`closed_visits`: what the stretches that stay do not tell. Below zero on the first day that is not forgotten, where
    a stretch that goes on from the day before would now be taken for a visit of its own."""
    rows = []
    for figures in drawn:
        for label, measures in figures.days.items():
            there = still_there.get((figures.service, label), Pair())
            missing = {False: measures["visits"].people - there.people, True: measures["visits"].robots - there.robots}
            day = day_number(date.fromisoformat(label))
            rows += [(figures.service, day, robot, visits) for robot, visits in missing.items() if visits]
    running.run("DELETE FROM closed_visits")
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    running.run(
        "INSERT INTO closed_visits SELECT unnest(?::VARCHAR[]), unnest(?::INTEGER[]), unnest(?::BOOLEAN[]), unnest(?::BIGINT[])",
        [list(column) for column in columns],
    )

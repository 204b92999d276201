"""Counted lines before they are summed up: one narrow row per line, and what its numbers stand for.

Figures of logs that are only read are drawn from these rows as they are: grouping them by visitor first would halve
their number and cost more than the drawing. What is saved, and what would not fit into memory, is summed up into the
tables of `counting`. Both say the same: a row here is a count of one.
"""

# ruff: noqa: S608 - the SQL is put together from this package's own words
from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from openbeian.observation.traffic.engine import Engine

METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "PROPFIND")
MOST_HITS = 1 << 25
"""So many rows are kept, 55 bytes each; where memory ends the engine moves them to its temporary folder. Beyond them they are
summed up before more are added."""

_COLUMNS = (
    "service_id INTEGER, day INTEGER, visitor UBIGINT, robot BOOLEAN, moment BIGINT, status SMALLINT, method TINYINT, "
    "page_view BOOLEAN, robots_txt BOOLEAN, bytes BIGINT, path_id INTEGER, host_id INTEGER"
)
_METHOD = "CASE method " + " ".join(f"WHEN {i} THEN '{name}'" for i, name in enumerate(METHODS)) + " ELSE 'other' END"

VIEWS: Mapping[str, str] = MappingProxyType(
    {
        "activity": f"SELECT service_id AS service, day, visitor, robot, status, {_METHOD} AS method, 1 AS requests, "
        "CAST(page_view AS INTEGER) AS page_views, CAST(robots_txt AS INTEGER) AS robots_txt, bytes FROM hits",
        "visits": "SELECT service_id AS service, visitor, moment AS first_at, moment AS last_at FROM ("
        "SELECT service_id, visitor, moment, lag(moment) OVER (PARTITION BY visitor ORDER BY moment) AS before "
        "FROM hits WHERE page_view) WHERE before IS NULL OR moment - before > {idle_s}",
        "pages": "SELECT service_id AS service, day, visitor, path, 1 AS page_views FROM hits JOIN paths USING (path_id) "
        "WHERE page_view",
        "referrers": "SELECT service_id AS service, day, visitor, host AS referrer, 1 AS page_views FROM hits "
        "JOIN origins USING (host_id) WHERE page_view",
        "minutes": "SELECT service_id AS service, moment // 60 AS minute, 1 AS requests, bytes FROM hits",
    }
)
"""The tables of counts these rows stand for, as views over them; a service goes by its number there, a visit by its first page view."""

_NAMES = {
    "services": ("service_key", "service", "service_id"),
    "paths": ("path_key", "path", "path_id"),
    "origins": ("host_key", "host", "host_id"),
}
"""Tables of names: hash, name, and the number that stands in the rows, half as wide as the hash."""


class Hits:
    """The table `hits`, with `services`, `paths` and `origins` that name its numbers, in one engine."""

    def __init__(self, engine: Engine, idle_s: int) -> None:
        self.engine, self.idle_s = engine, idle_s
        self._was_settled = False
        self._clear()

    def _clear(self) -> None:
        self.engine.run(f"CREATE OR REPLACE TEMP TABLE hits ({_COLUMNS})")
        for table, (key, name, number) in _NAMES.items():
            self.engine.run(f"CREATE OR REPLACE TEMP TABLE {table} ({key} UBIGINT, {name} VARCHAR, {number} INTEGER)")

    def name(self, **names: str) -> None:
        """Takes the (key, name) of what new rows will speak of, for each table of names, as SQL."""
        for table, (key, name, number) in _NAMES.items():
            known = self.engine.rows(f"SELECT count(*) FROM {table}")[0][0]
            self.engine.run(
                f"INSERT INTO {table} SELECT {key}, {name}, CAST({known} + row_number() OVER (ORDER BY {key}) AS INTEGER) AS {number} "
                f"FROM ({names[table]}) WHERE {key} NOT IN (SELECT {key} FROM {table})"
            )

    def number_of(self, service: str) -> int:
        """The number that stands for a service in the rows, 0 if it has not been named."""
        return next(
            (n for n, known in self.engine.rows("SELECT service_id, service FROM services") if known == service), 0
        )

    def add(self, rows: str) -> None:
        """Takes rows in the order of the table's columns, as SQL; all they speak of has been named."""
        self.engine.run(f"INSERT INTO hits {rows}")

    def is_full(self) -> bool:
        """Whether the rows should be summed up before more come."""
        return bool(self.engine.rows("SELECT count(*) FROM hits")[0][0] >= MOST_HITS)

    def show(self) -> dict[int, str]:
        """Makes views of the tables of counts, for the drawing of figures: nothing more can be counted then.

        Returns the names of the services in them, by number. None are needed, and none returned, where rows had been summed up.
        """
        if self._was_settled:
            self.settle()
            return {}
        for table, rows in VIEWS.items():
            self.engine.run(f"DROP TABLE {table}")
            self.engine.run(f"CREATE TEMP VIEW {table} AS {rows.format(idle_s=self.idle_s)}")
        self.engine.run("ALTER TABLE regions RENAME TO named_regions")
        self.engine.run(
            "CREATE TEMP VIEW regions AS SELECT service_id AS service, day, visitor, region, requests FROM named_regions "
            "JOIN services USING (service)"
        )
        return dict(self.engine.rows("SELECT service_id, service FROM services"))

    def settle(self) -> None:
        """Sums the rows up into the tables of counts and forgets them."""
        self._was_settled = True
        run = self.engine.run
        # A visitor has one service and is a robot or not: more keys in a GROUP BY over all rows would cost more.
        of_visitor = "any_value(service_id) AS service_id"
        run(
            f"""INSERT INTO activity SELECT service, day, visitor, robot, status, {_METHOD}, requests, page_views, robots_txt, bytes
            FROM (SELECT day, visitor, status, method, {of_visitor}, any_value(robot) AS robot, count(*) AS requests,
                count(*) FILTER (page_view) AS page_views, count(*) FILTER (robots_txt) AS robots_txt,
                CAST(sum(bytes) AS BIGINT) AS bytes FROM hits GROUP BY day, visitor, status, method)
            JOIN services USING (service_id)"""
        )
        run(
            """INSERT INTO minutes SELECT service, minute, requests, bytes FROM (
                SELECT service_id, moment // 60 AS minute, count(*) AS requests, CAST(sum(bytes) AS BIGINT) AS bytes
                FROM hits GROUP BY service_id, moment // 60) JOIN services USING (service_id)"""
        )
        for table, names in (("pages", "paths"), ("referrers", "origins")):
            _, name, key = _NAMES[names]
            run(
                f"""INSERT INTO {table} SELECT service, day, visitor, {name}, page_views FROM (
                    SELECT day, visitor, {key}, {of_visitor}, count(*) AS page_views FROM hits WHERE page_view
                    GROUP BY day, visitor, {key}) JOIN {names} USING ({key}) JOIN services USING (service_id)"""
            )
        # Only the first and the last page view of a stretch are kept: enough to join it with stretches read later.
        run(
            f"""INSERT INTO visits SELECT service, visitor, moment, CASE WHEN closes THEN moment ELSE following END FROM (
                SELECT service_id, visitor, moment, opens, closes,
                    lead(moment) OVER (PARTITION BY visitor ORDER BY moment, opens DESC) AS following
                FROM (SELECT service_id, visitor, moment, coalesce(moment - before > {self.idle_s}, true) AS opens,
                        coalesce(after - moment > {self.idle_s}, true) AS closes
                    FROM (SELECT service_id, visitor, moment, lag(moment) OVER w AS before, lead(moment) OVER w AS after
                        FROM hits WHERE page_view WINDOW w AS (PARTITION BY visitor ORDER BY moment)))
                WHERE opens OR closes) JOIN services USING (service_id) WHERE opens"""
        )
        self._clear()

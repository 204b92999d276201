"""Turns the facts of lines into counts that can be added up: over pieces, files, days and machines.

The counts (one row per what):
- `activity`  service, day, visitor, status, method → robot, requests, page_views, robots_txt, bytes
- `visits`    service, visitor, first_at, last_at   → a stretch of page views without a long pause (epoch seconds)
- `pages`     service, day, visitor, path           → page_views
- `referrers` service, day, visitor, referrer       → page_views
- `regions`   service, day, visitor, region           → requests (only with an IP database)
- `minutes`   service, minute (epoch minutes)       → requests, bytes
- `excluded`  service, day, rule                    → lines, bytes

`day` is days since 1970-01-01 in China; `visitor` is a 64-bit hash of service, client address and user agent, in the
store a pseudonym of address and user agent: the same on every service, so that two hosts of one service share it. Sums and
unions of these tables give the same figures as one reading of all lines, in whatever order they come: people and
robots are told apart only when the figures are drawn, because a late line can make a robot of a visitor.
"""

# ruff: noqa: S608 - the SQL is put together from this package's own words; values from outside are parameters or literals made safe
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from openbeian.observation.traffic import agents
from openbeian.observation.traffic.engine import Engine
from openbeian.observation.traffic.grammars import GRAMMARS, Grammar, recognise
from openbeian.observation.traffic.hits import METHODS, Hits
from openbeian.observation.traffic.layouts import Layout
from openbeian.observation.traffic.regions import RegionDatabase
from openbeian.observation.traffic.rules import CountingRules

CHINA_OFFSET_S = 8 * 3600
EXAMPLES = 3
_NEW_FACTS = "CREATE OR REPLACE TEMP TABLE facts AS"
_DAY = f"CAST((moment + {CHINA_OFFSET_S}) // 86400 AS INTEGER) AS day"
FEW_AGENTS = 500
_AGENT = "decode(any_value(agent))"

TABLES: Mapping[str, str] = MappingProxyType(
    {
        "activity": "service VARCHAR, day INTEGER, visitor UBIGINT, robot BOOLEAN, status SMALLINT, method VARCHAR, "
        "requests BIGINT, page_views BIGINT, robots_txt BIGINT, bytes BIGINT",
        "visits": "service VARCHAR, visitor UBIGINT, first_at BIGINT, last_at BIGINT",
        "pages": "service VARCHAR, day INTEGER, visitor UBIGINT, path VARCHAR, page_views BIGINT",
        "referrers": "service VARCHAR, day INTEGER, visitor UBIGINT, referrer VARCHAR, page_views BIGINT",
        "regions": "service VARCHAR, day INTEGER, visitor UBIGINT, region VARCHAR, requests BIGINT",
        "minutes": "service VARCHAR, minute BIGINT, requests BIGINT, bytes BIGINT",
        "excluded": "service VARCHAR, day INTEGER, rule VARCHAR, lines BIGINT, bytes BIGINT",
    }
)
"""Name and columns of each table of counts."""

FORGOTTEN_TABLES: Mapping[str, str] = MappingProxyType(
    {
        "closed_visits": "service VARCHAR, day INTEGER, robot BOOLEAN, visits BIGINT",
        "sketches": "service VARCHAR, day INTEGER, robot BOOLEAN, measure VARCHAR, register INTEGER, rank INTEGER",
        "exact_visitors": "service VARCHAR, day INTEGER, period VARCHAR, robot BOOLEAN, clients BIGINT, unique_visitors BIGINT",
    }
)
"""What is kept instead of visitors once they are forgotten; see `forgetting`."""

ALL_TABLES: Mapping[str, str] = MappingProxyType({**TABLES, **FORGOTTEN_TABLES})
PEOPLE, ROBOTS = 0, 1
"""The two visitors that stand for all people and all robots of a day whose visitors are forgotten."""


@dataclass(slots=True)
class Tally:
    """What became of the lines of one log: `read` = counted + excluded + rejected.

    `examples`: some rejected lines by reason, the first 300 characters of each after its number in the log.
    """

    read: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)
    formats: list[str] = field(default_factory=list)

    @property
    def counted(self) -> int:
        return self.read - sum(self.excluded.values()) - sum(self.rejected.values())

    def add(self, other: Tally) -> None:
        self.read += other.read
        for mine, theirs in ((self.excluded, other.excluded), (self.rejected, other.rejected)):
            for reason, lines in theirs.items():
                mine[reason] = mine.get(reason, 0) + lines
        for reason, lines_shown in other.examples.items():
            self.examples[reason] = sorted({*self.examples.get(reason, []), *lines_shown})[:EXAMPLES]
        self.formats += [name for name in other.formats if name not in self.formats]


Source = Callable[[], AbstractContextManager[Sequence[Path]]]
"""Opens files whose lines, all together, are those to be read; opened once for a sample, and once for all lines."""


def _list(values: tuple[str, ...]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def _files(paths: Sequence[Path]) -> str:
    return f"[{_list(tuple(map(str, paths)))}]"


def other_grammar(lines: Sequence[str], used: Sequence[str]) -> Grammar | None:
    """A format that fits lines which fitted none of `used`; None for IIS, whose columns stand in one place only."""
    other = recognise(lines) if lines else None
    return other if other and other.name not in used and other.name in GRAMMARS and other.name != "iis_w3c" else None


class Counter:
    """Counts pieces of logs into the tables above, inside one engine."""

    def __init__(
        self,
        engine: Engine,
        rules: CountingRules,
        *,
        latest: int,
        service: str | None = None,
        key: str | None = None,
        regions: RegionDatabase | None = None,
    ) -> None:
        """`latest` is the last believable time, epoch seconds; `service` overrides the host names in the logs.

        With a `key` the table `pseudonyms` (visitor, pseudonym UBIGINT) is filled too: what is stored for a visitor of any service,
        the same in every run with this key, and useless without it.
        """
        self.engine, self.rules, self.latest, self.key, self.regions = engine, rules, latest, key, regions
        host = r"regexp_extract(lower(host), '^([a-z0-9_.-]{1,253}|\[[0-9a-f:.]+\])(:[0-9]+)?$', 1)"
        self._service = f"CASE WHEN host = '' THEN '' ELSE {host} END" if service is None else _list((service,))
        self._named, self._good = service, ""
        self._visitors, self._has_learned = "true", False
        self._only: str | None = None
        self._hits = Hits(engine, rules.idle_s)
        self.clear()
        engine.run("CREATE OR REPLACE TEMP TABLE robot_agents (agent VARCHAR)")
        engine.run("CREATE OR REPLACE TEMP TABLE known_agents (agent VARCHAR)")

    def clear(self) -> None:
        """Empties the tables of counts."""
        for table, columns in ALL_TABLES.items():
            self.engine.run(f"CREATE OR REPLACE TEMP TABLE {table} ({columns})")
        self.engine.run("CREATE OR REPLACE TEMP TABLE pseudonyms (visitor UBIGINT, pseudonym UBIGINT)")

    def labels(self) -> list[str]:
        """The services counted so far."""
        found = self.engine.rows("SELECT DISTINCT service FROM activity UNION SELECT DISTINCT service FROM excluded")
        return sorted(service for (service,) in found)

    def read(self, path: Path, grammar: Grammar) -> Tally:
        """Loads the lines of a file as facts, nothing counted yet; lines of other formats get a second reading.

        The caller compares the number of lines read with that in the file.
        Raises: duckdb.InvalidInputException or duckdb.ConversionException when the engine cannot take the file as it
        is: it must then be spooled.
        """
        lines = (
            f"read_csv({_files([path])}, columns={{'l': 'VARCHAR'}}, delim=chr(1), quote='', escape='', header=false, "
            "auto_detect=false, nullstr='', compression='none')"
        ).replace("chr(1)", "'\x01'")
        self._take(grammar.facts(lines, latest=self.latest))
        formats = [grammar.name]
        while other := self._other_grammar(formats):
            self.engine.run("CREATE OR REPLACE TEMP TABLE rest AS SELECT l FROM facts WHERE reason = 'shape'")
            self.engine.run("DELETE FROM facts WHERE reason = 'shape'")
            self._take(other.facts("rest", latest=self.latest), into="INSERT INTO facts")
            formats.append(other.name)
        self.engine.run("DROP TABLE IF EXISTS rest")
        self._gather()
        return self._tally(formats)

    def read_columns(self, source: Source, size: int, grammar: Grammar, layout: Layout) -> Tally | None:
        """The same by columns, which is quicker: every line is a fact. None where the `size` bytes are not in order.

        Raises: as `read`, also when a line does not fit the layout.
        """
        of_host = self._named is None and layout.has_host
        self._only = None if of_host else self._named or ""
        service = self._service if of_host else _list((self._only or "",))
        self._good = f"(SELECT *, {_DAY}{'' if of_host else f', {service} AS service'} FROM facts)"
        self.engine.run("DROP TABLE IF EXISTS facts")
        kept, text = "encode(agent) AS agent", _AGENT
        if layout.has_agent:
            kept = "frequent, CASE WHEN frequent IS NULL THEN encode(agent) END AS agent"
            text = "coalesce(CAST(any_value(frequent) AS VARCHAR), decode(any_value(agent)))"
            self._learn_agents(source, layout)
        with source() as paths:
            columns = layout.facts(_files(paths), latest=self.latest)
            if layout.has_agent:
                columns = f"SELECT *, TRY_CAST(agent AS frequent_agent) AS frequent FROM ({columns})"
            self._load(columns, service, f"{'service, ' if of_host else ''}rest_length, {kept},")
        self._gather(text)
        if not self._is_orderly(size, layout):
            return None
        return Tally(self.engine.rows("SELECT count(*) FROM facts")[0][0], formats=[grammar.name])

    def _learn_agents(self, source: Source, layout: Layout) -> None:
        # Agents are more than half of a log's text and few of them write most of its lines: those are kept as numbers.
        if not self._has_learned:
            self.engine.run("DROP TYPE IF EXISTS frequent_agent")
            with source() as paths:
                self.engine.run(f"CREATE TYPE frequent_agent AS ENUM ({layout.agents(_files(paths))})")
            self._has_learned = True

    def _is_orderly(self, size: int, layout: Layout) -> bool:
        """Whether columns mean the same as the grammar here; see `layouts`."""
        length, odd, rows = 0, False, 0
        for texts, columns in (
            ("asked", ["request"]),
            ("came", ["referrer"]),
            ("piece_visitors", ["address", "agent"]),
        ):
            strange = " OR ".join(layout.strange(column) for column in columns)
            lengths = " + ".join(f"strlen({column})" for column in columns)
            found = self.engine.rows(f"SELECT sum(lines * ({lengths})), bool_or({strange}), sum(lines) FROM {texts}")[0]
            length, odd, rows = length + int(found[0] or 0), odd or bool(found[1]), int(found[2] or 0)
        length += int(self.engine.rows("SELECT coalesce(sum(rest_length), 0) FROM facts")[0][0])
        return not odd and size - length - rows * layout.between in {0, -1}  # the last line may have no end

    def load_facts(self, facts: str) -> None:
        """Takes rows of `Grammar.facts` as the facts to be counted next."""
        self._take(facts)
        self._gather()

    def _take(self, facts: str, *, into: str = _NEW_FACTS) -> None:
        self._only = self._named
        self._load(facts, self._service, "service, reason, l, encode(agent) AS agent,", into)
        self._good = f"(SELECT *, {_DAY} FROM facts WHERE reason IS NULL)"

    def _load(self, facts: str, service: str, kept: str, into: str = _NEW_FACTS) -> None:
        # As bytes (`encode`), text is stored without a look at each letter of it; distinct values become text again later.
        self.engine.run(
            f"{into} SELECT hash(service, address, agent) AS visitor, hash(request) AS request_key, "
            f"hash(referrer) AS referrer_key, {kept} encode(address) AS address, encode(request) AS request, "
            f"encode(referrer) AS referrer, moment, status, bytes FROM (SELECT *, {service} AS service FROM ({facts}))"
        )

    def _gather(self, agent: str = _AGENT) -> None:
        """The texts of the facts, each once, with the number of their lines: `asked`, `came`, `piece_visitors`."""
        for table, text in (("asked", "request"), ("came", "referrer")):
            self.engine.run(
                f"""CREATE OR REPLACE TEMP TABLE {table} AS SELECT {text}_key, decode(any_value({text})) AS {text}, count(*) AS lines
                FROM {self._good} GROUP BY {text}_key"""
            )
        self.engine.run(
            f"""CREATE OR REPLACE TEMP TABLE piece_visitors AS SELECT visitor, any_value(service) AS service, decode(any_value(address)) AS address,
            {agent} AS agent, count(*) AS lines, false AS robot, false AS internal FROM {self._good} GROUP BY visitor"""
        )

    def _other_grammar(self, used: list[str]) -> Grammar | None:
        rows = self.engine.rows("SELECT l FROM facts WHERE reason = 'shape' LIMIT 500")
        return other_grammar([line for (line,) in rows], used)

    def _tally(self, formats: list[str]) -> Tally:
        tally = Tally(formats=formats)
        for reason, lines, shown in self.engine.rows(
            f"SELECT reason, count(*), min(substring(l, 1, 300), {EXAMPLES}) FILTER (reason IS NOT NULL AND l <> '') "
            "FROM facts GROUP BY reason"
        ):
            tally.read += lines
            if reason is None:
                continue
            if reason.startswith("skip:"):
                tally.excluded[reason.removeprefix("skip:")] = lines
            else:
                tally.rejected[reason] = lines
                tally.examples[reason] = sorted(set(shown or []))
        return tally

    def count(self) -> int:
        """Adds the loaded facts to the counts and forgets them; returns the number of internal lines left out."""
        self._describe_visitors()
        self._describe_requests()
        self._count_regions()
        internal = self._count_excluded()
        self._add_hits()
        for table in ("facts", "asked", "came", "piece_visitors", "requests", "places"):
            self.engine.run(f"DROP TABLE IF EXISTS {table}")
        if self._hits.is_full():
            self._hits.settle()
        return internal

    def show(self) -> dict[int, str]:
        """Makes the tables of counts readable for `draw_figures`, which takes what is returned; nothing more can be counted."""
        return self._hits.show()

    def settle(self) -> None:
        """Sums up what was counted into the tables of counts."""
        self._hits.settle()

    def _describe_visitors(self) -> None:
        """Tells robots by name and internal addresses in `piece_visitors`."""
        run, rows = self.engine.run, self.engine.rows
        unknown = "(SELECT DISTINCT agent FROM piece_visitors WHERE agent NOT IN (SELECT agent FROM known_agents))"
        if rows(f"SELECT count(*) FROM {unknown}")[0][0] <= FEW_AGENTS:
            suspects = rows(f"SELECT agent FROM {unknown}")
        else:
            excluded, crawlers = (pattern.replace("'", "''") for pattern in agents.suspect_patterns())
            suspects = rows(
                f"SELECT agent FROM {unknown} WHERE trim(agent) IN ('', '-') "
                f"OR regexp_matches(regexp_replace(agent, '{excluded}', '', 'gi'), '{crawlers}', 'i')"
            )
        nameless = self.rules.agents_without_name_are_robots
        robots = [agent for (agent,) in suspects if agents.is_robot_agent(agent, nameless=nameless)]
        run(f"INSERT INTO known_agents SELECT agent FROM {unknown}")
        run("INSERT INTO robot_agents SELECT unnest(?::VARCHAR[])", [robots])
        run("UPDATE piece_visitors SET robot = true WHERE agent IN (SELECT agent FROM robot_agents)")
        pattern = agents.internal_candidates(self.rules.internal)
        near = rows(f"SELECT DISTINCT address FROM piece_visitors WHERE regexp_matches(address, '{pattern}')")
        internal = agents.find_internal((address for (address,) in near), self.rules.internal)
        self._visitors = _NOT_INTERNAL if internal else "true"
        if internal:
            run("UPDATE piece_visitors SET internal = true WHERE address IN (SELECT unnest(?::VARCHAR[]))", [internal])
        if self.key is not None:
            run(
                """INSERT INTO pseudonyms SELECT visitor,
                CAST('0x' || substring(sha256(? || address || chr(31) || agent), 1, 16) AS UBIGINT)
                FROM piece_visitors WHERE visitor NOT IN (SELECT visitor FROM pseudonyms)""",
                [self.key],
            )

    def _describe_requests(self) -> None:
        """`requests`: request line → method, path, page (could be a page view), robots_txt; once per distinct request.

        `places`: referrer → host, for those that name one.
        """
        rules = self.rules
        self.engine.run(
            f"""CREATE OR REPLACE TEMP TABLE requests AS
            SELECT request_key, CAST(list_position([{_list(METHODS)}], method) - 1 AS TINYINT) AS method, path, hash(path) AS path_key,
                path = '/robots.txt' AS robots_txt, method IN ({_list(rules.page_methods)}) AND starts_with(path, '/') AND path NOT IN ({_list(rules.not_pages)})
                AND lower(split_part(path, '.', -1)) NOT IN ({_list(rules.asset_suffixes)}) AS page
            FROM (SELECT request_key, method, substring(CASE WHEN path = '' THEN '/' ELSE path END, 1, 512) AS path FROM (
                SELECT request_key, method, split_part(split_part(
                    CASE WHEN starts_with(target, '/') THEN target ELSE regexp_extract(target, '^(?:[a-zA-Z]+://[^/?#]*)?((?s:.*))', 1) END,
                    '?', 1), '#', 1) AS path
                FROM (SELECT request_key, split_part(request, ' ', 1) AS method, split_part(request, ' ', 2) AS target FROM asked)))"""
        )
        self.engine.run(
            """CREATE OR REPLACE TEMP TABLE places AS SELECT referrer_key, hash(host) AS host_key, host FROM (
                SELECT referrer_key, lower(substring(split_part(referrer, '/', 3), 1, 253)) AS host FROM came
                WHERE starts_with(referrer, 'http')) WHERE host <> ''"""
        )

    def _page_view(self) -> str:
        ranges = " OR ".join(f"status BETWEEN {low} AND {high}" for low, high in self.rules.page_statuses)
        return f"(page AND ({ranges}))"

    def _add_hits(self) -> None:
        self._hits.name(
            services="SELECT DISTINCT hash(service) AS service_key, service FROM piece_visitors WHERE NOT internal",
            paths="SELECT path_key, any_value(path) AS path FROM requests WHERE page GROUP BY path_key",
            origins="SELECT host_key, any_value(host) AS host FROM places GROUP BY host_key",
        )
        # One service for all lines needs no look at each of them.
        service, named = "service_id", "JOIN services USING (service)"
        if self._only is not None:
            service, named = f"{self._hits.number_of(self._only)}", ""
        self._hits.add(
            f"""SELECT {service}, day, visitor, visitor IN (SELECT visitor FROM piece_visitors WHERE robot), moment, status, method,
                page_view, robots_txt, bytes, CASE WHEN page_view THEN path_id END, CASE WHEN page_view THEN host_id END
            FROM (SELECT *, {self._page_view()} AS page_view FROM {self._good} JOIN (
                SELECT request_key, method, page, robots_txt, path_id FROM requests LEFT JOIN paths USING (path_key)) USING (request_key))
            {named} LEFT JOIN (SELECT referrer_key, host_id FROM places JOIN origins USING (host_key)) USING (referrer_key)
            WHERE {self._visitors}"""
        )

    def _count_regions(self) -> None:
        if self.regions is None:
            return
        addresses = [a for (a,) in self.engine.rows("SELECT DISTINCT address FROM piece_visitors WHERE NOT internal")]
        self.engine.run(
            "CREATE OR REPLACE TEMP TABLE located AS SELECT unnest(?::VARCHAR[]) AS address, unnest(?::VARCHAR[]) AS region",
            [addresses, [self.regions.find(address) for address in addresses]],
        )
        self.engine.run(
            f"""INSERT INTO regions SELECT service, day, visitor, region, requests FROM (
                SELECT day, visitor, count(*) AS requests FROM {self._good} GROUP BY day, visitor)
            JOIN piece_visitors USING (visitor) JOIN located USING (address)"""
        )
        self.engine.run("DROP TABLE located")

    def _count_excluded(self) -> int:
        if not self.engine.rows("SELECT count(*) FROM piece_visitors WHERE internal")[0][0]:
            return 0
        self.engine.run(
            f"""CREATE OR REPLACE TEMP TABLE internal AS SELECT service, day, 'internal' AS rule, count(*) AS lines,
            CAST(sum(bytes) AS BIGINT) AS bytes FROM {self._good} WHERE NOT ({_NOT_INTERNAL}) GROUP BY service, day"""
        )
        self.engine.run("INSERT INTO excluded SELECT * FROM internal")
        return int(self.engine.rows("SELECT sum(lines) FROM internal")[0][0])


_NOT_INTERNAL = "visitor NOT IN (SELECT visitor FROM piece_visitors WHERE internal)"

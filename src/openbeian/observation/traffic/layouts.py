"""The quick way for logs in perfect order: a file of lines with the same columns is read by the engine's own column reader.

It is taken only where it means the same as the grammar: every line of a sample splits into the same columns, no value of any line
is out of order, no quote stands in a plain column, no line end in a quoted one and no backslash before its end, and the columns with
what stands between them are as long as the file, so that each line is one row. Otherwise the grammar reads the file line by
line; nothing has been counted then.
"""

# ruff: noqa: S608 - the SQL is put together from this package's own words; values from outside are parameters or literals made safe
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from openbeian.observation.traffic.grammars import COMBINED, COMMON, EARLIEST, MOST_BYTES, VHOST_COMBINED, Grammar

LONGEST_VALUE = 8_192
"""Bytes; four of them and what stands beside them are shorter than the longest line."""
SAMPLED_LINES, FREQUENT_AGENTS = 20_000, 1_000
_COLUMN = re.compile(r'"[^"]*"(?=\s|$)|[^\s"]+(?=\s|$)')
_SHARED = ("address", "ident", "person", "clock", "zone", "request", "status", "size")
_COLUMNS = {
    COMMON.name: _SHARED,
    COMBINED.name: (*_SHARED, "referrer", "agent"),
    VHOST_COMBINED.name: ("host", *_SHARED, "referrer", "agent"),
}
_KEPT = frozenset({"address", "request", "referrer", "agent"})
_QUOTED = frozenset({"request", "referrer", "agent"})


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns in their order, the further ones named `more…`; `quoted` are those within quotes."""

    columns: tuple[str, ...]
    quoted: frozenset[str]

    @property
    def has_host(self) -> bool:
        return "host" in self.columns

    @property
    def has_agent(self) -> bool:
        return "agent" in self.columns

    @property
    def between(self) -> int:
        """So many bytes of each line belong to no column: blanks, quotes, the line's end."""
        return len(self.columns) + 2 * len(self.quoted)

    def strange(self, column: str) -> str:
        """SQL: whether a value of this column could mean something else to the grammar."""
        longer = f"strlen({column}) > {LONGEST_VALUE}"
        if column in self.quoted:
            return f"{longer} OR contains({column}, chr(10)) OR ends_with({column}, '\\')"
        return f"{longer} OR contains({column}, '\"')"

    def facts(self, source: str, *, latest: int) -> str:
        """SQL for the columns of `Grammar.facts` up to `bytes`, one row per line; a line out of order is an error of the engine.

        `source` is a file name, or a list of them, as a literal; `rest_length` is the length of the columns that are not handed out, bytes.
        """

        def value(name: str) -> str:
            return name if name in self.columns else "''"

        # Nearly every log keeps one zone; the second branch runs only for lines with another.
        offset = """CASE WHEN zone = '+0800]' THEN 28800 WHEN zone = '+0000]' THEN 0
            WHEN regexp_full_match(zone, '[+-][0-9]{4}]') THEN (CASE WHEN zone[1] = '-' THEN -1 ELSE 1 END)
                * (CAST(zone[2:3] AS INTEGER) * 3600 + CAST(zone[4:5] AS INTEGER) * 60) END"""
        rest = [c for c in self.columns if c not in _KEPT and c != "status"]
        length = " + ".join(f"strlen({c})" for c in rest)
        plain = [c for c in rest if c not in {"clock", "zone", "size"}]
        good = " AND ".join(
            [
                f"moment BETWEEN {EARLIEST} AND {latest} AND status BETWEEN 100 AND 999 AND bytes BETWEEN 0 AND {MOST_BYTES}",
                f"rest_length <= {LONGEST_VALUE}",
                *(f"({c} = '-' OR NOT ({self.strange(c)}))" for c in plain),
            ]
        )
        return f"""SELECT address, {value("agent")} AS agent, request, {value("referrer")} AS referrer, {value("host")} AS host,
            CASE WHEN {good} THEN moment ELSE error('out of order') END AS moment, status, bytes, CAST(rest_length AS SMALLINT) AS rest_length
            FROM (SELECT *, epoch_us(try_strptime(clock, '[%d/%b/%Y:%H:%M:%S')) // 1000000 - {offset} AS moment,
                coalesce(TRY_CAST(size AS BIGINT), CASE WHEN size = '-' THEN 0 END) AS bytes, {length} + 3 AS rest_length
            FROM {self._reader(source)})"""

    def agents(self, source: str) -> str:
        """SQL for the user agents that stand most often in the first lines."""
        return f"""SELECT agent FROM (SELECT agent FROM {self._reader(source)} LIMIT {SAMPLED_LINES})
            GROUP BY agent ORDER BY count(*) DESC, agent LIMIT {FREQUENT_AGENTS}"""

    def _reader(self, source: str) -> str:
        listed = ", ".join(f"'{c}': '{'SMALLINT' if c == 'status' else 'VARCHAR'}'" for c in self.columns)
        # A value is never NULL: the word for it cannot stand in a log that is in order.
        return f"""read_csv({source}, columns={{{listed}}}, delim=' ', quote='"', escape='', header=false, auto_detect=false,
            nullstr='\x01', compression='none', new_line='\\n', strict_mode=true)"""


def find_layout(grammar: Grammar, sample: Sequence[str]) -> Layout | None:
    """The layout that every line of the sample keeps, or None."""
    columns = _COLUMNS.get(grammar.name)
    if columns is None or not sample:
        return None
    shapes = set()
    for line in sample:
        found = _COLUMN.findall(line)
        if " ".join(found) != line:
            return None
        shapes.add(tuple(text.startswith('"') for text in found))
    shape = shapes.pop()
    wanted = tuple(name in _QUOTED for name in columns)
    if shapes or shape[: len(columns)] != wanted:
        return None
    more = tuple(f"more{i}" for i in range(len(shape) - len(columns)))
    names = (*columns, *more)
    return Layout(names, frozenset(name for name, is_quoted in zip(names, shape, strict=True) if is_quoted))

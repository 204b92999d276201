"""The quick way for logs in perfect order: a file of lines with the same columns is read by the engine's own column reader.

It is taken only where it means the same as the grammar: every line of a sample splits into the same columns, no quote is
escaped anywhere in the file, the quotes are as many as the lines ask for, each line is one row, and no value is out
of order. Otherwise the grammar reads the file line by line; nothing has been counted then.
"""

# ruff: noqa: S608 - the SQL is put together from this package's own words; values from outside are parameters or literals made safe
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from openbeian.observation.traffic.grammars import COMBINED, COMMON, EARLIEST, MOST_BYTES, VHOST_COMBINED, Grammar

LONGEST_VALUES = 16_384
_COLUMN = re.compile(r'"[^"]*"(?=\s|$)|[^\s"]+(?=\s|$)')
_SHARED = ("address", "ident", "person", "clock", "zone", "request", "status", "size")
_COLUMNS = {
    COMMON.name: _SHARED,
    COMBINED.name: (*_SHARED, "referrer", "agent"),
    VHOST_COMBINED.name: ("host", *_SHARED, "referrer", "agent"),
}
_SHORT = frozenset({"clock", "zone", "status"})  # a longer one is no time and no status
_QUOTED = frozenset({"request", "referrer", "agent"})


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns in their order, the further ones named `more…`; `quotes` is the number of quotes in each line."""

    columns: tuple[str, ...]
    quotes: int

    @property
    def has_host(self) -> bool:
        return "host" in self.columns

    def facts(self, escaped_path: str, *, latest: int) -> str:
        """SQL for the columns of `Grammar.facts` up to `bytes`, one row per line; a line out of order is an error of the engine."""
        listed = ", ".join(f"'{c}': '{'SMALLINT' if c == 'status' else 'VARCHAR'}'" for c in self.columns)

        def value(name: str) -> str:
            return name if name in self.columns else "''"

        # Nearly every log keeps one zone; the second branch runs only for lines with another.
        offset = """CASE WHEN zone = '+0800]' THEN 28800 WHEN zone = '+0000]' THEN 0
            WHEN regexp_full_match(zone, '[+-][0-9]{4}]') THEN (CASE WHEN zone[1] = '-' THEN -1 ELSE 1 END)
                * (CAST(zone[2:3] AS INTEGER) * 3600 + CAST(zone[4:5] AS INTEGER) * 60) END"""
        length = " + ".join(f"strlen({c})" for c in self.columns if c not in _SHORT)
        good = f"""moment BETWEEN {EARLIEST} AND {latest} AND status BETWEEN 100 AND 999 AND bytes BETWEEN 0 AND {MOST_BYTES} AND {length} < {LONGEST_VALUES}"""
        return f"""SELECT address, {value("agent")} AS agent, request, {value("referrer")} AS referrer, {value("host")} AS host,
            CASE WHEN {good} THEN moment ELSE error('out of order') END AS moment, status, bytes
            FROM (SELECT *, epoch_us(try_strptime(clock, '[%d/%b/%Y:%H:%M:%S')) // 1000000 - {offset} AS moment,
                coalesce(TRY_CAST(size AS BIGINT), CASE WHEN size = '-' THEN 0 END) AS bytes
            FROM read_csv('{escaped_path}', columns={{{listed}}}, delim=' ', quote='"', escape='', header=false, auto_detect=false,
                nullstr='', compression='none', new_line='\\n', strict_mode=true))"""


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
    return Layout((*columns, *more), 2 * sum(shape))

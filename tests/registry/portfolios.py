"""Sheets for tests, as bytes and as rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from bench.portfolio import make_table

from openbeian.registry.portfolio_columns import COLUMNS
from openbeian.registry.sheets.reading import Sheet, read_sheet

HEADING = [c.heading.zh for c in COLUMNS]
INDEX = {c.key: i for i, c in enumerate(COLUMNS)}


def make_rows(count: int) -> list[list[str]]:
    """Good rows without their heading; five services to two sponsors."""
    return list(make_table(count))[1:]


def without_access(rows: list[list[str]]) -> list[list[str]]:
    """The same rows, for an installation whose provider register is empty."""
    for row in rows:
        for key in ("access.provider", "access.mode", "access.place", "access.ip_ranges"):
            row[INDEX[key]] = ""
    return rows


def changed(row: list[str], **cells: str) -> list[str]:
    """A copy with other cells; `__` stands for the dot in a column's key."""
    copy = list(row)
    for key, text in cells.items():
        copy[INDEX[key.replace("__", ".")]] = text
    return copy


def write_csv(rows: Iterable[list[str]], encoding: str = "utf-8-sig") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([HEADING, *rows])
    return out.getvalue().encode(encoding)


def make_sheet(rows: Iterable[list[str]]) -> Sheet:
    return read_sheet(write_csv(rows))

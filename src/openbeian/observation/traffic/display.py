"""Text from logs, made harmless for whoever shows it: a terminal, a JSON reader, a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from openbeian.kernel.writing import inert

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> str:
    """A spreadsheet cell that is never taken for a formula."""
    text = inert(str(value))
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Rows as CSV with a byte order mark, which spreadsheets need to read Chinese."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    for row in rows:
        writer.writerow([cell(value) for value in row])
    return "\ufeff" + sheet.getvalue()

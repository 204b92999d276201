"""The process that opens a sheet: `reading` starts this file by its path, and nothing of OpenBeian is loaded in it.

A sheet can name its last cell a million rows away, and a reader that makes room for all of them then ends its process.
Let that be this one, under limits. stdin: the file; stdout: batches of rows, each as its length and number of rows (four
bytes each) and marshalled lists of text; stderr: one word that says why there are none.
"""

from __future__ import annotations

import csv
import io
import marshal
import resource
import struct
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any, BinaryIO

MEMORY_BYTES = 3 * 1024**3
CPU_S = 120
BATCH = 10_000
"""Rows; an import writes as many in one transaction: long enough to be cheap, short enough that nobody waits for it."""
LONGEST_CELL = 4_000
MOST_OUTPUT_BYTES = 400 * 1024**2
MOST_COLUMNS = 100
SHEET = "备案清单"


def main() -> int:
    most_rows = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    try:
        rows = read_xlsx(content) if content.startswith(b"PK") else read_csv(content)
        write_batches(rows, sys.stdout.buffer, most_rows)
    except Refused as refused:
        sys.stderr.write(str(refused))
        return 2
    return 0


class Refused(Exception):
    """One word that `reading` has a sentence for."""


def read_xlsx(content: bytes) -> Iterator[list[str]]:
    """The rows of the sheet called 备案清单, else of the first one; a formula is the value it last had."""
    from python_calamine import CalamineError, CalamineWorkbook, ZipError

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
        if not names:
            raise Refused("empty")
        sheet = book.get_sheet_by_name(SHEET if SHEET in names else names[0])
        if sheet.total_width > MOST_COLUMNS:
            raise Refused("wide")
        for row in sheet.iter_rows():
            yield [cell if cell.__class__ is str else write_cell(cell) for cell in row]
    except (CalamineError, ZipError) as fault:
        raise Refused("damaged") from fault


def write_cell(cell: Any) -> str:
    """A value as a person would type it. A number too long for a sheet's arithmetic says so itself: `#rounded`."""
    if cell.__class__ is float:
        if not cell.is_integer():
            return repr(cell)
        return "#rounded" if abs(cell) >= 1e15 else str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if (cell.hour, cell.minute, cell.second) == (0, 0, 0) else str(cell)
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def read_csv(content: bytes) -> Iterator[list[str]]:
    """UTF-8, with or without its mark, else GB 18030; separated by commas, semicolons or tabs."""
    if b"\0" in content[:4096] or content.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"\xff\xfe", b"\xfe\xff")):
        raise Refused("kind")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError as fault:
            raise Refused("encoding") from fault
    csv.field_size_limit(LONGEST_CELL * 4)
    first = text[: text.find("\n")] if "\n" in text else text
    separator = max(",;\t", key=first.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            if len(row) > MOST_COLUMNS:
                raise Refused("wide")
            yield row
    except csv.Error as fault:
        raise Refused("damaged") from fault


def write_batches(rows: Iterable[list[str]], out: BinaryIO, most_rows: int) -> None:
    iterator, count, written = iter(rows), 0, 0
    while batch := list(islice(iterator, BATCH)):
        count += len(batch)
        if count > most_rows + 20:  # the heading, and lines above it
            raise Refused("long")
        clean = [[c if len(c) <= LONGEST_CELL else c[: LONGEST_CELL + 1] for c in row] for row in batch]
        body = marshal.dumps(clean)
        written += len(body)
        if written > MOST_OUTPUT_BYTES:
            raise Refused("limits")
        out.write(struct.pack(">II", len(body), len(clean)))
        out.write(body)
    out.flush()


if __name__ == "__main__":
    sys.exit(main())

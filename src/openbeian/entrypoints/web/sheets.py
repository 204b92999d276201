"""Lists as CSV or XLSX: exactly the rows and columns of the page, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 100_000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def inert_cell(value: object) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe stands before what would start one."""
    text = "" if value is None else str(value)
    text = "".join(c for c in text if c >= " " or c in "\t\n\r")
    return f"'{text}" if text.lstrip().startswith(_FORMULA_STARTS) or text.startswith(_FORMULA_STARTS) else text


def answer_with_sheet(name: str, form: str, head: list[str], rows: Iterable[list[Any]]) -> HttpResponseBase:
    """A download of at most 100,000 rows in bounded memory; `form` is `csv` or `xlsx`."""
    bounded = (row for _, row in zip(range(MOST_ROWS), rows, strict=False))
    if form == "xlsx":
        return FileResponse(_write_xlsx(head, bounded), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
    response = StreamingHttpResponse(_write_csv(head, bounded), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _write_csv(head: list[str], rows: Iterable[list[Any]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    # Excel reads UTF-8 only with this mark before it.
    buffer.write("\ufeff")
    writer.writerow(head)
    for count, row in enumerate(rows):
        writer.writerow([inert_cell(v) for v in row])
        if count % 200 == 199:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _write_xlsx(head: list[str], rows: Iterable[list[Any]]) -> Any:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()

    def cell(value: object) -> Any:
        made = WriteOnlyCell(sheet, inert_cell(value))
        made.data_type = "s"
        return made

    sheet.append([cell(h) for h in head])
    for row in rows:
        sheet.append([cell(v) for v in row])
    file = SpooledTemporaryFile(max_size=4 << 20)  # noqa: SIM115  the response closes it
    book.save(file)
    file.seek(0)
    return file

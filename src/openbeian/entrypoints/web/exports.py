"""Tables to take away: CSV and XLSX of exactly what a list shows, in which no cell can act as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

FORMATS = ("csv", "xlsx")
MOST_ROWS = 50_000

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LEADS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def make_inert(text: str) -> str:
    """The text so that a spreadsheet reads it as text: an apostrophe before what would begin a formula."""
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    return (
        f"'{text}" if text.lstrip(" \u3000").startswith(_LEADS_A_FORMULA) or text.startswith(_LEADS_A_FORMULA) else text
    )


def answer_with_table(name: str, kind: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> HttpResponse:
    """The rows as a download. `kind` is one of FORMATS; CSV opens in spreadsheets as UTF-8 by its first bytes."""
    content = _write_xlsx(header, rows) if kind == "xlsx" else _write_csv(header, rows)
    response = HttpResponse(content, content_type=_XLSX if kind == "xlsx" else "text/csv; charset=utf-8")
    disposition = content_disposition_header(True, f"{name}.{kind}")
    if disposition:
        response.headers["Content-Disposition"] = disposition
    return response


def _write_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([make_inert(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _write_xlsx(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(header))
    for row in rows:
        cells = [WriteOnlyCell(sheet, value=make_inert(cell)) for cell in row]
        for cell in cells:
            cell.data_type = "s"
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()

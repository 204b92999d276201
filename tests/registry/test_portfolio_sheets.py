"""Sheets from outside: two formats, two encodings, nothing that hurts."""

from __future__ import annotations

import io
from datetime import date, datetime

import openpyxl
import pytest
from tests.registry.portfolios import HEADING, make_rows, write_csv

from openbeian.registry.errors import SheetUnreadable
from openbeian.registry.portfolio import find_heading
from openbeian.registry.sheets.reading import read_sheet
from openbeian.registry.sheets.template import write_template
from openbeian.rules.code_tables import load_code_tables


def write_xlsx(cells: dict[str, object]) -> bytes:
    book = openpyxl.Workbook()
    for place, value in cells.items():
        book.active[place] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_reads_the_same_in_utf_8_and_in_gb_18030(encoding: str) -> None:
    rows = make_rows(3)
    assert [cells for _, cells in read_sheet(write_csv(rows, encoding)).iterate()] == [HEADING, *rows]


def test_cells_of_an_xlsx_come_as_a_person_would_type_them() -> None:
    content = write_xlsx(
        {"A3": 13800138000, "B3": date(2023, 5, 1), "C3": datetime.fromisoformat("2023-05-01T08:30"), "D3": True}
    )
    rows = list(read_sheet(content).iterate())
    assert rows[-1] == (3, ["13800138000", "2023-05-01", "2023-05-01 08:30:00", "True"])


def test_a_number_that_the_sheet_program_rounded_says_so() -> None:
    content = write_xlsx({"A1": 110101199003070011})
    assert list(read_sheet(content).iterate()) == [(1, ["#rounded"])]


def test_a_formula_is_not_calculated_and_not_kept() -> None:
    content = write_xlsx({"A1": '=HYPERLINK("http://198.51.100.1/","x")', "B1": "y", "A2": "z"})
    assert [cells for _, cells in read_sheet(content).iterate()] == [["", "y"], ["z", ""]]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "空"),
        (b"PK\x03\x04 no sheet", "损坏"),
        (b"\xd0\xcf\x11\xe0 old", "不是 xlsx"),
        (b"%PDF-1.7", "不是 xlsx"),
        (b"\xff\xfea\x00", "不是 xlsx"),
        (b"a,b\n\x81\xff\xff,1", "编码"),
        (b"," * 200, "列太多"),
    ],
)
def test_what_is_no_sheet_is_refused_with_what_to_do(content: bytes, word: str) -> None:
    with pytest.raises(SheetUnreadable) as refused:
        read_sheet(content)
    assert word in refused.value.text.zh


def test_a_sheet_that_names_a_cell_in_its_last_corner_is_refused_and_ends_nothing() -> None:
    with pytest.raises(SheetUnreadable):
        read_sheet(write_xlsx({"A1": "x", "XFD1048576": "y"}))


def test_the_template_is_read_by_its_own_reader_and_its_example_row_fits_the_heading() -> None:
    content = write_template(load_code_tables())
    number, placed = find_heading(read_sheet(content).iterate())
    assert number == 1
    assert len(placed) == len(HEADING)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["备案清单", "示例", "代码表"]
    assert not [c for s in book for row in s.iter_rows() for c in row if c.data_type == "f"]

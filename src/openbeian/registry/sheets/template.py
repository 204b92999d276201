"""The template for a portfolio: headings in Chinese, an example, and the code tables; all cells are text."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from openbeian.registry.portfolio_columns import COLUMNS
from openbeian.registry.sheets.child import SHEET
from openbeian.rules.code_tables import CodeTable, CodeTables

FILE_NAME = "备案清单模板.xlsx"
_HEAD = Font(bold=True)
_REQUIRED = PatternFill("solid", fgColor="FFF3D6")


def write_template(tables: CodeTables) -> bytes:
    """An xlsx file with the sheets 备案清单 (to fill), 示例 and 代码表."""
    book: Any = Workbook()
    book.remove(book.active)
    _add_headings(book.create_sheet(SHEET))
    example = book.create_sheet("示例")
    _add_headings(example)
    for index, column in enumerate(COLUMNS, start=1):
        _put(example, 2, index, column.example)
        _put(example, 3, index, ("必填。" if column.required else "") + column.hint.zh)
    _add_codes(book.create_sheet("代码表"), tables)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _add_headings(sheet: Any) -> None:
    sheet.freeze_panes = "A2"
    for index, column in enumerate(COLUMNS, start=1):
        cell = _put(sheet, 1, index, column.heading.zh)
        cell.font = _HEAD
        if column.required:
            cell.fill = _REQUIRED
        letter = get_column_letter(index)
        sheet.column_dimensions[letter].width = 22
        # Whole columns as text: a sheet program rounds numbers of more than 15 digits.
        sheet.column_dimensions[letter].number_format = "@"


def _add_codes(sheet: Any, tables: CodeTables) -> None:
    columns: dict[str, CodeTable[Any]] = {
        "单位性质": tables.natures,
        "证件类型": tables.certificates,
        "服务类型": tables.service_kinds,
        "服务内容": tables.content_types,
        "语言": tables.languages,
        "接入方式": tables.access_modes,
    }
    for index, (heading, table) in enumerate(columns.items(), start=1):
        _put(sheet, 1, index, heading).font = _HEAD
        sheet.column_dimensions[get_column_letter(index)].width = 28
        for row, code in enumerate(table, start=2):
            _put(sheet, row, index, code.label.zh)
    sheet.freeze_panes = "A2"


def _put(sheet: Any, row: int, column: int, text: str) -> Any:
    cell = sheet.cell(row, column)
    cell.value, cell.data_type, cell.number_format = text, "s", "@"
    cell.alignment = Alignment(vertical="top", wrap_text=row > 1)
    return cell

"""Rows that somebody pasted or imported from a public look-up or register, field by field against the record.

Nothing is fetched: a person looks, and brings the answer here.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.numbers import parse_number
from openbeian.kernel.text import Text
from openbeian.privacy.masking import mask_middle, mask_name
from openbeian.registry.decisions import PERSONAL_NATURE
from openbeian.registry.models import Service, Sponsor
from openbeian.registry.sheets.reading import read_sheet
from openbeian.supervision.decisions import Cell, compare_cell
from openbeian.supervision.errors import RowsUnreadable
from openbeian.supervision.models import OutsideRow
from openbeian.supervision.words import make_storable

MOST_ROWS = 5_000
LARGEST_BYTES = 4 * 1024 * 1024
_LONGEST_CELL = 300

FIELDS: dict[str, Text] = {
    "sponsor_name": Text("主办单位名称", "Sponsor's name"),
    "legal_representative": Text("法定代表人", "Legal representative"),
    "address": Text("住所", "Address"),
    "service_name": Text("服务名称", "Service name"),
    "domain": Text("域名", "Domain"),
    "granted_on": Text("审核日期", "Date of grant"),
}
# The headings that public look-ups, registers and our own sheets use.
_HEADINGS: dict[str, tuple[str, ...]] = {
    "number": ("备案号", "服务备案号", "网站备案号", "主体备案号", "备案/许可证号", "icp备案号", "servicelicence", "mainlicence", "number"),
    "sponsor_name": ("主办单位名称", "主办单位", "单位名称", "企业名称", "名称", "unitname", "sponsor"),
    "legal_representative": ("法定代表人", "法人", "法人代表", "法定代表人姓名", "legalrepresentative"),
    "address": ("住所", "注册地址", "地址", "经营场所", "address"),
    "service_name": ("服务名称", "网站名称", "互联网信息服务名称", "servicename"),
    "domain": ("域名", "网站域名", "网址", "domain"),
    "granted_on": ("审核日期", "审核时间", "审核通过日期", "备案日期", "updaterecordtime", "grantedon"),
}  # fmt: skip
_FIELD_OF = {heading: name for name, headings in _HEADINGS.items() for heading in headings}


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of one row: both sides as they may be shown, and what became of it since it was looked up before."""

    name: str
    label: Text
    recorded: str
    told: str
    cell: Cell
    before: str = ""

    @property
    def has_changed(self) -> bool:
        return bool(self.before)


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One number. `record_path` is empty when it is not on the reader's record."""

    number: str
    told_at: datetime
    record_path: str
    cells: tuple[Compared, ...]

    @property
    def differs(self) -> bool:
        return any(c.cell is Cell.DIFFERS for c in self.cells)

    @property
    def has_changed(self) -> bool:
        return any(c.has_changed for c in self.cells)


def read_pasted(text: str) -> dict[str, dict[str, str]]:
    """By number in normal form: what each row tells. Commas or tabs, the first line names the columns.

    Raises: RowsUnreadable.
    """
    if len(text) > LARGEST_BYTES:
        raise RowsUnreadable
    first = text.lstrip("\ufeff\r\n ").partition("\n")[0]
    delimiter = "\t" if "\t" in first else ","
    lines = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter)
    try:
        return _read_rows(lines)
    except csv.Error:
        raise RowsUnreadable from None


def read_file(content: bytes) -> dict[str, dict[str, str]]:
    """The same from an XLSX or CSV file. Raises: RowsUnreadable, SheetUnreadable."""
    if len(content) > LARGEST_BYTES:
        raise RowsUnreadable
    return _read_rows(cells for _, cells in read_sheet(content).iterate())


def _read_rows(lines: Iterable[list[str]]) -> dict[str, dict[str, str]]:
    rows: Iterator[list[str]] = (line for line in lines if any(cell.strip() for cell in line))
    head = [_FIELD_OF.get("".join(cell.split()).lower().replace("_", ""), "") for cell in next(rows, [])]
    if "number" not in head or len({name for name in head if name}) < 2:
        raise RowsUnreadable
    found: dict[str, dict[str, str]] = {}
    for count, line in enumerate(rows):
        if count >= MOST_ROWS:
            raise RowsUnreadable
        told = {
            name: make_storable(cell, _LONGEST_CELL) for name, cell in zip(head, line, strict=False) if name and cell
        }
        if number := _read_number(told.pop("number", "")):
            found.setdefault(number, {}).update(told)
    if not found:
        raise RowsUnreadable
    return found


def _read_number(text: str) -> str:
    try:
        return parse_number(text).normal
    except OpenBeianError:
        return ""


def load_told(row: OutsideRow) -> dict[str, str]:
    return dict(json.loads(row.told))


def compare_rows(
    rows: Iterable[OutsideRow], services: Mapping[str, Service], sponsors: Mapping[str, Sponsor]
) -> list[ComparedRow]:
    """The rows against the records found under their numbers."""
    return [_compare(row, services.get(row.number), sponsors.get(row.number)) for row in rows]


def _compare(row: OutsideRow, service: Service | None, sponsor: Sponsor | None) -> ComparedRow:
    sponsor = service.sponsor if service else sponsor
    told, before = load_told(row), json.loads(row.told_before) if row.told_before else {}
    is_person = sponsor is None or sponsor.nature == PERSONAL_NATURE
    cells = []
    for name, label in FIELDS.items():
        if name not in told and name not in before:
            continue
        recorded = _list_recorded(name, service, sponsor)
        said, earlier = told.get(name, ""), before.get(name, "")
        answers = {compare_cell(value, said) for value in recorded} or {Cell.CANNOT_TELL}
        cell = next((c for c in (Cell.SAME, Cell.DIFFERS, Cell.CANNOT_TELL) if c in answers), Cell.CANNOT_TELL)
        has_changed = bool(before) and compare_cell(earlier, said) is not Cell.SAME
        cells.append(
            Compared(
                name,
                label,
                _mask(name, recorded[0] if recorded else "", is_person=is_person),
                _mask(name, said, is_person=is_person),
                cell,
                _mask(name, earlier, is_person=is_person) or "—" if has_changed else "",
            )
        )
    path = f"/services/{service.pk}/" if service else f"/sponsors/{sponsor.pk}/" if sponsor else ""
    return ComparedRow(row.number, row.told_at, path, tuple(cells))


def _list_recorded(name: str, service: Service | None, sponsor: Sponsor | None) -> list[str]:
    """What the record holds under a field; more than one value where any of them will do."""
    if sponsor is None:
        return []
    if name == "domain":
        return [d.domain for d in service.domains.all()] if service else []
    if name == "service_name":
        return [service.name] if service else []
    if name == "granted_on":
        return [(service or sponsor).granted_on.isoformat()]
    of_sponsor = {
        "sponsor_name": [sponsor.name],
        "legal_representative": [sponsor.legal_representative],
        "address": [sponsor.certificate_address, sponsor.address],
    }
    return [value for value in of_sponsor[name] if value]


def _mask(name: str, value: str, *, is_person: bool) -> str:
    if name == "legal_representative" or (name == "sponsor_name" and is_person and len(value) < 5):
        return mask_name(value) if value else ""
    return mask_middle(value, head=6, tail=0) if name == "address" and value else value

"""Lists of licences from a CSV or XLSX file: rows as plain values, bounded in size, with column names in two languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from openbeian.registry.errors import HeadingMissing, SheetUnreadable
from openbeian.registry.sheets.reading import LARGEST_BYTES, read_sheet

COLUMNS = {
    "number": ("许可证号", "许可证编号"),
    "holder": ("持证人", "单位名称", "公司名称"),
    "certificate_number": ("统一社会信用代码", "证件号码"),
    "issued_on": ("发证日期", "颁发日期"),
    "valid_until": ("有效期至", "有效期", "到期日期"),
    "businesses": ("业务种类", "业务代码"),
    "unopened": ("未开通", "未开通业务"),
    "areas": ("业务覆盖范围", "覆盖范围", "服务区域"),
    "authority": ("发证机关",),
    "special_terms": ("特别规定事项",),
    "sponsor_number": ("主体备案号",),
    "legal_representative": ("法定代表人",),
    "capital_yuan": ("注册资本（元）", "注册资本"),
    "shareholders": ("股东",),
    "people": ("主要管理人员",),
    "sites": ("网站和App", "网站及App"),
}
_SEPARATORS = re.compile(r"[,，、;；\s]+")
_UNOPENED = "未开通"
_BY_NAME = {name: field for field, names in COLUMNS.items() for name in (field, *names)}


@dataclass(frozen=True, slots=True)
class LicenceSheet:
    """`rows`: row number (as the sheet program shows it) and values by field name; `unread` are headings nobody knows,
    whose cells were left out."""

    rows: list[tuple[int, dict[str, str]]]
    unread: tuple[str, ...]


def read_licence_sheet(file: Path) -> LicenceSheet:
    """Raises: SheetUnreadable, HeadingMissing."""
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise SheetUnreadable.because("large", megabytes=LARGEST_BYTES // 1024**2)
        content = file.read_bytes()
    except OSError as absent:
        raise SheetUnreadable.because("absent", why=absent.strerror or "?") from absent
    head: list[str] = []
    rows: list[tuple[int, dict[str, str]]] = []
    unread: tuple[str, ...] = ()
    for place, row in read_sheet(content).iterate():
        if not any(cell.strip() for cell in row):
            continue
        if not head:
            head = [_BY_NAME.get(cell.strip(), "") for cell in row]
            if "number" not in head:
                raise HeadingMissing
            unread = tuple(
                cell.strip()[:40] for cell, field in zip(row, head, strict=True) if cell.strip() and not field
            )
            continue
        values = {field: cell for field, cell in zip(head, row, strict=False) if field and cell}
        rows.append((place, _mark_unopened(values)))
    return LicenceSheet(rows, unread)


def _mark_unopened(values: dict[str, str]) -> dict[str, str]:
    """A column of its own for what is not open, as exported lists have it, becomes a mark at the business."""
    unopened = {code.strip() for code in _SEPARATORS.split(values.pop("unopened", "")) if code.strip()}
    if not unopened:
        return values
    codes = [code.strip() for code in _SEPARATORS.split(values.get("businesses", "")) if code.strip()]
    marked = [f"{code}:{_UNOPENED}" if code in unopened else code for code in codes]
    # One that is not among the businesses is no code then, so that the row is refused and says which.
    marked += [f"{code}（业务种类中没有）" for code in sorted(unopened - set(codes))]
    return {**values, "businesses": "、".join(marked)}

"""Lists of licences from a CSV or XLSX file: rows as plain values, bounded in size, with column names in two languages."""

from __future__ import annotations

from collections.abc import Iterator
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
    "areas": ("业务覆盖范围", "服务区域"),
    "authority": ("发证机关",),
    "special_terms": ("特别规定事项",),
    "sponsor_number": ("主体备案号",),
    "legal_representative": ("法定代表人",),
    "capital_yuan": ("注册资本（元）", "注册资本"),
    "shareholders": ("股东",),
    "people": ("主要管理人员",),
    "sites": ("网站和App", "网站及App"),
}
_BY_NAME = {name: field for field, names in COLUMNS.items() for name in (field, *names)}


def read_licence_rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Row number (as the sheet program shows it) and values by field name. Raises: SheetUnreadable, HeadingMissing."""
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise SheetUnreadable.because("large", megabytes=LARGEST_BYTES // 1024**2)
        content = file.read_bytes()
    except OSError as absent:
        raise SheetUnreadable.because("absent", why=absent.strerror or "?") from absent
    head: list[str] = []
    for place, row in read_sheet(content).iterate():
        if not any(cell.strip() for cell in row):
            continue
        if not head:
            head = [_BY_NAME.get(cell.strip(), "") for cell in row]
            if "number" not in head:
                raise HeadingMissing
            continue
        yield place, {field: cell for field, cell in zip(head, row, strict=False) if field and cell}

"""Reads a list of sites to sweep from CSV, as people keep them; every bad line is named, none stops the others."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from openbeian.kernel.domains import parse_domain
from openbeian.kernel.errors import Fault, OpenBeianError, ValueRefused
from openbeian.kernel.ip_ranges import parse_ip_range
from openbeian.kernel.numbers import find_numbers
from openbeian.kernel.provinces import find_province
from openbeian.kernel.text import Text
from openbeian.observation.probing.errors import SitesUnreadable
from openbeian.observation.probing.record import ProbeTarget

MOST_SITES = 500_000
LARGEST_LIST_BYTES = 128 * 1024 * 1024
_MOST_RANGES = 200
_LONGEST_NAME = 200
_COLUMNS = {
    "domain": ("domain", "域名", "网站域名", "host", "url", "网址", "首页地址"),
    "name": ("name", "filed_name", "网站名称", "服务名称", "名称"),
    "province": ("province", "省份", "省", "所在省份"),
    "numbers": ("numbers", "number", "备案号", "服务备案号", "网站备案号", "备案/许可证号"),
    "addresses": ("addresses", "address", "ip", "ips", "ip地址", "ip地址段", "declared_addresses"),
    "path": ("path", "home_path", "首页路径"),
    "holder": ("holder", "sponsor", "主办单位", "主办单位名称"),
}
_NAMES = {name: column for column, names in _COLUMNS.items() for name in names}
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_BETWEEN = re.compile(r"[,;，；、\s]+")


@dataclass(frozen=True, slots=True)
class SiteList:
    """The targets, and what was wrong with lines that gave none."""

    targets: tuple[ProbeTarget, ...]
    faults: tuple[Fault, ...]


def read_sites(content: bytes, name: str) -> SiteList:
    """A CSV (comma, semicolon or tab; UTF-8 or GB18030) with a line of column names; a lone column needs none.

    The same site twice counts once. Raises: SitesUnreadable when it is no such list.
    """
    text = _decode(content, name)
    sample = text[:4096].partition("\n")[0]
    divider = max(",;\t", key=sample.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=divider)
    try:
        columns, first = _columns(next(rows, []), name)
        targets: dict[str, ProbeTarget] = {}
        faults: list[Fault] = []
        for number, row in enumerate(([first] if first else []) + _bounded(rows, name), 1 if first else 2):
            values = {column: row[place].strip() for column, place in columns.items() if place < len(row)}
            if not values.get("domain"):
                continue
            try:
                target = _target(values)
            except ValueRefused as refusal:
                faults.append(refusal.problem.at(f"line {number}", values["domain"][:60]))
                continue
            targets.setdefault(target.key, target)
    except csv.Error as fault:
        raise SitesUnreadable(name=name, reason=str(fault)) from fault
    if not targets and not faults:
        raise SitesUnreadable(name=name, reason=Text("没有网站", "it holds no site"))
    return SiteList(tuple(targets.values()), tuple(faults))


def _decode(content: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SitesUnreadable(name=name, reason=Text("编码无法识别", "its encoding is unknown"))


def _columns(heading: list[str], name: str) -> tuple[dict[str, int], list[str]]:
    """Where each column stands, and the first line if it is a site already."""
    found: dict[str, int] = {}
    for place, cell in enumerate(heading):
        if column := _NAMES.get(cell.strip().lower()):
            found.setdefault(column, place)
    if "domain" in found:
        return found, []
    if len(heading) == 1 and "." in heading[0]:
        return {"domain": 0}, heading
    raise SitesUnreadable(name=name, reason=Text("没有 domain（域名）一列", "there is no column domain"))


def _bounded(rows: Iterable[list[str]], name: str) -> list[list[str]]:
    found = []
    for row in rows:
        found.append(row)
        if len(found) > MOST_SITES:
            raise SitesUnreadable(name=name, reason=Text(f"超过 {MOST_SITES} 行", f"it has over {MOST_SITES} lines"))
    return found


def _target(values: dict[str, str]) -> ProbeTarget:
    """Raises: ValueRefused."""
    place = _SCHEME.sub("", values["domain"], count=1)
    host, slash, path = place.partition("/")
    province = find_province(values.get("province", ""))
    ranges = [each for each in _BETWEEN.split(values.get("addresses", "")) if each][:_MOST_RANGES]
    written = values.get("path", "") or (slash + path)
    return ProbeTarget(
        service_id=None,
        domain=parse_domain(host).name,
        declared_addresses=tuple(parse_ip_range(each).normal for each in ranges),
        filed_name=values.get("name", "")[:_LONGEST_NAME],
        province=province.abbreviation if province else "",
        expected_numbers=_numbers(values.get("numbers", "")),
        home_path=_path(written),
        holder=values.get("holder", "")[:_LONGEST_NAME],
    )


def _numbers(text: str) -> tuple[str, ...]:
    try:
        return tuple(number.normal for number in find_numbers(text))
    except OpenBeianError:
        return ()


def _path(written: str) -> str:
    """A path to ask for; control characters and fragments are dropped."""
    path = "".join(c for c in written.partition("#")[0] if c.isprintable())[:500]
    return f"/{path.lstrip('/')}"

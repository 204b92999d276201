"""Administrative divisions after GB/T 2260: province, city and county by six-digit code, for addresses and certificates.

The table is the one python-stdnum ships for identity numbers (taken from Chinese Wikipedia). It keeps abolished codes
with their years, which old certificates still carry. In stdnum 2.2 its newest entries are of 2025; measured against
the divisions in force it lacked Hangzhou's 2021 districts and kept codes of 随州 and 神农架 that had moved; both are put
right in `_AMENDMENTS`. A code that is missing here may therefore still be right: refusals for an unknown county are not certain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files

from openbeian.kernel.errors import Problem, ValueRefused
from openbeian.kernel.text import Text


class Level(StrEnum):
    """How deep a code goes."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


@dataclass(frozen=True, slots=True)
class Region:
    """One division. `since` and `until` are years, None where the table sets no bound; `until` is None while in force.

    A `grouping` is a heading of the standard and no place of its own: 市辖区 and 县 under a municipality, 市辖区
    under a city, 省直辖县级行政单位 under a province.
    """

    code: str
    name: str
    since: int | None = None
    until: int | None = None

    @property
    def level(self) -> Level:
        if self.code.endswith("0000"):
            return Level.PROVINCE
        return Level.CITY if self.code.endswith("00") else Level.COUNTY

    @property
    def is_current(self) -> bool:
        return self.until is None

    @property
    def is_grouping(self) -> bool:
        return self.name in {"市辖区", "县", "市"} or self.name.endswith("直辖县级行政单位")

    @property
    def parent_code(self) -> str | None:
        if not self.code.endswith("00"):
            return self.code[:4] + "00"
        return None if self.code.endswith("0000") else self.code[:2] + "0000"


# code, name, since, until: read after the shipped table, replacing what it says of the code.
_AMENDMENTS = (
    Region("330113", "临平区", 2021),
    Region("330114", "钱塘区", 2021),
    Region("429001", "随州市", None, 2000),  # a prefecture of its own since, 421300
    Region("422900", "林区", None, 1986),  # since the year 429000 began, 神农架林区 is 429021
    Region("422921", "神农架林区", None, 1986),
)
_NOT_CHOSEN = "市辖区"
_SPAN = re.compile(r"(?:\[(\d*)-(\d*)\])?([^\[\],]+)")
_CLOSED_SPAN = re.compile(r"\[\d*-\d+\][^\[\],]+,?")


@cache
def _rows() -> dict[str, str]:
    """Code to the shipped text of its spans (`[-2010]崇文区`); spans are read when asked for, so that loading is fast."""
    rows: dict[str, str] = {}
    province = ""
    for line in files("stdnum.cn").joinpath("loc.dat").read_text("utf-8").splitlines():
        head, _, rest = line.partition('="')
        if head.endswith(" county"):
            rows[province + head[2:6]] = rest[:-1]
        elif head.endswith(" province"):
            province = head[:2]
    return rows


@cache
def _current() -> dict[str, Region]:
    current: dict[str, Region] = {}
    for code, spans in _rows().items():
        name = _CLOSED_SPAN.sub("", spans) if "[" in spans else spans
        if name:
            since, _, bare = name.rpartition("-]")
            current[code] = Region(code, bare, int(since[1:]) if since[1:] else None)
    for amended in _AMENDMENTS:
        current.pop(amended.code, None)
        if amended.is_current:
            current[amended.code] = amended
    return current


@cache
def _children() -> dict[str, tuple[Region, ...]]:
    children: dict[str, list[Region]] = {}
    for code, region in sorted(_current().items()):
        is_heading_among_counties = region.name == _NOT_CHOSEN and not code.endswith("00")
        if not is_heading_among_counties:
            children.setdefault(region.parent_code or "", []).append(region)
    return {code: tuple(regions) for code, regions in children.items()}


def find_region(code: str) -> Region | None:
    """The division in force under a code."""
    return _current().get(code)


def get_region(code: str) -> Region:
    """The division in force under a code. Raises: ValueRefused when there is none, saying what it once was."""
    region = find_region(code)
    if region is None:
        raise ValueRefused(_unknown(code), code[:12])
    return region


@lru_cache(4096)
def list_past_and_present(code: str) -> tuple[Region, ...]:
    """Everything a code ever stood for since 1980, as old certificates need; empty for a code never seen."""
    if amended := tuple(region for region in _AMENDMENTS if region.code == code):
        return amended
    return tuple(
        Region(code, name, int(since) if since else None, int(until) if until else None)
        for since, until, name in _SPAN.findall(_rows().get(code, ""))
    )


def list_children(code: str = "") -> tuple[Region, ...]:
    """The choices one level down, by code, for cascading selects; without a code the provinces (with 71, 81 and 82).

    Empty for a county and for a city without counties (东莞, 中山, 儋州, 嘉峪关): there the city itself is the choice.
    """
    return _children().get(code, ())


def is_deepest(code: str) -> bool:
    """Whether nothing can be chosen below a code in force, so that an address may end there."""
    return code in _current() and not list_children(code)


def get_full_name(code: str) -> str:
    """The names from the province down, headings left out: 110101 is 北京市东城区. Raises: ValueRefused."""
    region = get_region(code)
    names = [region.name]
    while parent := region.parent_code:
        region = get_region(parent)
        if not region.is_grouping:
            names.insert(0, region.name)
    return "".join(names)


def check_address_region(code: str) -> Region:
    """The region of an address, which must go down to the county. Raises: ValueRefused."""
    region = get_region(code)
    if not is_deepest(code):
        raise ValueRefused(
            Problem(
                Text("地区只选到“{name}”。", "The region stops at “{name}”.").format(name=region.name),
                Text("请继续选择到区县。", "Go on choosing, down to the county."),
                "region.not_deepest",
            ),
            code,
        )
    return region


def _unknown(code: str) -> Problem:
    fix = Text("请从列表中选择省、市、区县。", "Choose province, city and county from the lists.")
    if past := list_past_and_present(code):
        return Problem(
            Text(
                "行政区划代码 {code}（{name}）已于 {year} 年停用。", "Region code {code} ({name}) ended in {year}."
            ).format(code=code, name=past[-1].name, year=past[-1].until),
            fix,
            "region.abolished",
        )
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        return Problem(
            Text("行政区划代码应为 6 位数字。", "A region code has six digits."),
            fix,
            "region.grammar",
        )
    return Problem(
        Text("没有找到行政区划代码 {code}。", "No region with code {code} was found.").format(code=code),
        fix,
        "region.unknown",
        certain=code[:2] + "0000" not in _current(),
    )

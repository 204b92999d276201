"""The numbers of the trade: filing, service, content-provider licence, value-added licence and police numbers.

The grammar follows numbers in public use; it stands in no rule that we have read (confidence M). One written form is
normal; what people write in footers and sheets (blanks, full-width, `icp`, the suffix before 号) is read into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from openbeian.kernel.errors import Problem, ValueRefused
from openbeian.kernel.provinces import Province, find_province, get_province
from openbeian.kernel.regions import list_past_and_present
from openbeian.kernel.text import Text
from openbeian.kernel.writing import EXCERPT, fold

LONGEST_TEXT = 2000
MOST_NUMBERS = 50
"""How many numbers one text may hold before the rest is left unread."""


class NumberNotRecognised(ValueRefused):
    """No number, or one that breaks the grammar; the fix shows what a right one looks like."""

    code = "number_not_recognised"


class ServiceKind(StrEnum):
    """What a service number stands for; its suffix letter is in `SUFFIXES`."""

    WEBSITE = "website"
    APP = "app"
    MINI_PROGRAM = "mini_program"
    QUICK_APP = "quick_app"


SUFFIXES = {"": ServiceKind.WEBSITE, "A": ServiceKind.APP, "X": ServiceKind.MINI_PROGRAM, "K": ServiceKind.QUICK_APP}
_LETTERS = {kind: letter for letter, kind in SUFFIXES.items()}


@dataclass(frozen=True, slots=True)
class FilingNumber:
    """A sponsor's number, 京ICP备2026000123号; `digits` is two or four digits of the year, then six of the serial."""

    kind: ClassVar[str] = "filing"
    province: Province
    digits: str

    @property
    def year(self) -> int:
        return int(self.digits[:-6]) + (2000 if len(self.digits) == 8 else 0)

    @property
    def serial(self) -> int:
        return int(self.digits[-6:])

    @property
    def normal(self) -> str:
        return f"{self.province.abbreviation}ICP备{self.digits}号"


@dataclass(frozen=True, slots=True)
class IcpLicenceNumber:
    """A content provider's licence of the older form, 京ICP证030173号; only six digits tell a year and a serial."""

    kind: ClassVar[str] = "icp_licence"
    province: Province
    digits: str

    @property
    def year(self) -> int | None:
        return 2000 + int(self.digits[:2]) if len(self.digits) == 6 else None

    @property
    def serial(self) -> int | None:
        return int(self.digits[2:]) if len(self.digits) == 6 else None

    @property
    def normal(self) -> str:
        return f"{self.province.abbreviation}ICP证{self.digits}号"


@dataclass(frozen=True, slots=True)
class VatLicenceNumber:
    """A value-added telecom licence: provincial 粤B2-20090059, cross-regional 合字B2-… or plain B1.B2-… of the ministry.

    `prefix` stays as written (川B2 and 蜀B2 are both read, as 四川), since licences do not follow the filings' usage.
    """

    kind: ClassVar[str] = "vat_licence"
    prefix: str
    businesses: tuple[str, ...]
    year: int
    serial: int

    @property
    def province(self) -> Province | None:
        return find_province(self.prefix)

    @property
    def normal(self) -> str:
        return f"{self.prefix}{'.'.join(self.businesses)}-{self.year:04}{self.serial:04}"


@dataclass(frozen=True, slots=True)
class ServiceNumber:
    """One service under a filing number, or under the licence number that replaces it: …号-1, -2A, -3X, -4K."""

    kind: ClassVar[str] = "service"
    base: FilingNumber | IcpLicenceNumber | VatLicenceNumber
    sequence: int
    service_kind: ServiceKind

    @property
    def province(self) -> Province | None:
        return self.base.province

    @property
    def year(self) -> int | None:
        return self.base.year

    @property
    def serial(self) -> int | None:
        return self.base.serial

    @property
    def normal(self) -> str:
        return f"{self.base.normal}-{self.sequence}{_LETTERS[self.service_kind]}"


@dataclass(frozen=True, slots=True)
class PoliceNumber:
    """A police filing, 京公网安备11010802012345号: six digits of area, 02, six of serial. It carries no year.

    `area_name` is None for an area the region table lacks (development zones have codes of their own).
    """

    kind: ClassVar[str] = "police"
    prefix: str
    area: str
    serial: int

    @property
    def province(self) -> Province:
        return get_province(self.prefix)

    @property
    def year(self) -> None:
        return None

    @property
    def area_name(self) -> str | None:
        known = list_past_and_present(self.area)
        return known[-1].name if known else None

    @property
    def normal(self) -> str:
        return f"{self.prefix}公网安备{self.area}02{self.serial:06}号"


Number = FilingNumber | ServiceNumber | IcpLicenceNumber | VatLicenceNumber | PoliceNumber

# Three letters and more are the next word of a footer run together with the number (…号-1Copyright).
_AFTER = r"(?:\s*-\s*(?P<sequence>\d+)(?P<letter>[A-Z]{1,2}(?![A-Z]))?)"
_CANDIDATE = re.compile(
    rf"""
    (?P<ab>[\u4e00-\u9fff])?\s*ICP\s*(?P<word>备案|备|证)?\s*
        (?P<digits>\d(?:[\d\ ]*\d)?)(?:{_AFTER}(?=\s*号))?\s*(?P<end>号)?(?:{_AFTER.replace("?P<", "?P<late_")})?
    | (?P<police>[\u4e00-\u9fff])?\s*公网安备\s*(?P<police_digits>\d(?:[\d\ ]*\d)?)\s*(?P<police_end>号)?
    | (?P<vat>合字|[\u4e00-\u9fff])?\s*(?<![A-Z0-9])(?P<businesses>[A-Z]\d(?:\s*[.、]\s*[A-Z]\d)*)
        \s*-\s*(?P<vat_digits>\d{{6,}})(?:{_AFTER.replace("?P<", "?P<vat_")})?
    """,
    re.VERBOSE | re.ASCII,
)
# The normal form of a filing or service number, by far the most frequent.
_NORMAL = re.compile(r"([\u4e00-\u9fff])ICP备(\d{8}|\d{10})号(?:-([1-9]\d{0,5})([AXK]?))?", re.ASCII)
_SUFFIX = re.compile(r"-([1-9]\d{0,5})([AXK]?)", re.ASCII)
_BUSINESS = re.compile(r"[AB][12]")
_EXAMPLE = Text(
    "正确的写法如：京ICP备2026000123号、京ICP备2026000123号-1、粤B2-20090059、京公网安备11010802012345号。",
    "A right one looks like 京ICP备2026000123号, 京ICP备2026000123号-1, 粤B2-20090059 or 京公网安备11010802012345号.",
)


def parse_number(text: str) -> Number:
    """The one number a text holds, whatever stands around it.

    Raises: NumberNotRecognised with the specific reason, also when the text holds several different numbers.
    """
    if (normal := _NORMAL.fullmatch(text)) and (province := find_province(normal[1])):
        base = FilingNumber(province, normal[2])
        return ServiceNumber(base, int(normal[3]), SUFFIXES[normal[4]]) if normal[3] else base
    found: list[Number] = []
    for match in _candidates(text):
        number = _read(match, text)
        if number not in found:
            found.append(number)
    if not found:
        raise _refusal("absent", "没有找到备案号或许可证号。", "There is no filing or licence number here.", text)
    if len(found) > 1:
        raise _refusal("several", "这里有不止一个号码。", "There is more than one number here.", text)
    return found[0]


def read_suffix(text: str, base: str) -> tuple[int, ServiceKind] | None:
    """What stands behind a filing number in a service number that begins with it; None unless both are in normal form.

    Then `parse_number` reads the same sequence, the same kind, this base, and the text as its normal form.
    """
    if (
        text.startswith(base)
        and base.endswith("号")
        and "ICP备" in base
        and (suffix := _SUFFIX.fullmatch(text, len(base)))
    ):
        return int(suffix[1]), SUFFIXES[suffix[2]]
    return None


def find_numbers(text: str, *, limit: int = LONGEST_TEXT) -> list[Number]:
    """Every well-formed number in a text (a page footer), in order and once each; malformed ones are passed over.

    Raises: NumberNotRecognised when the text is longer than `limit` characters or holds control characters.
    """
    found: list[Number] = []
    for match in _candidates(text, limit):
        try:
            number = _read(match, text)
        except NumberNotRecognised:
            continue
        if number not in found:
            found.append(number)
    return found


def format_filing_number(province: Province | str, year: int, serial: int) -> str:
    """The number to allot: 京ICP备2026000123号. Raises: ValueError outside four digits of year or six of serial."""
    if not (1000 <= year <= 9999 and 1 <= serial <= 999_999):
        raise ValueError(f"no filing number for year {year}, serial {serial}")
    area = get_province(province) if isinstance(province, str) else province
    return FilingNumber(area, f"{year}{serial:06}").normal


def format_service_number(base: str, sequence: int, kind: ServiceKind | str) -> str:
    """The number to allot to a service under its sponsor's filing or licence number.

    Raises: NumberNotRecognised when `base` is no such number; ValueError for a sequence below 1 or an unknown kind.
    """
    number = parse_number(base)
    if isinstance(number, ServiceNumber | PoliceNumber) or sequence < 1:
        raise ValueError(f"no service number {sequence} under {base}")
    return ServiceNumber(number, sequence, ServiceKind(kind)).normal


def describe_number(number: Number) -> dict[str, Any]:
    """A number as JSON: kind, normal form and every part, None where the kind has no such part."""
    province = number.province
    service = number if isinstance(number, ServiceNumber) else None
    base = number.base if isinstance(number, ServiceNumber) else number
    return {
        "kind": number.kind,
        "normal": number.normal,
        "valid": True,
        "province": province.abbreviation if province else None,
        "province_code": province.code if province else None,
        "province_name": province.name.as_json() if province else None,
        "administration": province.administration.as_json() if province else None,
        "year": number.year,
        "serial": number.serial,
        "sequence": service.sequence if service else None,
        "service_kind": service.service_kind.value if service else None,
        "base": service.base.normal if service else None,
        "base_kind": service.base.kind if service else None,
        "businesses": list(base.businesses) if isinstance(base, VatLicenceNumber) else None,
        "area": number.area if isinstance(number, PoliceNumber) else None,
        "area_name": number.area_name if isinstance(number, PoliceNumber) else None,
    }


def _candidates(text: str, limit: int = LONGEST_TEXT) -> Iterator[re.Match[str]]:
    try:
        folded = fold(text, limit=limit).upper()
    except ValueRefused as refusal:
        raise NumberNotRecognised(refusal.problem, text[:EXCERPT]) from refusal
    for count, match in enumerate(_CANDIDATE.finditer(folded)):
        if count >= MOST_NUMBERS:
            return
        yield match


def _read(match: re.Match[str], text: str) -> Number:
    if match["vat_digits"]:
        return _read_vat(match, text)
    if match["police_digits"]:
        return _read_police(match, text)
    return _read_icp(match, text)


def _read_icp(match: re.Match[str], text: str) -> Number:
    digits = match["digits"].replace(" ", "")
    province = _province(match["ab"], text)
    if match["word"] not in {"备", "证"}:
        raise _refusal("word", "“ICP”之后应为“备”或“证”。", "“ICP” must be followed by 备 or 证.", text)
    is_filing = match["word"] == "备"
    if is_filing and len(digits) not in {8, 10}:
        zh, en = "备案号应有 8 位或 10 位数字，这里是 {n} 位。", "A filing number has 8 or 10 digits; this has {n}."
        raise _refusal("digits", zh, en, text, n=len(digits))
    if not is_filing and not 6 <= len(digits) <= 8:
        zh, en = "ICP证号应有 6 至 8 位数字，这里是 {n} 位。", "An ICP licence has 6 to 8 digits; this has {n}."
        raise _refusal("digits", zh, en, text, n=len(digits))
    if not match["end"]:
        raise _refusal("end", "数字之后缺少“号”。", "The 号 after the digits is missing.", text)
    base = FilingNumber(province, digits) if is_filing else IcpLicenceNumber(province, digits)
    if match["sequence"] and match["late_sequence"]:
        raise _refusal("suffix", "“号”的前后各有一个序号。", "There is a sequence both before and after 号.", text)
    if match["sequence"]:
        return _service(base, match["sequence"], match["letter"], text)
    return _service(base, match["late_sequence"], match["late_letter"], text) if match["late_sequence"] else base


def _read_vat(match: re.Match[str], text: str) -> Number:
    businesses = tuple(re.split(r"\s*[.、]\s*", match["businesses"]))
    digits = match["vat_digits"]
    prefix = match["vat"] or ""
    if prefix in {"港", "澳", "台"}:
        _province(prefix, text)
    if prefix != "合字" and find_province(prefix) is None:
        prefix = ""  # a word of the sentence around it, not a part of the number
    if not all(map(_BUSINESS.fullmatch, businesses)):
        raise _refusal("business", "业务类别只有 A1、A2、B1、B2。", "The classes are A1, A2, B1 and B2 only.", text)
    if len(digits) != 8 or digits[:2] not in {"19", "20"}:
        zh, en = "许可证号应为 4 位年份加 4 位序号。", "A licence number has four digits of year and four of serial."
        raise _refusal("digits", zh, en, text)
    base = VatLicenceNumber(prefix, businesses, int(digits[:4]), int(digits[4:]))
    return _service(base, match["vat_sequence"], match["vat_letter"], text) if match["vat_sequence"] else base


def _read_police(match: re.Match[str], text: str) -> PoliceNumber:
    digits = match["police_digits"].replace(" ", "")
    province = _province(match["police"], text)
    if len(digits) != 14 or digits[6:8] != "02":
        zh = "公安备案号应有 14 位数字：6 位地区、02、6 位序号。"
        raise _refusal("digits", zh, "A police number has 14 digits: six of area, 02, six of serial.", text)
    if not match["police_end"]:
        raise _refusal("end", "数字之后缺少“号”。", "The 号 after the digits is missing.", text)
    if digits[:2] != province.code:
        zh, en = "地区代码 {area} 不在{province}。", "Area {area} does not lie in {province}."
        raise _refusal("area", zh, en, text, area=digits[:6], province=province.name)
    return PoliceNumber(match["police"], digits[:6], int(digits[8:]))


def _service(
    base: FilingNumber | IcpLicenceNumber | VatLicenceNumber, sequence: str, letter: str | None, text: str
) -> ServiceNumber:
    if sequence.startswith("0"):
        raise _refusal(
            "sequence", "序号从 1 开始，不带前导零。", "The sequence counts from 1, without zeros before it.", text
        )
    if len(sequence) > 6:
        raise _refusal("sequence", "序号过长。", "The sequence is too long.", text)
    kind = SUFFIXES.get(letter or "")
    if kind is None:
        zh = "序号后的字母只有 A（App）、X（小程序）、K（快应用），网站不带字母。"
        en = "After the sequence stand only A (app), X (mini-program), K (quick app), or nothing for a website."
        raise _refusal("suffix", zh, en, text)
    return ServiceNumber(base, int(sequence), kind)


def _province(abbreviation: str | None, text: str) -> Province:
    province = find_province(abbreviation) if abbreviation else None
    if province is None:
        zh = "开头的“{ab}”不是内地省、自治区、直辖市的简称。"
        en = "“{ab}” at the head does not stand for a mainland province."
        if not abbreviation:
            zh, en = "开头缺少省、自治区、直辖市的简称。", "The character for the province is missing at the head."
        raise _refusal("province", zh, en, text, ab=abbreviation)
    return province


def _refusal(reason: str, zh: str, en: str, text: str, **places: object) -> NumberNotRecognised:
    problem = Problem(Text(zh, en).format(**places), _EXAMPLE, f"number.{reason}")
    return NumberNotRecognised(problem, text[:EXCERPT])

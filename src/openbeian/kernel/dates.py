"""Dates as people write them in sheets and forms: 2023/5/1, 2023-5-1, 2023年5月1日, 20230501, a sheet's own date, 长期."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from openbeian.kernel.clock import legal_day
from openbeian.kernel.errors import Problem, ValueRefused
from openbeian.kernel.text import Text
from openbeian.kernel.writing import EXCERPT, squeeze

EARLIEST = date(1900, 3, 1)
LATEST = date(2149, 12, 31)
"""Dates beyond these are slips of the pen; before March 1900 sheet programs also disagree on the day numbers."""

_YEAR_FIRST = re.compile(
    r"(?P<y>\d{4})(?:(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})|年(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日?)"
    r"(?:T?00:00(?::00(?:\.0+)?)?)?",
    re.ASCII,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:\.0+)?", re.ASCII)
_YEAR_LAST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{1,4}", re.ASCII)
_NO_END = frozenset(
    {"长期", "长期有效", "永久", "永久有效", "无固定期限", "无限期", "longterm", "long-term", "permanent"}
)
_SERIAL_ORIGIN = date(1899, 12, 30)

_WRITE = Text("请写成 2023-05-01 或 2023年5月1日。", "Write 2023-05-01 or 2023年5月1日.")


def read_date(value: object) -> date:
    """The date a cell or a field holds; an aware instant is read as its legal day in China.

    Reads text with the year first, eight digits, a sheet's day number (five digits, 1900 system) and date objects.

    Raises: ValueRefused for anything impossible, incomplete or ambiguous (1/5/2023 has two readings).
    """
    match value:
        case datetime():
            day = legal_day(value) if value.tzinfo else value.date()
        case date():
            day = value
        case bool() | None:
            raise _refusal("grammar", "这里没有日期。", "There is no date here.", "")
        case int() | float():
            day = _from_number(value)
        case _:
            day = _from_text(str(value))
    if not EARLIEST <= day <= LATEST:
        raise _refusal("range", "日期超出 1900 至 2149 年。", "The date lies outside 1900 to 2149.", str(value))
    return day


def read_term_end(value: object) -> date | None:
    """The last day of a term, or None for one without end (长期). Raises: ValueRefused like `read_date`."""
    if isinstance(value, str) and squeeze(value).lower() in _NO_END:
        return None
    return read_date(value)


def _from_number(value: float) -> date:
    if abs(value) < 10**9 and value == int(value):  # NaN and the infinities fail the first comparison
        return _from_text(str(int(value)))
    raise _refusal("grammar", "这个数不是日期。", "This number is not a date.", str(value))


def _from_text(text: str) -> date:
    squeezed = squeeze(text)
    if m := _YEAR_FIRST.fullmatch(squeezed):
        return _day(m["y"], m["m"] or m["m2"], m["d"] or m["d2"], text)
    if m := _COMPACT.fullmatch(squeezed):
        return _day(m[1], m[2], m[3], text)
    if _SERIAL.fullmatch(squeezed):
        return _SERIAL_ORIGIN + timedelta(days=int(float(squeezed)))
    if _YEAR_LAST.fullmatch(squeezed):
        zh = "“{value}”分不清年、月、日的先后。"
        raise _refusal("ambiguous", zh, "In “{value}” year, month and day cannot be told apart.", text)
    if squeezed.lower() in _NO_END:
        raise _refusal("no_end", "这里需要一个具体日期，不能填“长期”。", "This needs a day; 长期 is not one.", text)
    raise _refusal("grammar", "“{value}”不是完整的日期。", "“{value}” is not a whole date.", text)


def _day(year: str, month: str, day: str, text: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError as impossible:
        raise _refusal("impossible", "没有“{value}”这一天。", "There is no day {value}.", text) from impossible


def _refusal(reason: str, zh: str, en: str, value: str) -> ValueRefused:
    short = value[:EXCERPT]
    return ValueRefused(Problem(Text(zh, en).format(value=short), _WRITE, f"date.{reason}"), short)

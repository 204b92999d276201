"""How responsible people are reached: Chinese mobile and landline numbers, service numbers told apart, and mailboxes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

import phonenumbers

from openbeian.kernel.domains import parse_domain
from openbeian.kernel.errors import Problem, ValueRefused
from openbeian.kernel.text import Language, Text
from openbeian.kernel.writing import EXCERPT, squeeze


class PhoneKind(StrEnum):
    """What answers at a number; a `SERVICE` number (10086, 12345, 400…, 95588) never belongs to one person."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Phone:
    """A mainland number: `normal` is +8613800138000, for service numbers the bare digits; `extension` digits or ''."""

    normal: str
    kind: PhoneKind
    extension: str = ""

    @property
    def national(self) -> str:
        """As dialled within China: 13800138000, 010-62345678, 010-62345678-801."""
        if self.kind is PhoneKind.SERVICE:
            return self.normal
        if self.kind is PhoneKind.MOBILE:
            return self.normal.removeprefix("+86")
        number = phonenumbers.parse(self.normal)
        digits = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        area, _, rest = digits.partition(" ")
        joined = f"{area}-{rest}"
        return joined.replace(" ", "") + (f"-{self.extension}" if self.extension else "")


_EXTENSION = re.compile(r"(?:转|ext\.?|x|#|-(?=\d{1,6}$))(\d{1,6})$", re.IGNORECASE | re.ASCII)
_SERVICE = re.compile(
    r"1(?:1\d|2[02]|00\d{2}|01\d{2}|[12]\d{3}|23\d{2})|9[56]\d{3,6}|[48]00\d{7}",
    re.ASCII,
)
_PUNCTUATION = re.compile(r"[\s().·-]")
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)

_WRITE_PHONE = Text(
    "请填写 11 位手机号，或带区号的座机，如 010-62345678。",
    "Give a mobile number of 11 digits, or a landline with its area code, such as 010-62345678.",
)
_WRITE_MOBILE = Text("请填写负责人本人的 11 位手机号。", "Give the person's own mobile number of 11 digits.")
_WRITE_MAIL = Text("请填写如 name@example.cn 的邮箱。", "Give a mailbox such as name@example.cn.")


def parse_phone(text: str) -> Phone:
    """The mainland number a text holds, with +86, area code, blanks, brackets and extension (-801, 转801) understood.

    Raises: ValueRefused for what is no number of the mainland's plan, a foreign number included.
    """
    if _mobile_plan().fullmatch(text):
        return Phone(f"+86{text}", PhoneKind.MOBILE)
    squeezed = squeeze(text, limit=60)
    digits = _PUNCTUATION.sub("", squeezed)
    if _SERVICE.fullmatch(digits):
        return Phone(digits, PhoneKind.SERVICE)
    whole = _read_plan(digits)
    if whole is not None:
        return whole
    if extension := _EXTENSION.search(squeezed):
        main = _read_plan(_PUNCTUATION.sub("", squeezed[: extension.start()]))
        if main is not None and main.kind is PhoneKind.LANDLINE:
            return Phone(main.normal, main.kind, extension[1])
    zh, en = "这不是内地的电话号码。", "This is no phone number of the mainland."
    raise _refusal("phone.grammar", zh, en, _WRITE_PHONE, text)


def check_mobile(text: str) -> Phone:
    """A mobile number that can belong to a responsible person. Raises: ValueRefused for a landline or service number."""
    phone = parse_phone(text)
    if phone.kind is PhoneKind.SERVICE:
        zh, en = "{n} 是客服或公共服务号码，不是个人手机号。", "{n} is a service number and nobody's mobile."
        raise _refusal("phone.service", zh, en, _WRITE_MOBILE, text, n=phone.normal)
    if phone.kind is not PhoneKind.MOBILE:
        zh, en = "这是座机号码，这里需要手机号。", "This is a landline; a mobile number is needed here."
        raise _refusal("phone.not_mobile", zh, en, _WRITE_MOBILE, text)
    return phone


def describe_area(phone: Phone, language: Language = "zh") -> str | None:
    """Where a number was issued (广东省广州市), or None when the shipped tables do not say.

    The first call loads phonenumbers' tables for the whole world, which takes seconds: ask in a worker, not in a page.
    """
    if phone.kind is PhoneKind.SERVICE:
        return None
    from phonenumbers import geocoder

    area = str(geocoder.description_for_number(phonenumbers.parse(phone.normal), language))
    return area if area not in {"", "中国", "China"} else None


def parse_mailbox(text: str) -> str:
    """The normal form of a mailbox, its domain in lower-case ASCII. Raises: ValueRefused."""
    squeezed = squeeze(text, limit=320)
    local, at, domain = squeezed.rpartition("@")
    if not at or "@" in local or not _LOCAL_PART.fullmatch(local) or len(local) > 64:
        raise _refusal("mailbox.grammar", "这不是邮箱地址。", "This is no mailbox.", _WRITE_MAIL, text)
    try:
        name = _parse_domain_once(domain).name
    except ValueRefused as refusal:
        zh, en = "邮箱“@”之后的域名不对：{why}", "The domain after @ is wrong: {why}"
        raise ValueRefused(
            Problem(
                Text(zh, en).format(why=refusal.problem.message),
                _WRITE_MAIL,
                "mailbox.domain",
                refusal.problem.certain,
            ),
            text[:EXCERPT],
        ) from refusal
    if len(local) + 1 + len(name) > 254:
        raise _refusal("mailbox.too_long", "邮箱地址过长。", "The mailbox is too long.", _WRITE_MAIL, text)
    return f"{local}@{name}"


@cache
def _mobile_plan() -> re.Pattern[str]:
    """The mobile numbers of phonenumbers' metadata, all eleven digits; 179… is left out, which begins a dialling code."""
    china: Any = phonenumbers.PhoneMetadata.metadata_for_region("CN")
    plan = china.mobile.national_number_pattern
    return re.compile(rf"(?=1[3-9]\d{{9}}\Z)(?!179)(?:{plan})", re.ASCII)


# Most mailboxes lie in few domains.
_parse_domain_once = lru_cache(4096)(parse_domain)


def _read_plan(digits: str) -> Phone | None:
    """A number of the numbering plan by phonenumbers' metadata, or None."""
    try:
        number = phonenumbers.parse(digits, "CN")
    except phonenumbers.NumberParseException:
        return None
    if number.country_code != 86 or not phonenumbers.is_valid_number_for_region(number, "CN"):
        return None
    normal = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    match phonenumbers.number_type(number):
        case phonenumbers.PhoneNumberType.MOBILE:
            return Phone(normal, PhoneKind.MOBILE)
        case phonenumbers.PhoneNumberType.FIXED_LINE:
            return Phone(normal, PhoneKind.LANDLINE)
        case _:
            return Phone(normal.removeprefix("+86"), PhoneKind.SERVICE)


def _refusal(rule: str, zh: str, en: str, fix: Text, value: str, **places: object) -> ValueRefused:
    return ValueRefused(Problem(Text(zh, en).format(**places), fix, rule), value[:EXCERPT])

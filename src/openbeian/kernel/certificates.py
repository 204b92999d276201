"""Certificate numbers of sponsors and persons by their grammar: credit codes, identity numbers, permits, older numbers.

Which certificate uses which grammar is data (`rulebook/code_tables/certificates.yaml`); here stands only how each
grammar is read. Where nobody published a grammar, only length and characters are bounded and the result says
`certain=False`: such a number is neither confirmed nor refused for good.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from operator import mul

from stdnum.cn import ric

from openbeian.kernel.errors import Problem, ValueRefused
from openbeian.kernel.regions import list_past_and_present
from openbeian.kernel.text import Text
from openbeian.kernel.writing import squeeze


class Grammar(StrEnum):
    """The grammars a certificate number can follow."""

    CREDIT_CODE = "credit_code"
    BUSINESS_LICENCE = "business_licence"
    CREDIT_CODE_OR_OLDER = "credit_code_or_older"
    ORGANISATION_CODE = "organisation_code"
    RESIDENT_ID = "resident_id"
    HONG_KONG_RESIDENCE_PERMIT = "hong_kong_residence_permit"
    TAIWAN_RESIDENCE_PERMIT = "taiwan_residence_permit"
    HONG_KONG_MACAO_TRAVEL_PERMIT = "hong_kong_macao_travel_permit"
    TAIWAN_TRAVEL_PERMIT = "taiwan_travel_permit"
    FOREIGN_PERMANENT_RESIDENT = "foreign_permanent_resident"
    PASSPORT = "passport"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class CertificateNumber:
    """A number that fits its grammar.

    `region` is the six-digit code it carries, `born_on` the birth date of a person, both None where it carries none.
    `certain` is False when only its outer form could be checked. What identifies a person stays out of `repr` and logs.
    """

    normal: str = field(repr=False)
    grammar: Grammar
    region: str | None = field(default=None, repr=False)
    born_on: date | None = field(default=None, repr=False)
    certain: bool = True

    def age_on(self, day: date) -> int | None:
        """Full years on a day; a birthday of 29 February falls on 1 March in other years. None without a birth date."""
        if self.born_on is None:
            return None
        had_birthday = (day.month, day.day) >= (self.born_on.month, self.born_on.day)
        return day.year - self.born_on.year - (not had_birthday)


def parse_certificate(grammar: Grammar | str, text: str, *, on: date) -> CertificateNumber:
    """The number of a certificate of the given grammar; `on` is the legal day, after which nobody is born.

    Raises: ValueRefused, with `problem.certain` False where the grammar is only customary.
    """
    kind = Grammar(grammar)
    number = squeeze(text, limit=100).upper()
    if not number:
        raise _refusal("empty", "证件号码未填写。", "The certificate number is missing.", _COPY)
    return _READERS[kind](kind, number, on)


def parse_credit_code(text: str) -> CertificateNumber:
    """A unified social credit code (GB 32100), check character included. Raises: ValueRefused."""
    return _credit_code(Grammar.CREDIT_CODE, squeeze(text, limit=100).upper(), date.max)


def parse_resident_id(text: str, *, on: date) -> CertificateNumber:
    """A resident identity number (GB 11643) of 18 digits, check character included. Raises: ValueRefused."""
    return _resident_id(Grammar.RESIDENT_ID, squeeze(text, limit=100).upper(), on)


_COPY = Text("请照证件原件逐字填写号码。", "Copy the number from the original, character by character.")
_COPY_CREDIT_CODE = Text(
    "请照营业执照或登记证书填写 18 位统一社会信用代码；其中没有字母 I、O、S、V、Z。",
    "Copy the credit code of 18 characters from the licence; it never has the letters I, O, S, V, Z.",
)
_COPY_ID = Text(
    "请照身份证填写 18 位号码，末位可为 X。", "Copy the 18 characters from the identity card; the last may be X."
)

# The registering body and the type of organisation; all other characters but I O S V Z.
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = tuple(3**n % 31 for n in range(17))
_OLD_REGISTRATION = re.compile(r"\d{13}|\d{15}", re.ASCII)
_ORGANISATION_CODE = re.compile(r"([0-9A-Z]{8})-?([0-9X])", re.ASCII)
_ID = re.compile(r"\d{17}[\dX]", re.ASCII)
_OLD_ID = re.compile(r"\d{15}", re.ASCII)
_HONG_KONG_MACAO_PERMIT = re.compile(r"[HM]\d{8}(\d{2})?", re.ASCII)
_TAIWAN_PERMIT = re.compile(r"\d{8}|\d{10}[A-Z]?", re.ASCII)
_OLD_PERMANENT_RESIDENT = re.compile(r"[A-Z]{3}\d{12}", re.ASCII)
_PASSPORT = re.compile(r"[A-Z0-9]{5,17}", re.ASCII)
_FREE = re.compile(r"[0-9A-Z\u4e00-\u9fff()/.·-]{2,40}")
_HONG_KONG_AND_MACAO, _TAIWAN = ("810000", "820000"), ("830000",)


def _credit_code(grammar: Grammar, number: str, _on: date) -> CertificateNumber:
    number = number.replace("-", "")
    if len(number) != 18:
        zh, en = "统一社会信用代码应为 18 位，这里是 {n} 位。", "A credit code has 18 characters; this has {n}."
        raise _refusal("length", zh, en, _COPY_CREDIT_CODE, n=len(number))
    # stdnum's own validate() wants digits in the first two places, and so refuses Y1…, N2… and A1…
    if not _CREDIT_CODE.fullmatch(number):
        zh, en = "统一社会信用代码含有不允许的字符。", "The credit code holds a character it cannot have."
        raise _refusal("characters", zh, en, _COPY_CREDIT_CODE)
    if _compute_credit_check(number) != number[17]:
        zh, en = "统一社会信用代码的校验码不符。", "The check character of the credit code does not fit."
        raise _refusal("check", zh, en, _COPY_CREDIT_CODE)
    return CertificateNumber(number, grammar, region=number[2:8])


def _compute_credit_check(number: str) -> str:
    """GB 32100: the first 17 characters over powers of 3, modulo 31. stdnum's own takes five times as long."""
    total = sum(map(mul, map(_CREDIT_ALPHABET.index, number[:17]), _CREDIT_WEIGHTS))
    return _CREDIT_ALPHABET[-total % 31]


def _business_licence(grammar: Grammar, number: str, on: date) -> CertificateNumber:
    if _OLD_REGISTRATION.fullmatch(number):
        zh = "这是三证合一之前的营业执照注册号。"
        en = "This is a registration number from before licences carried the credit code."
        raise _refusal("superseded", zh, en, _COPY_CREDIT_CODE, certain=False)
    return _credit_code(grammar, number, on)


def _credit_code_or_older(grammar: Grammar, number: str, on: date) -> CertificateNumber:
    return _credit_code(grammar, number, on) if len(number) == 18 else _free(grammar, number, on)


def _organisation_code(grammar: Grammar, number: str, on: date) -> CertificateNumber:
    """GB 11714: eight characters and a check character over weights 3, 7, 9, 10, 5, 8, 4, 2."""
    if len(number) == 18:
        return _credit_code(grammar, number, on)
    match = _ORGANISATION_CODE.fullmatch(number)
    if not match:
        zh, en = (
            "组织机构代码应为 8 位加 1 位校验码。",
            "An organisation code has eight characters and a check character.",
        )
        raise _refusal("grammar", zh, en, _COPY)
    total = sum(int(c, 36) * weight for c, weight in zip(match[1], (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    if "0123456789X0"[11 - total % 11] != match[2]:
        zh, en = "组织机构代码的校验码不符。", "The check character of the organisation code does not fit."
        raise _refusal("check", zh, en, _COPY)
    return CertificateNumber(f"{match[1]}-{match[2]}", grammar)


def _identity(grammar: Grammar, number: str, on: date) -> CertificateNumber:
    """What resident identity numbers and residence permits share: 6 + birth date + 3 + check character."""
    if not _ID.fullmatch(number):
        zh, en = "号码应为 17 位数字加 1 位数字或 X。", "The number has 17 digits and then a digit or X."
        raise _refusal("grammar", zh, en, _COPY_ID)
    if ric.calc_check_digit(number) != number[17]:
        raise _refusal("check", "号码的校验码不符。", "The check character does not fit.", _COPY_ID)
    return CertificateNumber(number, grammar, region=number[:6], born_on=_birth(number[6:14], on))


def _resident_id(grammar: Grammar, number: str, on: date) -> CertificateNumber:
    if _OLD_ID.fullmatch(number):
        zh, en = "15 位的第一代身份证已停用。", "First-generation cards with 15 digits are no longer valid."
        raise _refusal("superseded", zh, en, _COPY_ID)
    found = _identity(grammar, number, on)
    # A code stays on the card when its county goes, and may be younger than the person: any year will do here.
    if not list_past_and_present(number[:6]):
        known_province = bool(list_past_and_present(number[:2] + "0000")) and number[:2] < "80"
        zh, en = "前六位 {code} 不是已知的行政区划代码。", "The first six digits {code} are no known region."
        raise _refusal("region", zh, en, _COPY_ID, certain=not known_province, code=number[:6])
    if number[:2] >= "80":
        zh = "这是港澳台居民居住证号码。"
        en = "This is the number of a residence permit for Hong Kong, Macao or Taiwan residents."
        raise _refusal("other_certificate", zh, en, _CHOOSE_OTHER)
    return found


_CHOOSE_OTHER = Text("请改选对应的证件类型。", "Choose the certificate type that fits.")


def _residence_permit(regions: tuple[str, ...]) -> Callable[[Grammar, str, date], CertificateNumber]:
    def read(grammar: Grammar, number: str, on: date) -> CertificateNumber:
        found = _identity(grammar, number, on)
        if found.region not in regions:
            zh, en = "居住证号码应以 {codes} 开头。", "The number of this residence permit begins with {codes}."
            raise _refusal("region", zh, en, _CHOOSE_OTHER, codes=" / ".join(regions))
        return found

    return read


def _foreign_permanent_resident(grammar: Grammar, number: str, on: date) -> CertificateNumber:
    """Since 2023 eighteen digits from 9 on, with birth date and the identity number's check; before, AAA + 12 digits."""
    if _OLD_PERMANENT_RESIDENT.fullmatch(number):
        return CertificateNumber(number, grammar)
    if not (_ID.fullmatch(number) and number.startswith("9")):
        zh = "应为 9 开头的 18 位号码，或旧式 3 个字母加 12 位数字。"
        en = "The number has 18 digits beginning with 9, or on older cards three letters and 12 digits."
        raise _refusal("grammar", zh, en, _COPY)
    if ric.calc_check_digit(number) != number[17]:
        raise _refusal("check", "号码的校验码不符。", "The check character does not fit.", _COPY, certain=False)
    return CertificateNumber(number, grammar, born_on=_birth(number[6:14], on))


def _by_pattern(
    pattern: re.Pattern[str], zh: str, en: str, *, certain: bool
) -> Callable[[Grammar, str, date], CertificateNumber]:
    def read(grammar: Grammar, number: str, _on: date) -> CertificateNumber:
        if not pattern.fullmatch(number):
            raise _refusal("grammar", zh, en, _COPY, certain=certain)
        return CertificateNumber(number, grammar, certain=certain)

    return read


def _birth(digits: str, on: date) -> date:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as impossible:
        zh, en = "号码中的出生日期 {d} 不存在。", "The birth date {d} in the number does not exist."
        raise _refusal("birth", zh, en, _COPY_ID, d=digits) from impossible
    if born.year < 1880 or born > on:
        zh, en = "号码中的出生日期 {d} 不可能。", "The birth date {d} in the number is impossible."
        raise _refusal("birth", zh, en, _COPY_ID, d=digits)
    return born


def _refusal(reason: str, zh: str, en: str, fix: Text, *, certain: bool = True, **places: object) -> ValueRefused:
    """A refusal that never repeats the number, which is personal and would end in logs."""
    return ValueRefused(Problem(Text(zh, en).format(**places), fix, f"certificate.{reason}", certain))


_free = _by_pattern(
    _FREE,
    "证件号码只能含汉字、字母、数字和连字符，2 至 40 个字符。",
    "The number has 2 to 40 characters: Chinese characters, letters, digits and hyphens.",
    certain=False,
)
_READERS: dict[Grammar, Callable[[Grammar, str, date], CertificateNumber]] = {
    Grammar.CREDIT_CODE: _credit_code,
    Grammar.BUSINESS_LICENCE: _business_licence,
    Grammar.CREDIT_CODE_OR_OLDER: _credit_code_or_older,
    Grammar.ORGANISATION_CODE: _organisation_code,
    Grammar.RESIDENT_ID: _resident_id,
    Grammar.HONG_KONG_RESIDENCE_PERMIT: _residence_permit(_HONG_KONG_AND_MACAO),
    Grammar.TAIWAN_RESIDENCE_PERMIT: _residence_permit(_TAIWAN),
    Grammar.HONG_KONG_MACAO_TRAVEL_PERMIT: _by_pattern(
        _HONG_KONG_MACAO_PERMIT,
        "应为 H 或 M 加 8 位数字（旧证另加 2 位换证次数）。",
        "The number is H or M and eight digits (older permits have two more).",
        certain=True,
    ),
    Grammar.TAIWAN_TRAVEL_PERMIT: _by_pattern(
        _TAIWAN_PERMIT,
        "应为 8 位数字（旧证为 10 位数字，可再加一个字母）。",
        "The number has eight digits (older permits ten, and perhaps a letter).",
        certain=True,
    ),
    Grammar.FOREIGN_PERMANENT_RESIDENT: _foreign_permanent_resident,
    Grammar.PASSPORT: _by_pattern(
        _PASSPORT,
        "护照号码应为 5 至 17 位字母和数字。",
        "A passport number has 5 to 17 letters and digits.",
        certain=False,
    ),
    Grammar.FREE: _free,
}

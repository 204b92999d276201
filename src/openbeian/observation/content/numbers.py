"""The four kinds of number a footer may show, by the grammar of `kernel.numbers`, without placeholders."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise

from openbeian.kernel import provinces
from openbeian.kernel.numbers import (
    FilingNumber,
    IcpLicenceNumber,
    NumberNotRecognised,
    PoliceNumber,
    ServiceNumber,
    VatLicenceNumber,
    parse_number,
)

PROVINCES = "".join("".join(area.abbreviations) for area in provinces.PROVINCES)


class NumberKind(StrEnum):
    """What a number stands for; the values are the keys of the footer command's JSON."""

    ICP_FILING = "icp_filing"
    ICP_LICENCE = "icp_licence"
    TELECOM_LICENCE = "telecom_licence"
    PUBLIC_SECURITY = "public_security"


_CLASSES = {
    NumberKind.ICP_FILING: FilingNumber,
    NumberKind.ICP_LICENCE: IcpLicenceNumber,
    NumberKind.TELECOM_LICENCE: VatLicenceNumber,
    NumberKind.PUBLIC_SECURITY: PoliceNumber,
}


def is_number(kind: NumberKind, text: str) -> bool:
    """Whether a text is a number of that kind as it is written normally, and not a placeholder."""
    try:
        number = parse_number(text)
    except NumberNotRecognised as refusal:
        # A police number of another province's area is still the number the page shows.
        return kind is NumberKind.PUBLIC_SECURITY and refusal.problem.rule.endswith(".area")
    base = number.base if isinstance(number, ServiceNumber) else number
    digits = "".join(c for c in text.partition("号")[0].rpartition("-")[2] if c.isdigit())
    if isinstance(base, VatLicenceNumber):
        digits = f"{base.year:04}{base.serial:04}"
    return isinstance(base, _CLASSES[kind]) and not is_placeholder(digits)


def is_placeholder(digits: str) -> bool:
    """Digits nobody was given: one digit repeated, or counting up or down (12345678, 87654321, 1234567890)."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    return len(steps) == 1 and steps <= {0, 1, 9}


def sponsor_number(number: str) -> str:
    """The sponsor's part of a number: `粤ICP备2021001858号-3A` → `粤ICP备2021001858号`; what is no number stays."""
    try:
        read = parse_number(number)
    except NumberNotRecognised:
        return number
    return read.base.normal if isinstance(read, ServiceNumber) else number

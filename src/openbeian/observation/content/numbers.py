"""The normal form of the four numbers a footer may show; the one place to swap for a shared number grammar.

Source: number formats as observed on public pages and in platform documentation; the provinces' abbreviations are
those of the filing system.
"""

from __future__ import annotations

import re
from enum import StrEnum
from itertools import pairwise

PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕甘陇青宁新"

_SUFFIX = r"(?:-([1-9]\d{0,5})([AXK])?)?"


class NumberKind(StrEnum):
    """What a number stands for; the values are the keys of the footer command's JSON."""

    ICP_FILING = "icp_filing"
    ICP_LICENCE = "icp_licence"
    TELECOM_LICENCE = "telecom_licence"
    PUBLIC_SECURITY = "public_security"


_GRAMMAR = {
    NumberKind.ICP_FILING: re.compile(rf"([{PROVINCES}])ICP备(\d{{8}}|\d{{10}})号{_SUFFIX}", re.A),
    NumberKind.ICP_LICENCE: re.compile(rf"([{PROVINCES}])ICP证(\d{{6,8}})号{_SUFFIX}", re.A),
    NumberKind.TELECOM_LICENCE: re.compile(
        rf"(合字|[{PROVINCES}])?(?:[AB][12])(?:\.[AB][12])*-((?:19|20)\d\d\d{{4}}){_SUFFIX}", re.A
    ),
    NumberKind.PUBLIC_SECURITY: re.compile(rf"([{PROVINCES}])公网安备(\d{{6}}02\d{{6}})号", re.A),
}
_SERVICE_SUFFIX = re.compile(r"-[1-9]\d*[AXK]?$", re.A)


def is_number(kind: NumberKind, text: str) -> bool:
    """Whether a text is a number of that kind in normal form, and not a placeholder."""
    found = _GRAMMAR[kind].fullmatch(text)
    return found is not None and not is_placeholder(found[2])


def is_placeholder(digits: str) -> bool:
    """Digits nobody was given: one digit repeated, or counting up or down (12345678, 87654321, 1234567890)."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    return len(steps) == 1 and steps <= {0, 1, 9}


def sponsor_number(number: str) -> str:
    """The sponsor's part of a number: `粤ICP备2021001858号-3A` → `粤ICP备2021001858号`.

    A telecom licence keeps its own hyphen: `粤B2-20090059-5` → `粤B2-20090059`.
    """
    if "号" in number or number.count("-") > 1:
        return _SERVICE_SUFFIX.sub("", number)
    return number

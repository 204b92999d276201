"""The area a licence is asked for, and the authority that follows from it. Pure.

Source: Telecom Regulations art. 9: one province its administration, two or more the ministry.
"""

from __future__ import annotations

import re

from openbeian.kernel.errors import Problem, ValueRefused
from openbeian.kernel.provinces import find_province
from openbeian.kernel.text import Text

NATIONWIDE = "nationwide"
MINISTRY = "miit"
_WORDS = frozenset({"全国", NATIONWIDE})
_BETWEEN = re.compile(r"[,，、;；\s]+")


def check_areas(text: str) -> tuple[str, ...]:
    """Abbreviations of provinces in the order written, or (NATIONWIDE,). Raises: ValueRefused."""
    found: dict[str, None] = {}
    for word in filter(None, _BETWEEN.split(text.strip()[:400])):
        if word in _WORDS:
            return (NATIONWIDE,)
        province = find_province(word)
        if province is None:
            message = Text("没有“{w}”这个省份。", "There is no province “{w}”.").format(w=word[:20])
            fix = Text("写省份名称或简称，如 京、沪；全国写“全国”。", "Write provinces, as 京、沪, or 全国.")
            raise ValueRefused(Problem(message, fix, "licence.areas"), text[:80])
        found[province.abbreviation] = None
    return tuple(found)


def choose_authority(areas: tuple[str, ...]) -> str:
    """The abbreviation of the one province, else MINISTRY; empty while no area is named."""
    if not areas:
        return ""
    return areas[0] if len(areas) == 1 and areas[0] != NATIONWIDE else MINISTRY


def write_areas(areas: list[str]) -> str:
    """As the form holds them."""
    return "、".join("全国" if a == NATIONWIDE else a for a in areas)

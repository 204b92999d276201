"""Names cut into single characters and pairs, so that any part of a Chinese name, from one character, finds it. Pure.

The grams of a name stand in the column `name_grams` of its record; what the database makes of that column is in
`name_index`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from operator import add

LONGEST_NAME = 200
_CHINESE = re.compile("[\u4e00-\u9fff]*")  # all letters, of one width and no case


def squeeze_name(name: str) -> str:
    """What of a name counts in a search: letters and digits of any script, in one width and one case."""
    if _CHINESE.fullmatch(name):
        return name[:LONGEST_NAME]
    folded = unicodedata.normalize("NFKC", name[:LONGEST_NAME]).casefold()
    # The zero character would end a query early in SQLite; it is no letter and falls away with the rest.
    return "".join(c for c in folded if c.isalnum())[:LONGEST_NAME]


def compute_grams(name: str) -> str:
    """“字节跳动” as `字 节 跳 动 字节 节跳 跳动`: single characters, then pairs, in the order of the name."""
    squeezed = squeeze_name(name)
    return " ".join([*squeezed, *_pairs(squeezed)])


def compute_phrase(part: str) -> str:
    """The run of grams that stands in the grams of exactly those names that hold this part; empty for no letters."""
    squeezed = squeeze_name(part)
    return squeezed if len(squeezed) < 2 else " ".join(_pairs(squeezed))


def _pairs(squeezed: str) -> Iterable[str]:
    return map(add, squeezed, squeezed[1:])

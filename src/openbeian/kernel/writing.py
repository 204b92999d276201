"""How people type and how text from outside is shown: folds forms and dashes, bounds lengths, makes hostile text inert."""

from __future__ import annotations

import re
import unicodedata

from openbeian.kernel.errors import Problem, ValueRefused
from openbeian.kernel.text import Text

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－─"), "-")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
# What folding leaves as it is: the printable characters of ASCII and the common Chinese ones.
_PLAIN = re.compile("[ -~\u4e00-\u9fff]*")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff〇\U00020000-\U0003ffff]")

_STEERING = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})

EXCERPT = 60
"""How many characters of a refused value a refusal repeats."""


def fold(text: str, *, limit: int = 200) -> str:
    """The text in compatibility form with plain dashes, invisible marks removed and outer blanks trimmed.

    Raises: ValueRefused when it is longer than `limit` characters or holds control characters.
    """
    if len(text) > limit:
        raise ValueRefused(
            Problem(
                Text("内容过长（{n} 个字符）。", "This is too long ({n} characters).").format(n=len(text)),
                Text("请缩短到 {limit} 个字符以内。", "Shorten it to {limit} characters.").format(limit=limit),
                "text.too_long",
            ),
            text[:EXCERPT],
        )
    if _PLAIN.fullmatch(text):
        return text.strip()
    # Invisible marks go first: without them, what stood on either side may combine.
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).translate(_DASHES).strip()
    if not folded.isprintable() and any(unicodedata.category(c) in {"Cc", "Cs"} and not c.isspace() for c in folded):
        raise ValueRefused(
            Problem(
                Text("内容含有不可见的控制字符。", "This holds invisible control characters."),
                Text("请删去后重新键入，不要直接粘贴。", "Type it again instead of pasting it."),
                "text.control_character",
            ),
            text[:EXCERPT],
        )
    return folded


def inert(text: str, *, keep: str = "") -> str:
    """The text with every character that steers instead of showing as `\\uXXXX`, for terminals, JSON and pages.

    That is escapes, direction marks, line separators, surrogates and private characters. `keep` names control
    characters that may stay, such as line breaks.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c in keep or unicodedata.category(c) not in _STEERING else f"\\u{ord(c):04x}" for c in text)


def squeeze(text: str, *, limit: int = 200) -> str:
    """`fold`, with every blank inside removed as well: for numbers people group by spaces."""
    folded = fold(text, limit=limit)
    pieces = folded.split()
    # A mark that stood after a blank may combine with what stood before it.
    return folded if len(pieces) == 1 else unicodedata.normalize("NFKC", "".join(pieces))


def count_han(text: str) -> int:
    """How many Chinese characters a text holds."""
    return len(_HAN.findall(text))

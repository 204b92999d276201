"""Pinyin initials, by which people search for Chinese names: 字节跳动 is zjtd."""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT
from pypinyin.seg.mmseg import p_set
from pypinyin.seg.simpleseg import seg

_LONGEST = 120
_CHINESE = re.compile("[\u4e00-\u9fff]+")


def compute_initials(name: str) -> str:
    """Lower-case initials of the Chinese characters; Latin letters and digits stay; the rest is left out."""
    cut = name[:_LONGEST]
    words = _cut_chinese(cut) if _CHINESE.fullmatch(cut) else seg(cut)
    return "".join(map(_read_word, words))[:_LONGEST]


def _cut_chinese(text: str) -> list[str]:
    """The words as pypinyin's `seg` cuts them, the longest first; that one takes four times as long."""
    words: list[str] = []
    start, end, prefixes = 0, len(text), _PREFIXES
    while start < end:
        # No phrase begins with most pairs; then the character is a word of its own, and asked for once.
        if text[start : start + 2] not in prefixes:
            words.append(text[start])
            start += 1
            continue
        stop, longest = start + 2, 0
        while stop <= end and (part := text[start:stop]) in prefixes:
            if part in PHRASES_DICT:
                longest = stop
            stop += 1
        if not longest and stop > end:
            words += text[start:]  # the rest begins a phrase that goes on elsewhere
            break
        longest = longest or start + 1
        words.append(text[start:longest])
        start = longest
    return words


# Asked for every character of every name: the set itself, not the object around it.
_PREFIXES: frozenset[str] = frozenset(p_set._set)


@lru_cache(20_000)
def _read_word(word: str) -> str:
    """A word as pypinyin cuts them, which decides how 重 is read; names are made of the same words again and again."""
    parts = lazy_pinyin([word], style=Style.FIRST_LETTER, errors=lambda run: run)
    return "".join(c for c in "".join(parts).lower() if c.isascii() and c.isalnum())

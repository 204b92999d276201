"""Pinyin initials, by which people search for Chinese names: 字节跳动 is zjtd."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.seg.simpleseg import seg

_LONGEST = 120


def compute_initials(name: str) -> str:
    """Lower-case initials of the Chinese characters; Latin letters and digits stay; the rest is left out."""
    return "".join(map(_read_word, seg(name[:_LONGEST])))[:_LONGEST]


@lru_cache(20_000)
def _read_word(word: str) -> str:
    """A word as pypinyin cuts them, which decides how 重 is read; names are made of the same words again and again."""
    parts = lazy_pinyin([word], style=Style.FIRST_LETTER, errors=lambda run: run)
    return "".join(c for c in "".join(parts).lower() if c.isascii() and c.isalnum())

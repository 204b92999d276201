"""Sentences in both languages for places that take a string: form labels, choices, error messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.utils.functional import lazystr
from django.utils.translation import get_language

from openbeian.kernel.text import Language, Text


def reader_language() -> Language:
    """The language of the request being answered."""
    return "en" if (get_language() or "").startswith("en") else "zh"


class _Said:
    def __init__(self, text: Text, places: dict[str, Callable[[], object]]) -> None:
        self._text, self._places = text, places

    def __str__(self) -> str:
        text = self._text(reader_language())
        return text.format(**{k: find() for k, find in self._places.items()}) if self._places else text


def both(zh: str, en: str, **places: Callable[[], object]) -> str:
    """A string that reads in the reader's language whenever it is shown; `places` are computed then."""
    return cast(str, lazystr(_Said(Text(zh, en), places)))


def said(text: Text) -> str:
    """The same for a text that already stands in both."""
    return both(text.zh, text.en)

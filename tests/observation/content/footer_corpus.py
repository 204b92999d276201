"""Reads the labelled footers, for the tests of precision and recall."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LabelledFooter:
    link: str
    numbers: frozenset[str]
    markup: str


def labelled_footers() -> list[LabelledFooter]:
    footers = []
    for line in Path(__file__).with_name("footers.txt").read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            link, numbers, markup = line.split(" | ", 2)
            footers.append(LabelledFooter(link, frozenset(numbers.split()) - {"-"}, markup))
    return footers

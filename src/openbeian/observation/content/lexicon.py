"""Loads the word lists of `rulebook/lexicons/` and answers which terms stand in a text, in one pass.

A lexicon is a YAML file: groups of terms with category, law, source and confidence, and phrases that allow a term.
A term is a string, or a mapping with `variants` (other spellings), `not_before` and `not_after` (neighbours that
make it harmless) and `needs` (words of which one must stand near).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import ahocorasick_rs
from opencc import OpenCC

from openbeian.kernel.text import Text
from openbeian.observation.content.errors import ContentRulebookInvalid
from openbeian.observation.content.rulebook import read_rules_file
from openbeian.rules.rulebook import rulebook_path

_KEYS = ("lexicon", "version", "observed_on", "groups", "allow")
_GROUP_KEYS = {"category", "law", "source", "confidence", "hint", "advice", "terms"}
_TERM_KEYS = {"term", "variants", "not_before", "not_after", "needs"}
# Letters, digits, % and the full stop: what terms are written with. Full-width commas stay, every text has them.
_WIDE = {ord(c) + 0xFEE0: c for c in map(chr, range(0x21, 0x7F)) if c.isalnum() or c in "%."}
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_HAS_WIDE = re.compile(f"[{''.join(map(chr, _WIDE))}]")


@dataclass(frozen=True, slots=True)
class Term:
    """One term with the ground on which it is looked for.

    `hint` marks a prohibited class: a person must look, the term alone proves nothing.
    """

    term: str
    category: str
    law: str
    source: str
    confidence: str
    hint: bool
    advice: Text
    lexicon: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """One place in a folded text: `term` is None where a phrase allows what it covers."""

    term: Term | None
    start: int
    end: int
    is_variant: bool


def fold_characters(text: str) -> str:
    """Full-width to half-width and upper to lower case, character for character, so that offsets stay."""
    if _HAS_WIDE.search(text):
        text = text.translate(_WIDE)
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


class Lexicon:
    """A compiled set of terms and allowed phrases."""

    def __init__(self, terms: Mapping[str, Term], allowed: Iterable[str], versions: Mapping[str, str]) -> None:
        """`terms` maps each spelling to its term; `allowed` are phrases that excuse a term they cover."""
        self.versions = dict(versions)
        self.terms = dict(terms)
        self.allowed = frozenset(allowed)
        patterns: dict[str, tuple[Term | None, bool]] = {}
        for spelling, term in self.terms.items():
            for written in _spellings(spelling):
                patterns[written] = (term, written != fold_characters(term.term))
        for phrase in self.allowed:
            for written in _spellings(phrase):
                patterns[written] = (None, False)
        self._meanings = list(patterns.values())
        # Two bytes a character: offsets need no mapping, and the automaton takes fewer steps than over UTF-8.
        self._automaton = ahocorasick_rs.BytesAhoCorasick(
            [written.encode("utf-16-le") for written in patterns],
            implementation=ahocorasick_rs.Implementation.ContiguousNFA,
        )
        self.longest = max(map(len, patterns), default=1)

    def matches(self, folded: str) -> list[Match]:
        """Every match, overlapping ones too, in a text that has passed `fold_characters`."""
        meanings = self._meanings
        encoded = folded.encode("utf-16-le", "surrogatepass")
        if len(encoded) != 2 * len(folded):
            encoded = _BEYOND.sub("\ufffd", folded).encode("utf-16-le", "surrogatepass")
        return [
            Match(meanings[pattern][0], start >> 1, end >> 1, meanings[pattern][1])
            for pattern, start, end in self._automaton.find_matches_as_indexes(encoded, overlapping=True)
            if not start & 1  # between two characters no word begins
        ]

    def allowing(self, phrases: Iterable[str]) -> Lexicon:
        """The same lexicon with an installation's own allowed phrases."""
        own = {p.strip() for p in phrases if p.strip()}
        return Lexicon(self.terms, self.allowed | own, self.versions) if own else self

    def __len__(self) -> int:
        return len(self.terms)


def _spellings(phrase: str) -> set[str]:
    simplified = fold_characters(phrase)
    return {simplified, _converter().convert(simplified)} - {""}


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("s2t")


@lru_cache(maxsize=4)
def load_lexicon(folder: Path | None = None) -> Lexicon:
    """All lexicons of a folder (default `rulebook/lexicons/`) as one.

    Raises: ContentRulebookInvalid naming the file and what is wrong with it.
    """
    terms: dict[str, Term] = {}
    allowed: set[str] = set()
    versions: dict[str, str] = {}
    for path in sorted((folder or rulebook_path() / "lexicons").glob("*.yaml")):
        content = read_rules_file(path, keys=_KEYS)
        versions[str(content["lexicon"])] = str(content["version"])
        allowed.update(map(str, content["allow"]))
        for group in content["groups"]:
            _require(path, set(group) == _GROUP_KEYS, set(group) ^ _GROUP_KEYS)
            for entry in group["terms"]:
                _add_term(path, terms, allowed, group=group, entry=entry, lexicon=str(content["lexicon"]))
    return Lexicon(terms, allowed, versions)


def _add_term(
    path: Path, terms: dict[str, Term], allowed: set[str], *, group: Mapping[str, Any], entry: object, lexicon: str
) -> None:
    detail: Mapping[str, Any] = entry if isinstance(entry, dict) else {"term": str(entry)}
    _require(path, "term" in detail and set(detail) <= _TERM_KEYS, set(detail) - _TERM_KEYS)
    word = str(detail["term"])
    term = Term(
        term=word,
        category=str(group["category"]),
        law=str(group["law"]),
        source=str(group["source"]),
        confidence=str(group["confidence"]),
        hint=bool(group["hint"]),
        advice=Text.read(group["advice"]),
        lexicon=lexicon,
        needs=tuple(fold_characters(str(n)) for n in detail.get("needs", ())),
    )
    for spelling in (word, *map(str, detail.get("variants", ()))):
        _require(path, spelling not in terms, spelling)
        terms[spelling] = term
        allowed.update(f"{spelling}{after}" for after in detail.get("not_before", ()))
        allowed.update(f"{before}{spelling}" for before in detail.get("not_after", ()))


def _require(path: Path, holds: bool, what: object) -> None:
    if not holds:
        raise ContentRulebookInvalid(name=path.name, reason=str(what))

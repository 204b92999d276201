"""Finds risky words in what a page says, each with its law and a context, and leaves the verdict to a person.

Offsets count characters of the visible text (`visible.visible_text`, white space collapsed, title first; for a text
without markup the text itself). A term also counts when written in traditional or full-width characters, split by
tags, or pulled apart by spaces or signs; it does not count where an allowed phrase covers it, or where a word it
needs nearby is absent.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from openbeian.observation.content.decoding import MAX_PAGE_BYTES, decode_page
from openbeian.observation.content.errors import ContentTooLarge
from openbeian.observation.content.lexicon import Lexicon, Match, Term, fold_characters
from openbeian.observation.content.visible import visible_text

MAX_HITS = 1000
"""After this many hits the audit stops and says so; nobody reads more, and a hostile page could hold millions."""

_CONTEXT_CHARACTERS = 15
_NEAR_CHARACTERS = 15
_WINDOW_CHARACTERS = 65_536
_STRONG = r"*_·•・|/\\+^#~=@.．\-—★☆●■◆▲♥❤※\u00ad\u034f\u200b-\u200f\u2060-\u2064\ufe0f\ufeff\U0001F300-\U0001FAFF"
_WEAK = " \u3000\u00a0\t"
_COMMA = ",，、"
_SEPARATORS = re.compile(f"[{_STRONG}{_WEAK}{_COMMA}]+")
_HAS_STRONG = re.compile(f"[{_STRONG}]")
_HAS_COMMA = re.compile(f"[{_COMMA}]")
_MAX_GAP = 3
_ANY = f"{_STRONG}{_WEAK}{_COMMA}"
# Where a disguise can be at all: at a sign, or before a character that stands alone between separators or line ends,
# one of them a separator. One pattern that begins with all of these: each pass over a page costs as much as the match.
_SUSPECT = re.compile(
    f"[{_ANY}\n](?:(?<=[{_STRONG}])|(?<=\n)(?=[^{_ANY}\n][{_ANY}])|(?<!\n)(?=[^{_ANY}\n](?:[{_ANY}\n]|\\Z)))"
)
_ALONE_FIRST = re.compile(f"[^{_ANY}\n](?=[{_ANY}])")
_ASCII_WORD = re.compile("[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Hit:
    """One risky word: `matched` is what stands in the text from `start` to `end`, `variant` how it was disguised."""

    term: Term
    matched: str
    context: str
    start: int
    end: int
    variant: str = ""

    def as_json(self) -> dict[str, object]:
        return {
            "term": self.term.term,
            "category": self.term.category,
            "law": self.term.law,
            "context": self.context,
            "start": self.start,
            "end": self.end,
            "matched": self.matched,
            "variant": self.variant,
            "hint": self.term.hint,
            "confidence": self.term.confidence,
            "advice": self.term.advice.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Audit:
    """The hits in order of place, the lexicon versions that made them, and whether the list was cut off."""

    hits: tuple[Hit, ...]
    lexicons: dict[str, str]
    truncated: bool = False
    certain: bool = True

    def as_json(self) -> dict[str, object]:
        return {
            "hits": [hit.as_json() for hit in self.hits],
            "lexicons": self.lexicons,
            "truncated": self.truncated,
            "certain": self.certain,
        }


def audit_page(page: bytes | str, lexicon: Lexicon, *, declared: str | None = None) -> Audit:
    """Audits a page or plain text.

    Raises: ContentTooLarge above MAX_PAGE_BYTES bytes (or characters).
    """
    if len(page) > MAX_PAGE_BYTES:
        raise ContentTooLarge(limit=MAX_PAGE_BYTES)
    if isinstance(page, str):
        return audit_text(visible_text(page), lexicon)
    decoded = decode_page(page, declared=declared)
    audit = audit_text(visible_text(decoded.text), lexicon)
    return Audit(audit.hits, audit.lexicons, audit.truncated, decoded.certain)


def audit_text(text: str, lexicon: Lexicon) -> Audit:
    """Audits visible text; offsets in the result refer to it."""
    folded = fold_characters(text)
    hits: list[Hit] = []
    taken = 0
    for start in range(0, len(text) or 1, _WINDOW_CHARACTERS):
        # Windows overlap by the longest spread-out term, so that no term is cut in two.
        window = (max(0, start - lexicon.longest * (_MAX_GAP + 1)), start + _WINDOW_CHARACTERS)
        for found in _places(folded, window, lexicon):
            if found.start >= taken and found.term and (hit := _hit(text, folded, found)):
                hits.append(hit)
                taken = found.end
                if len(hits) == MAX_HITS:
                    return Audit(tuple(hits), lexicon.versions, truncated=True)
    return Audit(tuple(hits), lexicon.versions)


def _places(folded: str, window: tuple[int, int], lexicon: Lexicon) -> list[Match]:
    """Terms in a window that no allowed phrase covers: leftmost first, the longest of those that start together."""
    part = folded[slice(*window)]
    found = [Match(m.term, m.start + window[0], m.end + window[0], m.is_variant) for m in lexicon.matches(part)]
    for start, end in _suspect_stretches(part, lexicon.longest * (_MAX_GAP + 1)):
        found += _spread_out(part[start:end], window[0] + start, lexicon)
    reach = _Reach([(m.start, m.end) for m in found if m.term is None])
    open_places = [m for m in found if m.term and not reach.covers(m.start, m.end) and _stands_alone(folded, m)]
    return sorted(open_places, key=lambda m: (m.start, -m.end))


class _Reach:
    """Which stretches the allowed phrases cover; answers in logarithmic time."""

    def __init__(self, intervals: list[tuple[int, int]]) -> None:
        intervals.sort()
        self._starts = [start for start, _ in intervals]
        self._furthest: list[int] = []
        for _, end in intervals:
            self._furthest.append(max(end, self._furthest[-1] if self._furthest else 0))

    def covers(self, start: int, end: int) -> bool:
        place = bisect_right(self._starts, start)
        return place > 0 and self._furthest[place - 1] >= end


def _suspect_stretches(part: str, reach: int) -> list[tuple[int, int]]:
    """The stretches of a text in which a term could be pulled apart, `reach` characters around each suspect place."""
    suspects = [m.start() for m in _SUSPECT.finditer(part)]
    if _ALONE_FIRST.match(part):
        suspects.insert(0, 0)
    stretches: list[tuple[int, int]] = []
    for place in suspects:
        start, end = max(0, place - reach), place + reach
        if stretches and start <= stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], end)
        else:
            stretches.append((start, end))
    return stretches


def _spread_out(part: str, offset: int, lexicon: Lexicon) -> Iterator[Match]:
    """Matches in the text without separators, at their places in the text with them."""
    gaps = [g for g in _SEPARATORS.finditer(part) if g.end() - g.start() <= _MAX_GAP]
    if not gaps:
        return
    pieces, positions, removed, last = [], [], [], 0
    shift = 0
    for gap in gaps:
        pieces.append(part[last : gap.start()])
        positions.append(gap.start() - shift)  # where the gap would stand in the squeezed text
        shift += gap.end() - gap.start()
        removed.append(shift)
        last = gap.end()
    pieces.append(part[last:])
    for m in lexicon.matches("".join(pieces)):
        first, after = bisect_right(positions, m.start), bisect_right(positions, m.end - 1)
        if first == after:
            continue  # nothing was removed within it: the first pass has it
        inner = gaps[first:after]
        start = m.start + (removed[first - 1] if first else 0)
        end = m.end + removed[after - 1]
        if m.term is None or _is_disguise(part, start, end, [g[0] for g in inner], m.end - m.start):
            yield Match(m.term, start + offset, end + offset, True)


def _is_disguise(part: str, start: int, end: int, gaps: list[str], length: int) -> bool:
    """Whether the signs within a term look like a disguise and not like the end of one phrase and the next."""
    if any(_HAS_COMMA.search(gap) for gap in gaps):
        return length >= 3 and len(gaps) == length - 1
    if any(_HAS_STRONG.search(gap) for gap in gaps):
        return True
    # A lone space inside running text often separates two phrases; then both ends run on into other words.
    runs_on_before = start > 0 and not _SEPARATORS.match(part[start - 1]) and part[start - 1] != "\n"
    runs_on_after = end < len(part) and not _SEPARATORS.match(part[end]) and part[end] != "\n"
    first_piece_alone = not runs_on_before and len(part[start:end].split(maxsplit=1)[0]) == 1
    last_piece_alone = not runs_on_after and len(part[start:end].rsplit(maxsplit=1)[-1]) == 1
    return len(gaps) == length - 1 > 1 or first_piece_alone or last_piece_alone


def _stands_alone(folded: str, match: Match) -> bool:
    """A term that begins or ends with a Latin letter or digit must not be part of a longer word."""
    before, after = folded[match.start - 1 : match.start], folded[match.end : match.end + 1]
    if _ASCII_WORD.match(folded[match.start]) and _ASCII_WORD.match(before):
        return False
    return not (_ASCII_WORD.match(folded[match.end - 1]) and _ASCII_WORD.match(after))


def _hit(text: str, folded: str, match: Match) -> Hit | None:
    term = match.term
    if term is None:
        return None
    near = folded[max(0, match.start - _NEAR_CHARACTERS) : match.end + _NEAR_CHARACTERS]
    if term.needs and not any(word in near for word in term.needs):
        return None
    matched = text[match.start : match.end]
    context = text[max(0, match.start - _CONTEXT_CHARACTERS) : match.end + _CONTEXT_CHARACTERS].replace("\n", " ")
    return Hit(term, matched, context, match.start, match.end, _variant(matched, match))


def _variant(matched: str, match: Match) -> str:
    """How a term was disguised: `spread`, `width`, `other_spelling` (traditional, pinyin, listed), or not at all."""
    if match.term is None or matched == match.term.term:
        return ""
    if match.is_variant and _SEPARATORS.search(matched) and not _SEPARATORS.search(match.term.term):
        return "spread"
    return "width" if fold_characters(matched) == fold_characters(match.term.term) else "other_spelling"

"""A saved page becomes the text a visitor reads, with the links that cover it; the first step of footer and audit.

The text's rules, since offsets in findings refer to it: comments, scripts, styles, templates, `noscript` and hidden
elements are gone, but what a script writes stands where the script stood; inline tags vanish without a trace;
a block tag or `<br>` is one line break; other white space is one space; entities are decoded; titles are the first
lines. Text without any markup is kept as it is.

The page is cut at every `<` and walked once. Only what cannot be told from one piece (an odd number of quotes, a tag
without end) is looked at by a regular expression, with possessive repetition, so time grows with the size of the page
and never with its depth or its malice.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import accumulate
from operator import length_hint

from openbeian.observation.content.elements import (
    ATTRIBUTES,
    BREAK,
    CLICKED,
    COMMENT,
    COMMON_KINDS,
    HIDDEN,
    LINK,
    LINK_END,
    LITERAL,
    ODD,
    RAW,
    RAW_ENDS,
    TITLE,
    attributes,
    element_end,
    is_closed,
    kind_of,
    name_of,
    target_of,
)
from openbeian.observation.content.written import written_by_script

_MARKUP = re.compile(r"<[a-zA-Z!/?]|&(?:#[xX]?[0-9a-fA-F]{1,7}|[a-zA-Z][a-zA-Z0-9]{1,20});")
_TAG = re.compile(rf"</?+[a-zA-Z!?/][^\s/>]*+{ATTRIBUTES}>?")
_UNSEEN = re.compile(
    r"<!--(?:>|.*?(?:-->|\Z))"
    rf"|<(script|style|noscript|template|iframe|wxs)\b{ATTRIBUTES}(?:/>|>|\Z)"
    r"([^<]*+(?:<(?!/\1\b)[^<]*+)*+)(?:</\1\b[^>]*+>?|\Z)",
    re.I | re.S,
)
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)

# Marks of where a link begins and ends travel through the text as private characters, one per link.
_OPENS, _CLOSES = 0xF0000, 0x100000
_MAX_LINKS, _MAX_CLICKED = 60_000, 200
_MARK = re.compile("[\U000f0000-\U0010ffff]")
_AROUND_CHARACTERS = 400

_SCREEN_SIGNS = ("<hierarchy", "<XCUIElementType", "android:text=")
_SCREEN_TEXT = re.compile(r"""\s(?:android:)?(?:text|content-desc|label|value)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""")


@dataclass(frozen=True, slots=True)
class Link:
    """A stretch of the text that leads somewhere; `tag` is its opening tag without brackets."""

    start: int
    end: int
    tag: str

    @property
    def target(self) -> str:
        """The address as written, entities decoded; empty when there is none."""
        return target_of(self.tag)

    @property
    def action(self) -> str:
        """What a click runs, for pages that open the address from a script."""
        found = attributes(self.tag)
        return found.get("onclick") or found.get("@click") or ""


@dataclass(frozen=True, slots=True)
class LinkedText:
    """A stretch of a page's text, with the links over it in order of their start."""

    text: str
    links: tuple[Link, ...] = ()


@dataclass
class VisibleText:
    """What a visitor reads: `text` without the titles, `titles` apart.

    `is_screen` tells a dump of an app's screen (uiautomator, XCUITest, Android layout), which records no links.
    """

    text: str
    titles: tuple[str, ...] = ()
    is_screen: bool = False
    _pieces: list[str] = field(default_factory=list, repr=False)
    # Links: the pieces from the first (included) to the last (excluded), and the tag.
    _spans: list[tuple[int, int, str]] = field(default_factory=list, repr=False)
    _plain: str | None = field(default=None, repr=False)

    @property
    def whole(self) -> str:
        """The text with the titles as first lines: what offsets in findings refer to."""
        return "\n".join([*self.titles, self.text]) if self.titles else self.text

    def plain(self) -> str:
        """The text without soft hyphens, zero-width and direction characters, which would hide a number."""
        if self._plain is None:
            self._plain = without_invisible(self.text)
        return self._plain

    def linked_around(self, words: Collection[str]) -> LinkedText:
        """The part of `plain` around all places of these words, with its links; all of it if one is not found."""
        if not self._pieces:
            return LinkedText(self.plain())
        first, last = self._places(words)
        spans = [span for span in self._spans if span[0] <= last and span[1] >= first][:_MAX_LINKS]
        edges = [(max(first, span[0]), 2 * link, chr(_OPENS + link)) for link, span in enumerate(spans)]
        edges += [(min(last, span[1]), 2 * link + 1, chr(_CLOSES + link)) for link, span in enumerate(spans)]
        marked: list[str] = []
        position = first
        for place, _, mark in sorted(edges):
            marked += self._pieces[position:place]
            marked.append(mark)
            position = place
        marked += self._pieces[position:last]
        return _collect_marks(without_invisible(_flatten("".join(marked))), [tag for _, _, tag in spans])

    def _places(self, words: Collection[str]) -> tuple[int, int]:
        """The pieces from the first to the last that hold one of the words, with their surroundings."""
        raw = "".join(self._pieces)
        found = [place for word in words for place in (raw.find(word), raw.rfind(word))]
        if not found or min(found) < 0:
            return 0, len(self._pieces)
        ends = list(accumulate(map(len, self._pieces)))
        longest = max(map(len, words))
        first = bisect_right(ends, max(0, min(found) - _AROUND_CHARACTERS))
        return first, min(len(ends), bisect_right(ends, max(found) + longest + _AROUND_CHARACTERS) + 1)


def without_invisible(text: str) -> str:
    """Text without soft hyphens, zero-width and direction characters."""
    return _INVISIBLE.sub("", text) if not text.isascii() and _INVISIBLE.search(text) else text


def visible_text(page: str, *, title: bool = True) -> str:
    """The text a visitor reads; see the module for its rules."""
    seen = read_visible(page)
    return seen.whole if title else seen.text


def read_visible(page: str) -> VisibleText:
    """Walks a page once; see the module for the rules of its text."""
    if not _MARKUP.search(page):
        return VisibleText(page)
    if any(sign in page for sign in _SCREEN_SIGNS):
        return VisibleText(_screen_text(page), is_screen=True)
    if len(page.encode("utf-16-le", "surrogatepass")) != 2 * len(page):
        page = _MARK.sub("", page)
    page = page.replace("\0", "")
    walk = _Walk(page)
    if not walk.run():
        walk = _Walk(_UNSEEN.sub(_written_instead, page), follows_scripts=False)
        walk.run()
    titles = tuple(line for title in walk.titles if (line := _flatten(title)))
    return VisibleText(_flatten("".join(walk.pieces)), titles, _pieces=walk.pieces, _spans=walk.spans)


def _written_instead(unseen: re.Match[str]) -> str:
    if (unseen[1] or "").lower() != "script":
        return ""
    return written_by_script(unseen[2])


def _screen_text(page: str) -> str:
    texts = (html.unescape(m[1] or m[2] or "").strip() for m in _SCREEN_TEXT.finditer(page))
    return "\n".join(dict.fromkeys(t for t in texts if t))


class _Walk:
    """One pass over a page: the pieces of its text, line breaks as NUL, and where links begin and end."""

    def __init__(self, markup: str, *, follows_scripts: bool = True) -> None:
        self._markup = markup
        self._follows_scripts = follows_scripts
        self._is_written = False
        self.pieces: list[str] = []
        self.titles: list[str] = []
        self.spans: list[tuple[int, int, str]] = []
        self._link, self._link_from = "", 0
        self._clicked = 0
        # Clicked elements end at an offset of their own: (offset, first piece, tag), the nearest last.
        self._ends: list[tuple[int, int, str]] = []

    def run(self) -> bool:
        """False as soon as a script writes into the page: what it writes must then be put in its place first."""
        cut = self._markup.split("<")
        waiting = iter(cut)
        pieces, add = self.pieces, self.pieces.append
        ends = self._ends
        add(next(waiting))
        kinds = dict(COMMON_KINDS)
        find_kind, spans = kinds.get, self.spans
        counted, position = 1, len(cut[0])  # the offset of the piece with that index, kept only where it is needed
        # Everything up to `continue` is done for every tag of every page: without a call that can be spared.
        for piece in waiting:
            tag, bracket, text = piece.partition(">")
            kind = find_kind(tag, -1)
            if kind < 0:
                kind = kinds[tag] = kind_of(tag)
            if kind <= LINK_END and bracket and not ends:
                if kind == BREAK:
                    add("\0")
                elif kind:
                    if self._link:
                        spans.append((self._link_from, len(pieces), self._link))
                    self._link = ""
                    if kind == LINK:
                        self._link, self._link_from = tag, len(pieces)
                if text:
                    add(text)
                continue
            here = len(cut) - length_hint(waiting) - 1
            position += sum(map(len, cut[counted:here])) + here - counted
            counted = here
            resume = self._turn(kind, tag, position, position + len(tag) + 2 if bracket else 0)
            if self._is_written:
                return False
            end = position + len(piece) + 1
            while end < resume and (skipped := next(waiting, None)) is not None:
                end += len(skipped) + 1
            if resume < end:
                add(self._markup[resume:end])
        self._close_clicked(len(self._markup))
        self._close_link()
        return True

    def _turn(self, kind: int, tag: str, start: int, end: int) -> int:
        """Handles a piece that needs more than a glance; returns where reading goes on."""
        if kind == LITERAL:
            self.pieces.append("<")
            return start + 1
        if kind == COMMENT:
            return self._comment_end(start)
        if kind == ODD or not end:
            whole = _TAG.match(self._markup, start)
            end = whole.end() if whole else start + 1
            tag = self._markup[start + 1 : end].removesuffix(">")
            kind = kind_of(tag, whole=True)
        self._close_clicked(end)
        if kind == RAW:
            return end if is_closed(tag) else self._raw_end(name_of(tag), end)
        if kind == HIDDEN:
            return element_end(self._markup, name_of(tag), end)
        if kind == TITLE:
            close = self._markup.find("<", end)
            close = close if close >= 0 else len(self._markup)
            self.titles.append(self._markup[end:close])
            self.pieces.append("\0")
            return close
        if kind in {LINK, LINK_END}:
            self._close_link()
            if kind == LINK:
                self._link, self._link_from = tag, len(self.pieces)
        else:
            if kind == CLICKED:
                self._open_clicked(tag, end)
                kind = kind_of(name_of(tag))
            if kind == BREAK:
                self.pieces.append("\0")
        return end

    def _raw_end(self, name: str, end: int) -> int:
        found = RAW_ENDS[name].search(self._markup, end)
        close, after = found.span() if found else (len(self._markup), len(self._markup))
        if name == "script" and self._follows_scripts and written_by_script(self._markup[end:close]):
            self._is_written = True
        return after

    def _comment_end(self, start: int) -> int:
        if self._markup.startswith("<!-->", start):
            return start + 5
        close = self._markup.find("-->", start + 4)
        return close + 3 if close >= 0 else len(self._markup)

    def _close_link(self) -> None:
        if self._link:
            self.spans.append((self._link_from, len(self.pieces), self._link))
            self._link = ""

    def _open_clicked(self, tag: str, end: int) -> None:
        # Each of these looks ahead for its own end, so their number is kept small.
        self._clicked += 1
        if self._clicked <= _MAX_CLICKED and not is_closed(tag):
            self._ends.append((element_end(self._markup, name_of(tag), end), len(self.pieces), tag))
            self._ends.sort(reverse=True)

    def _close_clicked(self, position: int) -> None:
        while self._ends and self._ends[-1][0] <= position:
            _, opened, tag = self._ends.pop()
            self.spans.append((opened, len(self.pieces), tag))


def _flatten(text: str) -> str:
    """Decodes entities and collapses white space; NUL is a line break."""
    if "&" in text:
        text = html.unescape(text)
    return "\n".join([line for line in [" ".join(line.split()) for line in text.split("\0")] if line])


def _collect_marks(marked: str, tags: list[str]) -> LinkedText:
    pieces: list[str] = []
    starts: dict[int, int] = {}
    links: list[Link] = []
    length = position = 0
    for mark in _MARK.finditer(marked):
        pieces.append(marked[position : mark.start()])
        length += mark.start() - position
        position = mark.end()
        code = ord(mark[0])
        if code < _CLOSES:
            starts[code - _OPENS] = length
        elif (number := code - _CLOSES) in starts and number < len(tags):
            links.append(Link(starts.pop(number), length, tags[number]))
    pieces.append(marked[position:])
    links += [Link(start, length, tags[number]) for number, start in starts.items() if number < len(tags)]
    links.sort(key=lambda link: (link.start, -link.end))
    return LinkedText("".join(pieces), tuple(links))

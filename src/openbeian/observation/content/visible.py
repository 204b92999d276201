"""A saved page becomes the text a visitor reads, with the links that cover it; the first step of footer and audit.

The text's rules, since offsets in findings refer to it: comments, scripts, styles, templates, `noscript` and hidden
elements are gone, but what a script writes stands where the script stood; inline tags vanish without a trace;
a block tag or `<br>` is one line break; other white space is one space; entities are decoded; the title is the
first line. Text without any markup is kept as it is. Everything is regular expressions with possessive repetition,
so time grows with the size of the page and never with its depth or its malice.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from openbeian.observation.content.written import written_by_script

# A quote opens a value only after "="; elsewhere it is a stray character, as browsers have it.
_ATTRIBUTES = r"""[^>=]*+(?:=\s*+(?:"[^"]*+"|'[^']*+')?+[^>=]*+)*+"""
_MARKUP = re.compile(r"<[a-zA-Z!/?]|&(?:#[xX]?[0-9a-fA-F]{1,7}|[a-zA-Z][a-zA-Z0-9]{1,20});")
_UNSEEN = re.compile(
    r"<!--(?:>|.*?(?:-->|\Z))"
    rf"|<(script|style|noscript|template|iframe|wxs)\b{_ATTRIBUTES}(?:/>|>|\Z)"
    r"([^<]*+(?:<(?!/\1\b)[^<]*+)*+)(?:</\1\b[^>]*+>?|\Z)",
    re.I | re.S,
)
_TITLE = re.compile(r"<title\b[^>]*+>[^<]*+(?:</title\s*+>)?", re.I)
_BREAKING = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "button",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "marquee",
        "menu",
        "nav",
        "ol",
        "optgroup",
        "option",
        "p",
        "pre",
        "section",
        "select",
        "summary",
        "table",
        "tbody",
        "td",
        "textarea",
        "tfoot",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
        "view",
        "scroll-view",
        "swiper",
        "swiper-item",
        "block",
        "cover-view",
    ]
)
_TAG = re.compile(rf"</?+([a-zA-Z!?/][^\s/>]*+){_ATTRIBUTES}>?")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?""")
_MAYBE_HIDDEN = re.compile(
    r"<([a-zA-Z][-\w:]*+)(?=\s)[^<>]*?(?:\shidden|display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden)[^<>]*+>",
    re.I,
)
_HIDING_STYLE = re.compile(r"display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden", re.I)
_ANCHOR = re.compile(rf"<(a|navigator)(?=\s){_ATTRIBUTES}>?", re.I)
_CLICKED = re.compile(
    r"<([a-zA-Z][-\w:]*+)(?=\s)[^<>]{0,2000}?\s(?:onclick|@click|data-url|data-href|data-link)\s{0,4}=[^<>]*+>", re.I
)
_TARGETS = ("href", "url", "data-url", "data-href", "data-link", "xlink:href")
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_CLOSED_BY_NEXT = frozenset(["a", "p", "li", "dd", "dt", "td", "th", "tr", "option"])

# Marks of where a link begins and ends travel through the text as private characters, one per link.
_OPENS, _CLOSES = 0xF0000, 0x100000
_MAX_ANCHORS, _MAX_CLICKED = 60_000, 200
_MARK = re.compile("[\U000f0000-\U0010ffff]")

_SCREEN_SIGNS = ("<hierarchy", "<XCUIElementType", "android:text=")
_SCREEN_TEXT = re.compile(r"""\s(?:android:)?(?:text|content-desc|label|value)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""")


@dataclass(frozen=True, slots=True)
class Link:
    """A stretch of the visible text that leads somewhere, with the opening tag that says where."""

    start: int
    end: int
    tag: str

    @property
    def target(self) -> str:
        """The address as written, entities decoded; empty when there is none."""
        found = attributes(self.tag)
        return next((found[name] for name in _TARGETS if found.get(name)), "").strip()

    @property
    def action(self) -> str:
        """What a click runs, for pages that open the address from a script."""
        found = attributes(self.tag)
        return found.get("onclick") or found.get("@click") or ""


@dataclass(frozen=True, slots=True)
class VisibleText:
    """What a visitor reads, and the links over it in order of their start.

    `is_screen` tells a dump of an app's screen (uiautomator, XCUITest, Android layout), which records no links.
    """

    text: str
    links: tuple[Link, ...] = ()
    is_screen: bool = False


def visible_text(page: str, *, title: bool = True) -> str:
    """The text a visitor reads; see the module for its rules."""
    if not _MARKUP.search(page):
        return page
    if _is_screen(page):
        return _screen_text(page)
    return _flatten(_seen(page, title=title))


def visible_text_with_links(page: str) -> VisibleText:
    """As `visible_text` without the title, and with the links."""
    if not _MARKUP.search(page):
        return VisibleText(page)
    if _is_screen(page):
        return VisibleText(_screen_text(page), is_screen=True)
    marked, tags = _mark_links(_seen(_MARK.sub("", page), title=False))
    return _collect_marks(_flatten(marked), tags)


def _is_screen(page: str) -> bool:
    return any(sign in page for sign in _SCREEN_SIGNS)


def _seen(page: str, *, title: bool) -> str:
    """The markup of what is shown: unseen parts out, what scripts write in."""
    shown = _UNSEEN.sub(_written_instead, page)
    if not title:
        shown = _TITLE.sub("", shown)
    return _without_hidden(shown)


def _written_instead(unseen: re.Match[str]) -> str:
    if (unseen[1] or "").lower() != "script":
        return ""
    return written_by_script(unseen[2])


def _flatten(markup: str) -> str:
    """Markup of shown elements to text: tags out, entities decoded, white space collapsed."""
    text = _TAG.sub(_break_or_nothing, markup.replace("\0", ""))
    if "&" in text:
        text = html.unescape(text)
    lines = (" ".join(line.split()) for line in text.split("\0"))
    return "\n".join(line for line in lines if line)


def _break_or_nothing(tag: re.Match[str]) -> str:
    name = tag[1]
    return "\0" if name in _BREAKING or name.lower() in _BREAKING else ""


def _screen_text(page: str) -> str:
    texts = (html.unescape(m[1] or m[2] or "").strip() for m in _SCREEN_TEXT.finditer(page))
    return "\n".join(dict.fromkeys(t for t in texts if t))


def attributes(tag: str) -> dict[str, str]:
    """The attributes of one opening tag: names in lower case, entities decoded, the first of a name wins."""
    found: dict[str, str] = {}
    inside = tag[1:].partition(" ")[2] if " " in tag else re.sub(r"^<[^\s>]*", "", tag)
    for m in _ATTRIBUTE.finditer(inside):
        found.setdefault(m[1].lower(), html.unescape(m[2] or m[3] or m[4] or ""))
    return found


def _without_hidden(markup: str) -> str:
    folded = markup.lower()
    if "hidden" not in folded and "none" not in folded:
        return markup
    kept, position = [], 0
    for maybe in _MAYBE_HIDDEN.finditer(markup):
        if maybe.start() < position or maybe[1].lower() in _VOID or not _is_hidden(maybe[0]):
            continue
        kept.append(markup[position : maybe.start()])
        position = _element_end(markup, maybe[1], maybe.end())
    kept.append(markup[position:])
    return "".join(kept)


def _is_hidden(tag: str) -> bool:
    found = attributes(tag)
    if "hidden" in found and not found["hidden"].startswith("{{") and found["hidden"].lower() != "false":
        return True
    return bool(_HIDING_STYLE.search(found.get("style", "")))


def _element_end(markup: str, name: str, position: int) -> int:
    """Where the element opened before `position` ends; the end of the page if it is never closed."""
    depth = 1
    for tag in re.compile(rf"<(/?){re.escape(name)}(?=[\s/>]){_ATTRIBUTES}>?", re.I).finditer(markup, position):
        if tag[1]:
            depth -= 1
        elif name.lower() in _CLOSED_BY_NEXT:
            return tag.start()
        elif not tag[0].endswith("/>"):
            depth += 1
        if not depth:
            return tag.end()
    return len(markup)


def _mark_links(markup: str) -> tuple[str, list[str]]:
    """Puts a private character at each end of each link; returns their opening tags by number."""
    marks: list[tuple[int, str]] = []
    tags: list[str] = []
    for opening, end in _link_elements(markup):
        marks += [(opening.end(), chr(_OPENS + len(tags))), (end, chr(_CLOSES + len(tags)))]
        tags.append(opening[0])
    marks.sort(key=lambda mark: mark[0])
    pieces, position = [], 0
    for at, mark in marks:
        pieces += [markup[position:at], mark]
        position = at
    return "".join([*pieces, markup[position:]]), tags


def _link_elements(markup: str) -> Iterator[tuple[re.Match[str], int]]:
    """Each element that leads somewhere, with the offset where its content ends."""
    edges = re.finditer(r"</?(?:a|navigator)(?=[\s/>])", markup, re.I)
    edge = 0
    for opening in islice(_ANCHOR.finditer(markup), _MAX_ANCHORS):
        while edge < opening.end():  # neither nests: the next edge of either ends it
            edge = next((e.start() for e in edges), len(markup))
        if not opening[0].endswith("/>"):
            yield opening, edge
    # Each of these looks ahead for its own end, so their number is kept small.
    for opening in islice(_CLICKED.finditer(markup), _MAX_CLICKED):
        if opening[1].lower() not in _VOID and opening[1].lower() not in {"a", "navigator"}:
            yield opening, _element_end(markup, opening[1], opening.end())


def _collect_marks(marked: str, tags: list[str]) -> VisibleText:
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
        elif (number := code - _CLOSES) in starts:
            links.append(Link(starts.pop(number), length, tags[number]))
    pieces.append(marked[position:])
    links.sort(key=lambda link: (link.start, -link.end))
    return VisibleText("".join(pieces), tuple(links))

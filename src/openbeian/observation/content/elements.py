"""What one tag means for the text of its page: nothing, a line break, a link, something unseen."""

from __future__ import annotations

import html
import re

# A quote opens a value only after "="; elsewhere it is a stray character, as browsers have it.
ATTRIBUTES = r"""[^>=]*+(?:=\s*+(?:"[^"]*+"|'[^']*+')?+[^>=]*+)*+"""
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
_NAME = re.compile(r"/?+([a-zA-Z!?/][^\s/>]*+)")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?""")
_HIDING_STYLE = re.compile(r"display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden", re.I)
_PLAIN_LINK = re.compile(r"""a(?: (?:href|class|target|rel|title|id)="[^"]*+")++\s?""")
_CLICKED = re.compile(r"\s(?:onclick|@click|data-url|data-href|data-link)\s{0,4}=", re.I)
_BARE_VALUE = re.compile(r"""=\s{0,4}[^\s"'=]{1,2000}/\Z""")
_TARGETS = ("href", "url", "data-url", "data-href", "data-link", "xlink:href")
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_CLOSED_BY_NEXT = frozenset(["a", "p", "li", "dd", "dt", "td", "th", "tr", "option"])
_LINKS = frozenset(["a", "navigator"])
_RAW = ("script", "style", "noscript", "template", "iframe", "wxs")
# What stands in comments and scripts closes nothing.
_SKIPPED = r"<!--.*?(?:-->|\Z)|<(?P<raw>script|style|template|noscript|iframe)\b[^>]*+>.*?(?:</(?P=raw)\b|\Z)"
RAW_ENDS = {name: re.compile(rf"</{name}\b[^>]*+>?", re.I) for name in _RAW}


# What a tag does to the text; those above `BREAK` need more than a glance. Plain numbers: they are compared for every
# tag of every page, and members of an enumeration take three times as long.
INLINE, BREAK, LINK, LINK_END, LITERAL, ODD, COMMENT, RAW, TITLE, HIDDEN, CLICKED = range(11)


def kind_of(tag: str, *, whole: bool = False) -> int:
    """The kind of a tag, given without its brackets; `whole` says that its quotes are known to be in order."""
    if tag.startswith("a ") and _PLAIN_LINK.fullmatch(tag):  # by far the most frequent of those that differ
        return LINK
    found = _NAME.match(tag)
    if found is None:
        return LITERAL
    if tag.startswith("!--"):
        return COMMENT
    if not whole and "=" in tag and (tag.count('"') & 1 or tag.count("'") & 1):
        return ODD
    name = found[1].lower()
    if tag.startswith("/"):
        if name in _LINKS:
            return LINK_END
        return BREAK if name in _BREAKING else INLINE
    if name in RAW_ENDS:
        return RAW
    if name == "title":
        return TITLE
    has_attributes = len(tag) > found.end()
    if has_attributes and name not in _VOID:
        if is_hidden(tag):
            return HIDDEN
        if name in _LINKS:
            # Without attributes it leads nowhere, but it still ends the link before it.
            return LINK_END if is_closed(tag) or not tag[found.end()].isspace() else LINK
        if _CLICKED.search(tag):
            return CLICKED
    if name in _LINKS:
        return LINK_END
    return BREAK if name in _BREAKING else INLINE


COMMON_KINDS: dict[str, int] = {
    **{f"{slash}{name}": BREAK for name in _BREAKING - {"title"} for slash in ("", "/")},
    **{f"{slash}{name}": INLINE for name in ("span", "b", "i", "em", "strong", "font", "label") for slash in ("", "/")},
    "/title": BREAK,
    "/a": LINK_END,
}


def name_of(tag: str) -> str:
    """A tag's name in lower case, without the slash of a closing one."""
    found = _NAME.match(tag)
    return found[1].lower() if found else ""


def is_closed(tag: str) -> bool:
    """Whether a tag closes itself; a slash at the end of a bare address (`href=https://a.cn/`) does not."""
    return tag.endswith("/") and not _BARE_VALUE.search(tag)


def is_hidden(tag: str) -> bool:
    """Whether an opening tag hides its element by itself; style sheets are not read."""
    folded = tag.lower()
    if "hidden" not in folded and "none" not in folded:
        return False
    found = attributes(tag)
    if "hidden" in found and not found["hidden"].startswith("{{") and found["hidden"].lower() != "false":
        return True
    return bool(_HIDING_STYLE.search(found.get("style", "")))


def attributes(tag: str) -> dict[str, str]:
    """The attributes of one opening tag: names in lower case, entities decoded, the first of a name wins."""
    found: dict[str, str] = {}
    name = _NAME.match(tag)
    for m in _ATTRIBUTE.finditer(tag, name.end() if name else 0):
        found.setdefault(m[1].lower(), html.unescape(m[2] or m[3] or m[4] or ""))
    return found


def target_of(tag: str) -> str:
    """The address an opening tag leads to, as written, entities decoded; empty when there is none."""
    found = attributes(tag)
    return next((found[name] for name in _TARGETS if found.get(name)), "").strip()


def element_end(markup: str, name: str, position: int) -> int:
    """Where the element opened before `position` ends; the end of the page if it is never closed."""
    depth = 1
    wanted = rf"<(?P<slash>/?){re.escape(name)}(?=[\s/>]){ATTRIBUTES}>?"
    for tag in re.compile(f"{_SKIPPED}|{wanted}", re.I | re.S).finditer(markup, position):
        if tag["slash"] is None:
            continue
        if tag["slash"]:
            depth -= 1
        elif name in _CLOSED_BY_NEXT:
            return tag.start()
        elif not tag[0].endswith("/>"):
            depth += 1
        if not depth:
            return tag.end()
    return len(markup)

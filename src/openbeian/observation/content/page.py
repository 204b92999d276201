"""One page read once: its text is taken out a single time for the footer, the audit, the title and the language."""

from __future__ import annotations

import re
from dataclasses import dataclass

from openbeian.observation.content.audit import Audit, audit_text
from openbeian.observation.content.decoding import MAX_PAGE_BYTES, decode_page
from openbeian.observation.content.errors import ContentTooLarge
from openbeian.observation.content.footer import FooterReading, read_footer
from openbeian.observation.content.lexicon import Lexicon
from openbeian.observation.content.visible import visible_text

_LANGUAGE = re.compile(r"<html\b[^>]{0,400}?\slang\s{0,4}=\s{0,4}[\"']?([A-Za-z-]{2,20})", re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^>]{0,200}+>([^<]{0,2000})", re.IGNORECASE)
_HEAD_CHARACTERS = 20_000
_LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True)
class PageReading:
    """What a page says. `language` is a tag such as `zh-CN`, or empty; `encoding` a Python codec name."""

    title: str
    language: str
    encoding: str
    footer: FooterReading
    audit: Audit


def read_page(page: bytes, lexicon: Lexicon, *, declared: str | None = None) -> PageReading:
    """Reads a page as received; `declared` is the charset of the HTTP header.

    Raises: ContentTooLarge above MAX_PAGE_BYTES.
    """
    if len(page) > MAX_PAGE_BYTES:
        raise ContentTooLarge(limit=MAX_PAGE_BYTES)
    decoded = decode_page(page, declared=declared)
    text = visible_text(decoded.text)
    found = _TITLE.search(decoded.text, 0, _HEAD_CHARACTERS)
    title = " ".join((found[1] if found else "").split())[:_LONGEST_TITLE]
    tag = _LANGUAGE.search(decoded.text, 0, _HEAD_CHARACTERS)
    audit = audit_text(text, lexicon)
    return PageReading(
        title,
        tag[1] if tag else "",
        decoded.encoding,
        read_footer(page, declared=declared),
        Audit(audit.hits, audit.lexicons, audit.truncated, decoded.certain),
    )

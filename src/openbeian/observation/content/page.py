"""One page read once: its text is taken out a single time for the footer, the audit, the title and the language."""

from __future__ import annotations

import re
from dataclasses import dataclass

from openbeian.observation.content.audit import Audit, audit_text
from openbeian.observation.content.decoding import MAX_PAGE_BYTES, decode_page
from openbeian.observation.content.errors import ContentTooLarge
from openbeian.observation.content.footer import FooterReading, read_footer_of
from openbeian.observation.content.lexicon import Lexicon
from openbeian.observation.content.visible import read_visible

_LANGUAGE = re.compile(r"<html\b[^>]{0,400}?\slang\s{0,4}=\s{0,4}[\"']?([A-Za-z-]{2,20})", re.IGNORECASE)
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
    visible = read_visible(decoded.text)
    tag = _LANGUAGE.search(decoded.text, 0, _HEAD_CHARACTERS)
    audit = audit_text(visible.whole, lexicon)
    return PageReading(
        visible.titles[0][:_LONGEST_TITLE] if visible.titles else "",
        tag[1] if tag else "",
        decoded.encoding,
        read_footer_of(decoded.text, visible, certain=decoded.certain),
        Audit(audit.hits, audit.lexicons, audit.truncated, decoded.certain),
    )

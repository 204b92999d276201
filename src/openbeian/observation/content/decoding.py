"""Bytes of a page become text, whatever its server and its meta tag claim about the encoding."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from itertools import islice

from openbeian.observation.content.errors import ContentTooLarge

MAX_PAGE_BYTES = 4 * 1024 * 1024
"""Pages above this are refused unread: a footer stands at the end, so half a page would be a wrong answer."""

_DECLARED = re.compile(rb"""charset\s{0,8}=\s{0,8}["']?\s{0,8}([\w.:-]{2,24})|encoding=["']([\w.:-]{2,24})""", re.I)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Browsers read these labels as the larger character set; so do we.
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "big5": "big5hkscs", "cp950": "big5hkscs"}
# Characters that are frequent in Chinese pages; the wrong one of GBK and Big5 yields rare ones instead.
_FREQUENT = frozenset(
    "的一是不了在人有我他这個个們们中来上大为和国地到以说時时要就出会可也你对生能而子那得于着下自之年过发後后作里"
    "用道行所然家种事成方多经麼去法学如都同现當当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日"
    "公司網网站備备案號号版權权關关於我們联聯系繫服务務產产品首页頁技術术電电話话址新聞闻更多"
)
_WIDE = re.compile(r"[^\x00-\x7f]")
_SAMPLE = 1_500
_PLAINLY_CHINESE = 0.3


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding it was read in (a Python codec name), and whether every byte made sense in it."""

    text: str
    encoding: str
    certain: bool


def decode_page(content: bytes, *, declared: str | None = None) -> Decoded:
    """Reads a page's bytes; `declared` is the charset of the HTTP header, if any.

    A byte order mark wins; then UTF-8 if it fits, because pages converted to UTF-8 often keep an old label; then
    the label of header or page if it fits; then whichever of GB18030 and Big5 yields the more usual characters.

    Raises: ContentTooLarge above MAX_PAGE_BYTES.
    """
    if len(content) > MAX_PAGE_BYTES:
        raise ContentTooLarge(limit=MAX_PAGE_BYTES)
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _decode_with(content, encoding)
    try:
        return Decoded(content.decode("utf-8"), "utf-8", True)
    except UnicodeDecodeError as fault:
        if fault.start >= len(content) - 3 > 0:  # cut off within the last character
            return Decoded(content[: fault.start].decode("utf-8"), "utf-8", True)
    return _best_of(content, _labels(content, declared))


def _labels(content: bytes, declared: str | None) -> list[str]:
    """Encodings named by header and page, widened, that this Python knows and that are not Unicode."""
    found = _DECLARED.search(content, 0, 4096)
    names = [declared or "", ((found[1] or found[2]) if found else b"").decode("ascii", "replace")]
    labels = []
    for name in names:
        wide = _WIDER.get(name.strip().lower(), name.strip().lower())
        try:
            known = codecs.lookup(wide).name
        except (LookupError, ValueError):
            continue
        if not known.startswith("utf") and known in {"gb18030", "big5hkscs", "hz", "euc_kr", "shift_jis", "euc_jp"}:
            labels.append(known)
    return labels


def _best_of(content: bytes, labels: list[str]) -> Decoded:
    attempts = []
    for name in dict.fromkeys([*labels, "gb18030", "big5hkscs", "utf-8"]):
        attempt = _decode_with(content, name)
        if attempt.certain and (name in labels or _usualness(attempt.text) > _PLAINLY_CHINESE):
            return attempt
        attempts.append(attempt)
    return max(attempts, key=lambda attempt: _usualness(attempt.text))


def _usualness(text: str) -> float:
    """The share of frequent characters among the wide ones, less what is broken."""
    wide = [m[0] for m in islice(_WIDE.finditer(text, 0, 60_000), _SAMPLE)] or [""]
    return (sum(c in _FREQUENT for c in wide) - 4 * wide.count("\ufffd")) / len(wide)


def _decode_with(content: bytes, encoding: str) -> Decoded:
    text = content.decode(encoding, "replace")
    broken = text.count("\ufffd")
    return Decoded(text, encoding, broken * 200 <= len(text) or broken <= 1)

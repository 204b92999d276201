"""Finds filing, licence and police numbers in text as real sites write them, and brings them to normal form.

Tolerated within a number: white space and line breaks between any two characters, full-width and lower-case letters,
traditional characters, `备案` for `备`, a colon, `第`, brackets, any dash, the service suffix before `号`. Not
tolerated: other digits in between, a missing `号`, a suffix that is no suffix. What looks like a number but is none
is returned as a near miss, so that a person can be told what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from openbeian.observation.content.numbers import PROVINCES, NumberKind, is_number

_TRADITIONAL = "備證號網滬蘇遼魯閩贛粵瓊貴雲陝寧隴許經營"
_SIMPLIFIED = "备证号网沪苏辽鲁闽赣粤琼贵云陕宁陇许经营"
_WIDE = "".join(chr(c + 0xFEE0) for c in (*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B), 0x2D, 0x2E))
_NARROW = "".join(chr(ord(c) - 0xFEE0) for c in _WIDE)
_DASHES = "‐‑‒–—―−﹣﹘➖"
_FOLD = str.maketrans(_TRADITIONAL + _WIDE + _DASHES, _SIMPLIFIED + _NARROW + "-" * len(_DASHES))
_UNFOLDED = re.compile(f"[{_TRADITIONAL}{_WIDE}{_DASHES}]")
_ICP = re.compile(
    rf"(?P<province>[{PROVINCES}])\s?[Ii]\s?[Cc]\s?[Pp]\s?"
    r"(?P<kind>备(?:\s?案)?|(?:经\s?营\s?)?(?:许\s?可\s?)?证)(?:\s?号(?=\s?[:：\d]))?\s?[:：]?\s?(?:第\s?)?[(（\[【]?\s?"
    r"(?P<digits>(?:\d\s?){5,13}+)",
    re.A,
)
_POLICE = re.compile(
    rf"(?P<province>[{PROVINCES}])\s?公\s?网\s?安\s?备(?:\s?案)?(?:\s?号(?=\s?[:：\d]))?\s?[:：]?\s?(?:第\s?)?[(（\[【]?\s?"
    r"(?P<digits>(?:\d\s?){8,20}+)[)）\]】]?\s?(?P<end>号?)",
    re.A,
)
_TELECOM = re.compile(
    rf"(?P<prefix>合\s?字\s?|[{PROVINCES}]\s?)?(?<![A-Za-z0-9_./-])"
    r"(?P<codes>[ABab]\s?[12](?:\s?[.·・,，、/]\s?[ABab]\s?[12]){0,6})\s?-\s?(?P<digits>(?:\d\s?){8}+)",
    re.A,
)
_TELECOM_CORE = re.compile(r"[12]\s?-\s?\d\s?\d", re.A)
_CLOSING = re.compile(r"[)）\]】]?\s?号")
_SUFFIX_BEFORE = re.compile(r"\s?-\s?(?P<digits>(?:\d\s?){1,6}+)(?P<letter>[A-Za-z]?)\s?[)）\]】]?\s?号")
_SUFFIX_AFTER = re.compile(r"(?P<gap>\s?)-(?P<gap2>\s?)(?P<digits>\d{1,30})")
_MORE_DIGITS = re.compile(r" (\d{1,5})(?![\d年月日%.:/-])")
_LABELLED = re.compile(r"许\s?可|电\s?信|经\s?营|备\s?案|备\s?\d|ICP|licen[cs]e", re.I)
_LETTER_OR_DIGIT = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place in the text: the number in normal form, and where it stands; `valid` is False for a near miss."""

    kind: NumberKind
    number: str
    start: int
    end: int
    valid: bool = True


def fold(text: str) -> str:
    """Text with the tolerated widths, dashes and traditional characters made plain; length and offsets stay."""
    return text.translate(_FOLD) if _UNFOLDED.search(text) else text


def find_numbers(text: str) -> list[Candidate]:
    """Every number and near miss in a text, in order.

    `text` has passed `visible.without_invisible`; runs of white space within a number count only as one character.
    """
    plain = fold(text)
    found: list[Candidate] = []
    if "备" in plain or "证" in plain:
        found += _icp_numbers(plain)
        if "安" in plain:
            found += _police_numbers(plain)
    found += _telecom_numbers(plain)
    return sorted(found, key=lambda candidate: candidate.start)


def _icp_numbers(text: str) -> Iterator[Candidate]:
    for m in _ICP.finditer(text):
        kind = NumberKind.ICP_FILING if m["kind"].startswith("备") else NumberKind.ICP_LICENCE
        digits = _digits(m["digits"])
        after = m.end("digits")
        head = f"{m['province']}ICP{'备' if kind is NumberKind.ICP_FILING else '证'}{digits}"
        if inner := _SUFFIX_BEFORE.match(text, after):
            number, end = f"{head}号-{_digits(inner['digits'])}{inner['letter'].upper()}", inner.end()
        elif closing := _CLOSING.match(text, after):
            suffix, end = _suffix(text, closing.end(), scattered=_is_scattered(m["digits"]))
            number = f"{head}号{suffix}"
        else:
            number, end = head, after
        yield Candidate(kind, number, m.start(), end, is_number(kind, number))


def _police_numbers(text: str) -> Iterator[Candidate]:
    for m in _POLICE.finditer(text):
        number = f"{m['province']}公网安备{_digits(m['digits'])}{m['end']}"
        valid = is_number(NumberKind.PUBLIC_SECURITY, number)
        yield Candidate(NumberKind.PUBLIC_SECURITY, number, m.start(), m.end(), valid)


def _telecom_places(text: str) -> Iterator[re.Match[str]]:
    """Matches of the whole form, looked for only around its rare middle."""
    after = 0
    for core in _TELECOM_CORE.finditer(text):
        if core.start() < after:
            continue
        for m in _TELECOM.finditer(text, max(after, core.start() - 60), core.end() + 60):
            after = m.end()
            yield m


def _telecom_numbers(text: str) -> Iterator[Candidate]:
    for m in _telecom_places(text):
        prefix, digits = "".join((m["prefix"] or "").split()), _digits(m["digits"])
        if text[m.end() - 1 : m.end()].isdigit() and text[m.end() : m.end() + 1].isdigit():
            continue
        codes = ".".join(re.findall("[AB][12]", "".join(m["codes"].split()).upper()))
        suffix, end = _suffix(text, m.end("digits"), scattered=_is_scattered(m["digits"]))
        if not prefix and "." not in codes and not _is_labelled(text, m.start(), end):
            continue
        number = f"{prefix}{codes}-{digits}{suffix}"
        valid = is_number(NumberKind.TELECOM_LICENCE, number)
        if valid or prefix:
            yield Candidate(NumberKind.TELECOM_LICENCE, number, m.start(), end, valid)


def _is_labelled(text: str, start: int, end: int) -> bool:
    """Whether a bare `B2-20090059` is said to be a licence, or stands alone on its line; else it is a part number."""
    if _LABELLED.search(text, max(0, start - 60), end + 60):
        return True
    return not text[text.rfind("\n", max(0, start - 200), start) + 1 : start].strip() and (
        not text[end : end + 40].partition("\n")[0].strip()
    )


def _suffix(text: str, position: int, *, scattered: bool) -> tuple[str, int]:
    """The service suffix after `号` or a licence number, and where it ends; empty when what follows is none.

    A year, a telephone number or a date after a spaced dash is no suffix. `scattered` says that the writer puts
    spaces between digits, so that `- 1 2` is `-12`.
    """
    m = _SUFFIX_AFTER.match(text, position)
    if not m:
        return "", position
    digits, end = m["digits"], m.end()
    spaced = bool(m["gap"] or m["gap2"])
    while more := _MORE_DIGITS.match(text, end):
        if len(digits) + len(more[1]) > 4 or not (scattered or (len(more[1]) == 1 and len(digits) == 1)):
            break
        digits, end = digits + more[1], more.end()
    tail = text[end : end + 3]
    if spaced and (re.fullmatch(r"(?:19|20)\d\d", digits) or tail.startswith(("年", "-", "/", ".", ":"))):
        return "", position
    if len(digits) > 6 or re.match(r"\s?-\s?\d{2}", tail):
        return "", position
    letter = re.match(r"[A-Za-z](?![A-Za-z0-9])", tail)
    if letter and letter[0].upper() in "AXK":
        return f"-{digits}{letter[0].upper()}", end + 1
    # Letters that run on belong to the next word or the next number, unless one of them stands alone.
    return f"-{digits}{letter[0].upper() if letter else ''}", end + bool(letter)


def _digits(spaced: str) -> str:
    return "".join(spaced.split())


def _is_scattered(spaced: str) -> bool:
    return len(spaced.split()) > 1

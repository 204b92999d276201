"""The tolerant reader: any well-formed message becomes a typed document; what does not fit is kept aside and named.

A client goes on with what it could read, since real bureaus add elements and ignore bounds; a server may refuse a
message for its deviations.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Address
from typing import Any, Generic, TypeVar

from lxml import etree

from openbeian.authority import hostile_xml
from openbeian.authority.errors import DocumentUnreadable
from openbeian.authority.interface import get_interface
from openbeian.authority.messages.download import Download
from openbeian.authority.messages.grammar import Element, Grammar, Leaf, Shape, get_download_grammar, get_upload_grammar
from openbeian.authority.messages.upload import Upload
from openbeian.kernel.text import Text

Document = TypeVar("Document", Upload, Download)

_ASIDE_CHARACTERS = 4000
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Aside:
    """Something the message holds that has no field here: its path, and its XML or text (at most 4,000 characters)."""

    path: str
    content: str


@dataclass(frozen=True, slots=True)
class Deviation:
    """A place where the message differs from the grammar: `unknown`, `missing`, `repeated`, `type`, `range`, `choice`."""

    path: str
    kind: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Reading(Generic[Document]):
    """A document with what was kept aside and where it deviates; both lists are bounded by the interface's `asides`."""

    document: Document
    version: str
    asides: tuple[Aside, ...]
    deviations: tuple[Deviation, ...]

    @property
    def is_version_supported(self) -> bool:
        return self.version == get_interface().version


def read_upload(raw: bytes) -> Reading[Upload]:
    """A provider's file from GBK bytes. Raises: DocumentUnreadable."""
    return _read(raw, get_upload_grammar(), Upload)


def read_download(raw: bytes) -> Reading[Download]:
    """An administration's file from GBK bytes. Raises: DocumentUnreadable."""
    return _read(raw, get_download_grammar(), Download)


def decode(raw: bytes) -> str:
    """GBK bytes as text, whatever their declaration says. Raises: DocumentUnreadable (5008)."""
    try:
        return raw.decode("gbk")
    except UnicodeDecodeError as error:
        raise DocumentUnreadable(Text("编码不是 GBK", "its encoding is not GBK"), 5008) from error


def _read(raw: bytes, grammar: Grammar, expected: type[Document]) -> Reading[Document]:
    root = hostile_xml.parse(decode(raw))
    if root.tag != grammar.root:
        raise DocumentUnreadable(Text(f"根元素不是 {grammar.root}", f"its root is not {grammar.root}"))
    run = _Run(grammar)
    document = run.record(grammar.shapes[grammar.shape], root, "")
    assert isinstance(document, expected)
    return Reading(document, root.get("version") or "", tuple(run.asides), tuple(run.deviations))


class _Run:
    """One pass over one message."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self.bound = get_interface().limits.asides
        self.asides: list[Aside] = []
        self.deviations: list[Deviation] = []

    def record(self, shape: Shape, source: etree._Element, path: str) -> Any:
        """Fills the shape's dataclass from the element's children."""
        values: dict[str, Any] = {}
        self._walk(shape, shape.elements, source, path, values)
        return shape.record(**{name: tuple(value) if name in shape.many else value for name, value in values.items()})

    def _walk(
        self, shape: Shape, elements: Iterable[Element], source: etree._Element, path: str, values: dict[str, Any]
    ) -> None:
        by_name = {element.name: element for element in elements}
        counts = dict.fromkeys(by_name, 0)
        for child in source:
            element = by_name.get(child.tag)
            where = f"{path}/{child.tag}"
            if element is None:
                self._deviate(where, "unknown")
                self._keep_aside(where, child)
                continue
            counts[element.name] += 1
            where = f"{where}[{counts[element.name]}]"
            if element.high is not None and counts[element.name] > element.high:
                self._deviate(where, "repeated")
            if element.children:
                self._walk(shape, element.children, child, where, values)
            else:
                self._take(shape, element, child, where, values)
        self._check_counts(by_name, counts, path)

    def _take(self, shape: Shape, element: Element, child: etree._Element, path: str, values: dict[str, Any]) -> None:
        value = (
            self.record(self.grammar.shapes[element.shape], child, path)
            if element.leaf is None
            else self._value(element.leaf, child, path)
        )
        if value is None:
            self._keep_aside(path, child)
        elif element.field in shape.many:
            values.setdefault(element.field, []).append(value)
        elif element.field in values:
            self._keep_aside(path, child)
        else:
            values[element.field] = value

    def _value(self, leaf: Leaf, source: etree._Element, path: str) -> Any:
        """A leaf's value, or None when its text is not of the type at all; bounds only deviate."""
        if len(source):
            self._deviate(path, "type")
            return None
        text = source.text or ""
        text = text if leaf.kind == "S" else text.strip()
        try:
            value = _PARSING[leaf.kind](text)
        except (ValueError, binascii.Error):
            self._deviate(path, "type", text)
            return None
        size = len(value) if isinstance(value, str) else int(value) if isinstance(value, (int, IPv4Address)) else 1
        low = 1 if leaf.kind == "IP" else leaf.low
        if size < low or (leaf.high is not None and size > leaf.high) or value == b"":
            self._deviate(path, "range", text)
        return value

    def _check_counts(self, by_name: dict[str, Element], counts: dict[str, int], path: str) -> None:
        alternatives = [name for name, element in by_name.items() if element.is_alternative]
        if alternatives and sum(1 for name in alternatives if counts[name]) != 1:
            self._deviate(path, "choice", " / ".join(alternatives))
        for name, element in by_name.items():
            if counts[name] < element.low:
                self._deviate(f"{path}/{name}", "missing")

    def _deviate(self, path: str, kind: str, value: str = "") -> None:
        if len(self.deviations) < self.bound:
            self.deviations.append(Deviation(path, kind, value[:200]))

    def _keep_aside(self, path: str, source: etree._Element) -> None:
        if len(self.asides) < self.bound:
            content = etree.tostring(source, encoding="unicode", with_tail=False)
            self.asides.append(Aside(path, content[:_ASIDE_CHARACTERS]))


def _parse_whole_number(text: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(text) or abs(int(text)) >= 2**63:
        raise ValueError("not a whole number of 64 bits")
    return int(text)


def _parse_flag(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError("neither 0 nor 1")
    return text == "1"


def _parse_date(text: str) -> date:
    if len(text) != 10:
        raise ValueError("not YYYY-MM-DD")
    return date.fromisoformat(text)


_PARSING: dict[str, Callable[[str], Any]] = {
    "L": _parse_whole_number,
    "S": str,
    "D": _parse_date,
    "B": _parse_flag,
    "IP": lambda text: IPv4Address(_parse_whole_number(text)),
    "IP0": lambda text: IPv4Address(_parse_whole_number(text)),
    "X": lambda text: base64.b64decode("".join(text.split()), validate=True),
}

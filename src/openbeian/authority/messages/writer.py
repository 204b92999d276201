"""The strict writer: a typed document becomes GBK XML that is valid against the schema, or every reason why not."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from datetime import date
from ipaddress import IPv4Address
from typing import Any

from lxml import etree

from openbeian.authority.errors import DocumentNotSendable
from openbeian.authority.interface import get_interface
from openbeian.authority.messages.download import Download
from openbeian.authority.messages.grammar import Element, Grammar, Leaf, get_download_grammar, get_upload_grammar
from openbeian.authority.messages.upload import Upload
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text

_ILLEGAL_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd]")
_CORRECT = Text("更正后重新生成报文。", "Correct it and make the message again.")
_OUTSIDE = Text(
    "V3.0 接口无法承载，请在管局窗口或网上办理，并在系统中登记结果。",
    "Interface V3.0 cannot carry it: use the administration's counter or portal and record the result here.",
)


def write(document: Upload | Download) -> bytes:
    """The document as GBK bytes with its declaration, elements in the schema's order.

    Raises: DocumentNotSendable naming every field that is missing, out of bounds, or beyond what V3.0 can carry.
    """
    grammar = get_upload_grammar() if isinstance(document, Upload) else get_download_grammar()
    root, faults = _Writing(grammar).build(document)
    if faults:
        raise DocumentNotSendable(faults=faults)
    return encode(etree.tostring(root, encoding="unicode"))


def list_faults(document: Upload | Download) -> Sequence[Fault]:
    """Why the document could not be written; empty when it can."""
    grammar = get_upload_grammar() if isinstance(document, Upload) else get_download_grammar()
    return _Writing(grammar).build(document)[1]


def encode(xml: str) -> bytes:
    """An XML text with the interface's declaration in the interface's encoding."""
    return ('<?xml version="1.0" encoding="GBK"?>' + xml).encode("gbk")


def list_characters_outside(text: str) -> str:
    """The characters of a text that GBK or XML cannot carry, each once, in order."""
    if not _ILLEGAL_IN_XML.search(text) and _is_in_gbk(text):
        return ""
    return "".join(dict.fromkeys(c for c in text if _ILLEGAL_IN_XML.match(c) or not _is_in_gbk(c)))


def _is_in_gbk(text: str) -> bool:
    try:
        text.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


class _Writing:
    """One run over one document; collects faults instead of stopping at the first."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self.faults: list[Fault] = []

    def build(self, document: Upload | Download) -> tuple[etree._Element, list[Fault]]:
        root = etree.Element(self.grammar.root, version=get_interface().version)
        self._write_all(root, self.grammar.shapes[self.grammar.shape].elements, document, "")
        return root, self.faults

    def _write_all(self, parent: etree._Element, elements: Sequence[Element], record: Any, path: str) -> None:
        alternatives = [element for element in elements if element.is_alternative]
        if alternatives:
            elements = self._choose(elements, alternatives, record, path)
        for element in elements:
            if element.children:
                self._write_wrapper(parent, element, record, path)
            else:
                self._write_values(parent, element, record, path)

    def _choose(
        self, elements: Sequence[Element], alternatives: Sequence[Element], record: Any, path: str
    ) -> Sequence[Element]:
        chosen = [element for element in alternatives if has_content(element, record)]
        if len(chosen) != 1:
            names = " / ".join(element.field or element.name for element in alternatives)
            self._fault(path, "v3.choice", Text(f"{names} 应当恰填一项", f"exactly one of {names} is needed"))
        return [element for element in elements if not element.is_alternative or element in chosen]

    def _write_wrapper(self, parent: etree._Element, element: Element, record: Any, path: str) -> None:
        if element.high != 1:  # a repeated wrapper holds one child, whose field holds all values
            (child,) = element.children
            for index, value in enumerate(getattr(record, child.field)):
                inside = etree.SubElement(parent, element.name)
                self._write_value(inside, child, value, f"{path}{child.field}.{index}")
        elif element.low or element.is_alternative or has_content(element, record):
            self._write_all(etree.SubElement(parent, element.name), element.children, record, path)

    def _write_values(self, parent: etree._Element, element: Element, record: Any, path: str) -> None:
        held = getattr(record, element.field)
        place = path + element.field
        if held is not None and not isinstance(held, tuple):
            self._write_value(parent, element, held, place)
            return
        count = len(held) if held else 0
        if count < element.low:
            self._fault(place, "v3.missing", Text("必填项未填", "a required field is empty"))
        if element.high is not None and count > element.high:
            message = Text(f"最多 {element.high} 项", f"at most {element.high} are allowed")
            self._fault(place, "v3.count", message, str(count))
        for index, value in enumerate(held or ()):
            self._write_value(parent, element, value, f"{place}.{index}")

    def _write_value(self, parent: etree._Element, element: Element, value: Any, path: str) -> None:
        inside = etree.SubElement(parent, element.name)
        if element.shape:
            self._write_all(inside, self.grammar.shapes[element.shape].elements, value, path + ".")
        elif element.leaf:
            inside.text = self._spell(element.leaf, value, path)

    def _spell(self, leaf: Leaf, value: Any, path: str) -> str:
        expected, spell = _SPELLING[leaf.kind]
        if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
            self._fault(path, "v3.type", Text("类型不符", f"must be {expected.__name__}"), str(value)[:80])
            return ""
        text = spell(value)
        if leaf.kind == "S":
            return self._check_text(leaf, text, path)
        if leaf.kind in {"L", "IP", "IP0"}:
            low = 1 if leaf.kind == "IP" else leaf.low
            high = leaf.high if leaf.high is not None else 2**63 - 1
            if not low <= int(text) <= high:
                self._fault(
                    path, "v3.range", Text(f"应在 {low} 与 {high} 之间", f"must lie between {low} and {high}"), text
                )
        if leaf.kind == "X" and not text:
            self._fault(path, "v3.missing", Text("文件为空", "the file is empty"))
        return text

    def _check_text(self, leaf: Leaf, text: str, path: str) -> str:
        outside = list_characters_outside(text)
        if outside:
            message = Text("含有接口无法承载的字符", "it holds characters the interface cannot carry")
            self._fault(path, "v3.characters", message, outside, _OUTSIDE)
            return ""
        if leaf.high is not None and len(text) > leaf.high:
            message = Text(f"超过 {leaf.high} 个字符", f"longer than {leaf.high} characters")
            self._fault(path, "v3.length", message, text[:80], _OUTSIDE)
        if len(text) < leaf.low:
            self._fault(path, "v3.length", Text(f"不足 {leaf.low} 个字符", f"shorter than {leaf.low} characters"), text)
        return text

    def _fault(self, path: str, rule: str, message: Text, value: str = "", fix: Text = _CORRECT) -> None:
        self.faults.append(Fault(field=path.rstrip("."), message=message, fix=fix, rule=rule, value=value))


def has_content(element: Element, record: Any) -> bool:
    """Whether a record fills the element or anything inside it."""
    if element.children:
        return any(has_content(child, record) for child in element.children)
    return getattr(record, element.field) not in (None, ())


_SPELLING: dict[str, tuple[type, Callable[[Any], str]]] = {
    "L": (int, str),
    "S": (str, str),
    "D": (date, date.isoformat),
    "B": (bool, lambda value: "1" if value else "0"),
    "IP": (IPv4Address, lambda value: str(int(value))),
    "IP0": (IPv4Address, lambda value: str(int(value))),
    "X": (bytes, lambda value: base64.b64encode(value).decode("ascii")),
}

"""Parses XML from outside within bounds: no DTD, no entities, no network, bounded size and element count."""

from __future__ import annotations

from lxml import etree

from openbeian.authority.errors import DocumentUnreadable
from openbeian.authority.interface import get_interface
from openbeian.kernel.text import Text


def parse(text: bytes | str) -> etree._Element:
    """The root of a document given as UTF-8 bytes or as text; what its declaration says about encoding is ignored,
    because the interface wraps GBK documents in UTF-8 ones.

    Raises: DocumentUnreadable.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    _check_bounds(raw)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,  # a sealed file is one text node above libxml2's 10 MB; depth stays capped at 2,048
    )
    try:
        return etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocumentUnreadable(Text("不是合格的 XML", "not well-formed XML")) from error


def _check_bounds(raw: bytes) -> None:
    limits = get_interface().limits
    if len(raw) > limits.body_bytes:
        raise DocumentUnreadable(Text("报文过大", "too large"))
    # An element needs at least one "<" and an attribute two quotes, so counting bytes bounds the tree before it grows.
    if raw.count(b"<") > 2 * limits.elements or raw.count(b'"') + raw.count(b"'") > limits.elements:
        raise DocumentUnreadable(Text("元素或属性过多", "too many elements or attributes"))
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise DocumentUnreadable(Text("含有 DTD 或实体声明", "it declares a DTD or entities"))

"""SOAP 1.1, document/literal wrapped: a call's parameters and an answer's one string, as XML bytes and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from openbeian.authority import hostile_xml
from openbeian.authority.errors import DocumentUnreadable
from openbeian.authority.interface import get_interface
from openbeian.kernel.text import Text

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
CONTENT_TYPE = "text/xml; charset=utf-8"

_NOT_SOAP = Text("不是所需的 SOAP 报文", "it is not the SOAP message expected")


@dataclass(frozen=True, slots=True)
class Call:
    """A method with its parameters, under the specification's spelling whatever the sender's was."""

    method: str
    parameters: Mapping[str, str]


def write_call(method: str, parameters: Mapping[str, object]) -> bytes:
    """The request: parameters in the specified order, without namespace, in our client's spelling."""
    interface = get_interface()
    described = interface.methods[method]
    envelope, body = _make_envelope()
    # A prefix, not a default namespace: libxml2 would let the parameters fall into the default one.
    wrapper = etree.SubElement(body, f"{{{interface.namespace}}}{method}", nsmap={"ns": interface.namespace})
    for name in described.parameters:
        etree.SubElement(wrapper, described.spell(name)).text = str(parameters[name])
    return _to_bytes(envelope)


def read_call(raw: bytes) -> Call:
    """The request as the server sees it; unknown parameters are dropped, missing ones read as empty.

    Raises: DocumentUnreadable.
    """
    wrapper = _find_body_child(raw)
    method = etree.QName(wrapper).localname
    described = get_interface().methods.get(method)
    if described is None:
        raise DocumentUnreadable(Text("没有这个方法", "there is no such method"))
    given = {etree.QName(child).localname.lower(): child.text or "" for child in wrapper if isinstance(child.tag, str)}
    return Call(method, {name: given.get(name.lower(), "") for name in described.parameters})


def write_answer(method: str, text: str) -> bytes:
    """The response: a wrapper whose child `return` holds the return document as text."""
    envelope, body = _make_envelope()
    namespace = get_interface().namespace
    wrapper = etree.SubElement(body, f"{{{namespace}}}{method}Response", nsmap={"ns": namespace})
    etree.SubElement(wrapper, "return").text = text
    return _to_bytes(envelope)


def write_fault(reason: str) -> bytes:
    """A SOAP fault that blames the sender."""
    envelope, body = _make_envelope()
    fault = etree.SubElement(body, f"{{{ENVELOPE}}}Fault")
    etree.SubElement(fault, "faultcode").text = "soapenv:Client"
    etree.SubElement(fault, "faultstring").text = reason
    return _to_bytes(envelope)


def read_answer(raw: bytes) -> str:
    """The return document inside a response, whatever its wrapper and its string element are called.

    Raises: DocumentUnreadable, also for a SOAP fault.
    """
    wrapper = _find_body_child(raw)
    if etree.QName(wrapper).localname == "Fault":
        raise DocumentUnreadable(Text("对方返回了 SOAP 故障", "the other end answered with a SOAP fault"))
    strings = [child for child in wrapper if isinstance(child.tag, str)]
    if len(strings) != 1 or not (strings[0].text or "").strip():
        raise DocumentUnreadable(_NOT_SOAP)
    return strings[0].text or ""


def _make_envelope() -> tuple[etree._Element, etree._Element]:
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soapenv": ENVELOPE})
    return envelope, etree.SubElement(envelope, f"{{{ENVELOPE}}}Body")


def _find_body_child(raw: bytes) -> etree._Element:
    envelope = hostile_xml.parse(raw)
    body = envelope.find(f"{{{ENVELOPE}}}Body")
    if envelope.tag != f"{{{ENVELOPE}}}Envelope" or body is None or len(body) != 1:
        raise DocumentUnreadable(_NOT_SOAP)
    return body[0]


def _to_bytes(envelope: etree._Element) -> bytes:
    return etree.tostring(envelope, encoding="UTF-8", xml_declaration=True)

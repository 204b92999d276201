"""WSDLs of the three services, made from the rulebook; ours, since no official WSDL was found.

Names of services, ports and response wrappers follow the usual JAX-WS conventions; the target namespace, the method
names and the parameters are the specification's.
"""

from __future__ import annotations

from lxml import etree

from openbeian.authority.interface import Method, get_interface

_WSDL = "http://schemas.xmlsoap.org/wsdl/"
_SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"
_XSD = "http://www.w3.org/2001/XMLSchema"
_TRANSPORT = "http://schemas.xmlsoap.org/soap/http"
_NAMES = {"transfer": "upDownLoad", "status": "queryBeianStatus", "password": "verifyBamm"}


def write_wsdl(address: str, location: str) -> bytes:
    """The WSDL of one service (`transfer`, `status` or `password`) whose calls go to `location`."""
    interface = get_interface()
    methods = [method for method in interface.methods.values() if method.address == address]
    name = _NAMES[address]
    root = etree.Element(
        f"{{{_WSDL}}}definitions",
        {"name": name, "targetNamespace": interface.namespace},
        nsmap={"wsdl": _WSDL, "soap": _SOAP, "xsd": _XSD, "tns": interface.namespace},
    )
    _add_types(root, methods)
    for method in methods:
        for suffix in ("", "Response"):
            message = _sub(root, "message", name=method.name + suffix)
            _sub(message, "part", name="parameters", element=f"tns:{method.name}{suffix}")
    port_type = _sub(root, "portType", name=f"{name}PortType")
    for method in methods:
        operation = _sub(port_type, "operation", name=method.name)
        _sub(operation, "input", message=f"tns:{method.name}")
        _sub(operation, "output", message=f"tns:{method.name}Response")
    _add_binding(root, name, methods)
    service = _sub(root, "service", name=name)
    port = _sub(service, "port", name=f"{name}Port", binding=f"tns:{name}Binding")
    etree.SubElement(port, f"{{{_SOAP}}}address", location=location)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _add_types(root: etree._Element, methods: list[Method]) -> None:
    interface = get_interface()
    schema = etree.SubElement(
        _sub(root, "types"),
        f"{{{_XSD}}}schema",
        targetNamespace=interface.namespace,
        elementFormDefault="unqualified",
    )
    for method in methods:
        wrapper = _add_wrapper(schema, method.name)
        for parameter in method.parameters:
            kind = "string"
            if parameter in interface.whole_numbers:
                kind = "long" if parameter in {"ispId", "dataSequence"} else "int"
            etree.SubElement(wrapper, f"{{{_XSD}}}element", name=method.spell(parameter), type=f"xsd:{kind}")
        answer = _add_wrapper(schema, f"{method.name}Response")
        etree.SubElement(answer, f"{{{_XSD}}}element", name="return", type="xsd:string")


def _add_wrapper(schema: etree._Element, name: str) -> etree._Element:
    element = etree.SubElement(schema, f"{{{_XSD}}}element", name=name)
    return etree.SubElement(etree.SubElement(element, f"{{{_XSD}}}complexType"), f"{{{_XSD}}}sequence")


def _add_binding(root: etree._Element, name: str, methods: list[Method]) -> None:
    binding = _sub(root, "binding", name=f"{name}Binding", type=f"tns:{name}PortType")
    etree.SubElement(binding, f"{{{_SOAP}}}binding", style="document", transport=_TRANSPORT)
    for method in methods:
        operation = _sub(binding, "operation", name=method.name)
        etree.SubElement(operation, f"{{{_SOAP}}}operation", soapAction="")
        for direction in ("input", "output"):
            etree.SubElement(_sub(operation, direction), f"{{{_SOAP}}}body", use="literal")


def _sub(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_WSDL}}}{tag}", attributes)

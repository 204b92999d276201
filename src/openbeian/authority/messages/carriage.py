"""What V3.0 cannot carry at all: asked before a case is mapped, so that it takes the outside channel instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Literal

from openbeian.authority.messages.writer import list_characters_outside
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text

OUTSIDE = Text(
    "请在管局窗口或网上系统办理，并在本系统登记结果。",
    "Use the administration's counter or portal and record the result here.",
)

CARRIED_SERVICE = "website"
"""The only kind of service V3.0 has elements for."""


@dataclass(frozen=True, slots=True)
class Cargo:
    """One thing of a case that must travel: a service's kind, an address, or a text with the wire's longest length."""

    field: str
    kind: Literal["service_kind", "address", "text"]
    value: str
    max_length: int | None = None


def list_obstacles(cargo: Iterable[Cargo]) -> Sequence[Fault]:
    """Why the case cannot go over V3.0, one fault per field, each with the outside channel as the way out."""
    return [fault for item in cargo if (fault := _find_obstacle(item))]


def _find_obstacle(item: Cargo) -> Fault | None:
    if item.kind == "service_kind" and item.value != CARRIED_SERVICE:
        return _fault(
            item,
            "v3.service_kind",
            Text("V3.0 接口只有网站，没有 App、小程序等", "V3.0 knows websites only, no apps or mini-programs"),
        )
    if item.kind == "address" and _is_ipv6(item.value):
        return _fault(item, "v3.ipv6", Text("V3.0 接口没有 IPv6", "V3.0 knows no IPv6 addresses"))
    if item.kind == "text":
        outside = list_characters_outside(item.value)
        if outside:
            return _fault(
                item, "v3.characters", Text(f"GBK 没有这些字：{outside}", f"GBK lacks these characters: {outside}")
            )
        if item.max_length is not None and len(item.value) > item.max_length:
            message = Text(
                f"超过接口允许的 {item.max_length} 个字符", f"longer than the interface's {item.max_length} characters"
            )
            return _fault(item, "v3.length", message)
    return None


def _is_ipv6(value: str) -> bool:
    try:
        return isinstance(ip_address(value.partition("/")[0]), IPv6Address)
    except ValueError:
        return False


def _fault(item: Cargo, rule: str, message: Text) -> Fault:
    return Fault(field=item.field, message=message, fix=OUTSIDE, rule=rule, value=item.value[:80])

"""Reads an entry of the provider register as people typed it and lists every fault at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from openbeian.kernel.errors import Fault, ValueRefused
from openbeian.kernel.ip_ranges import parse_ip_range
from openbeian.kernel.numbers import ServiceKind, VatLicenceNumber, parse_number
from openbeian.kernel.provinces import find_province
from openbeian.kernel.text import Text
from openbeian.registry.errors import ProviderUnfit
from openbeian.registry.models import Provider

MOST_LINES = 2000
CHANNELS = ("inside", "interface", "outside")


@dataclass(frozen=True, slots=True)
class ProviderValues:
    """A provider's entry in normal form."""

    name: str
    kind: str
    provinces: list[str]
    licences: list[str]
    address_ranges: list[str]
    service_kinds: list[str]
    contact: str = ""
    portal_url: str = ""
    channel: str = "inside"
    organisation_id: int | None = None
    is_active: bool = True

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def read_provider(raw: dict[str, Any]) -> ProviderValues:
    """From a form or a JSON body. Lists may come as lists or as text with one value a line.

    Raises: ProviderUnfit with one fault for each value that is wrong.
    """
    faults: list[Fault] = []
    name = " ".join(str(raw.get("name", "")).split())
    if not 1 <= len(name) <= 200 or not name.isprintable():
        faults.append(_fault("name", "名称为空或超过 200 字。", "The name is empty or over 200 characters.", name))
    kind, channel = str(raw.get("kind", "")), str(raw.get("channel") or "inside")
    if kind not in Provider.Kind.values:
        faults.append(_fault("kind", "没有这类服务商。", "There is no such kind of provider.", kind))
    if channel not in CHANNELS:
        faults.append(_fault("channel", "没有这种通道。", "There is no such channel.", channel))
    portal_url = str(raw.get("portal_url", "")).strip()
    if portal_url and not _is_web_address(portal_url):
        faults.append(
            _fault("portal_url", "不是以 https:// 开头的网址。", "It is no address starting with https://.", portal_url)
        )
    values = ProviderValues(
        name=name,
        kind=kind,
        provinces=_each(raw, "provinces", _read_province, faults),
        licences=_each(raw, "licences", _read_licence, faults),
        address_ranges=_each(raw, "address_ranges", lambda line: parse_ip_range(line).normal, faults),
        service_kinds=_each(raw, "service_kinds", _read_kind, faults),
        contact=" ".join(str(raw.get("contact", "")).split())[:200],
        portal_url=portal_url[:200],
        channel=channel,
        organisation_id=raw.get("organisation_id") or None,
        is_active=bool(raw.get("is_active", True)),
    )
    if faults:
        raise ProviderUnfit(faults=faults)
    return values


def _each(raw: dict[str, Any], field: str, read: Callable[[str], str], faults: list[Fault]) -> list[str]:
    given = raw.get(field) or []
    lines: Iterable[str] = given.splitlines() if isinstance(given, str) else map(str, given)
    found: dict[str, None] = {}
    for number, line in enumerate(lines):
        if number >= MOST_LINES:
            faults.append(_fault(field, f"超过 {MOST_LINES} 行。", f"There are over {MOST_LINES} lines."))
            break
        if not line.strip():
            continue
        try:
            found[read(line.strip())] = None
        except ValueRefused as refusal:
            faults.append(refusal.problem.at(f"{field}.{number}", line.strip()[:80]))
        except ProviderUnfit as unfit:
            faults += [Fault(f"{field}.{number}", f.message, f.fix, f.rule, f.value) for f in unfit.faults]
    return list(found)


def _read_province(text: str) -> str:
    province = find_province(text)
    if province is None:
        raise ProviderUnfit(faults=[_fault("provinces", "没有这个省份。", "There is no such province.", text)])
    return province.abbreviation


def _read_licence(text: str) -> str:
    number = parse_number(text)
    if not isinstance(number, VatLicenceNumber):
        raise ProviderUnfit(
            faults=[
                _fault(
                    "licences",
                    "不是增值电信业务经营许可证号（如 京B1-20260001）。",
                    "It is no value-added telecom licence (as 京B1-20260001).",
                    text,
                )
            ]
        )
    return number.normal


def _read_kind(text: str) -> str:
    if text not in set(ServiceKind):
        raise ProviderUnfit(
            faults=[_fault("service_kinds", "没有这类服务。", "There is no such kind of service.", text)]
        )
    return text


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"https", "http"} and bool(parts.hostname) and len(text) <= 200 and text.isprintable()


def _fault(field: str, zh: str, en: str, value: str = "") -> Fault:
    fix = Text("请改正后再提交。", "Correct it and send it again.")
    return Fault(field, Text(zh, en), fix, f"provider.{field}", value[:80])

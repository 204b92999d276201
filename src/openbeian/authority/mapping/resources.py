"""What a person typed about address ranges, domains and papers as the records that report it; pure.

A value's name is the field of its record, except `range` (first and last address) and `…region` (province and city).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from ipaddress import IPv4Address
from typing import Any

from openbeian.authority.errors import DocumentNotSendable
from openbeian.authority.messages.filing import Attachment
from openbeian.authority.messages.resources import (
    Allocation,
    Broadcast,
    CustomerOwned,
    DomainRecord,
    DomainRemoval,
    SourceRange,
)
from openbeian.authority.messages.upload import AddressReports, DomainReports, FilingReports, Upload
from openbeian.kernel.errors import Fault, ValueRefused
from openbeian.kernel.ip_ranges import parse_ip_range
from openbeian.kernel.text import Text

Resource = SourceRange | Allocation | Broadcast | CustomerOwned | DomainRecord

RECORDS: dict[str, type[Resource]] = {
    "sources": SourceRange,
    "allocations": Allocation,
    "broadcasts": Broadcast,
    "customer_owned": CustomerOwned,
    "domains": DomainRecord,
}
"""Kinds of resources by their word in `AddressReports`; domains have a document of their own."""

MATERIALS = "materials"
_IPV4 = Text(
    "V3.0 接口只收 IPv4 公网地址，写成一个地址、起止地址或 CIDR。",
    "Interface V3.0 takes public IPv4 only, written as one address, two ends, or CIDR.",
)
_CORRECT = Text("请改正。", "Put it right.")


def map_resource(kind: str, values: Mapping[str, Any], **identity: int) -> Resource:
    """`identity`: own_id for a new record, authority_id for a changed one. Raises: DocumentNotSendable."""
    record = RECORDS[kind]
    known = {field.name for field in fields(record)}
    held: dict[str, Any] = {name: _clean(value) for name, value in values.items() if name in known}
    if "range" in values:
        held["first"], held["last"] = read_range(str(values["range"]))
    for name, value in values.items():
        if name.endswith("region"):
            held |= _read_region(name.removesuffix("region"), str(value), known)
    if record is CustomerOwned:
        held["source_reports"] = held.get("source_unit") is not None
    return record(**(held | identity))


def read_values(record: Resource) -> dict[str, Any]:
    """A record as the values it was made of, so that a change starts from what stands."""
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    if (first := values.pop("first", None)) and (last := values.pop("last", None)):
        values["range"] = write_range(first, last)
    for prefix in ("", "registrant_", "administrator_"):
        for part in ("county", "city", "province"):
            if code := values.get(f"{prefix}{part}"):
                values.setdefault(f"{prefix}region", str(code))
    return {name: value for name, value in values.items() if value is not None}


def read_range(text: str) -> tuple[IPv4Address, IPv4Address]:
    """Raises: DocumentNotSendable at the field `range`."""
    try:
        found = parse_ip_range(text)
    except ValueRefused as refused:
        raise DocumentNotSendable(faults=[Fault("range", refused.text, _CORRECT, "v3.range", text[:80])]) from refused
    if not (isinstance(found.first, IPv4Address) and isinstance(found.last, IPv4Address)):
        raise DocumentNotSendable(faults=[Fault("range", _IPV4, _CORRECT, "v3.ipv6", text[:80])])
    return found.first, found.last


def write_range(first: IPv4Address, last: IPv4Address) -> str:
    """A range as people and the register write it."""
    return str(first) if first == last else f"{first}-{last}"


def wrap(kind: str, record: Resource, provider_number: int, *, changes: bool = False) -> tuple[str, Upload]:
    """The kind of report, and the document with this one record."""
    if kind == "domains":
        name = "changed" if changes else "added"
        return name, Upload(domains=DomainReports(**{name: (record,)}, reporting_unit=provider_number))  # type: ignore[arg-type]  # the name says which field
    name = f"{'changed' if changes else 'new'}_{kind}"
    return name, Upload(ip=AddressReports(**{name: (record,)}, reporting_unit=provider_number))  # type: ignore[arg-type]  # as above


def wrap_removal(kind: str, authority_id: int, provider_number: int) -> tuple[str, Upload]:
    """The report that strikes what the administration has under this number."""
    if kind == "domains":
        removal = DomainRemoval(authority_id=authority_id)
        return "removed", Upload(domains=DomainReports(removed=(removal,), reporting_unit=provider_number))
    name = f"removed_{kind}"
    return name, Upload(ip=AddressReports(**{name: (authority_id,)}, reporting_unit=provider_number))  # type: ignore[arg-type]  # as above


def wrap_material(attachment: Attachment, provider_number: int) -> tuple[str, Upload]:
    """XZHYD: one paper of a filing on record, handed in on its own."""
    return MATERIALS, Upload(icp=FilingReports(materials=(attachment,), reporting_unit=provider_number))


def find_resource_kind(report_kind: str) -> str | None:
    """The kind of resource that a report of this kind is about; None for reports about filings."""
    if report_kind in {"added", "changed", "removed"}:
        return "domains"
    stem = report_kind.partition("_")[2]
    return stem if stem in RECORDS and stem != "domains" else None


def find_record(upload: Upload) -> Resource | None:
    """The one resource of a kept document; None for removals and filings."""
    body = upload.ip or upload.domains
    for field in fields(body) if body else ():
        held = getattr(body, field.name)
        if isinstance(held, tuple) and held and type(held[0]) in RECORDS.values():
            return held[0]
    return None


def _clean(value: Any) -> Any:
    return value.strip() or None if isinstance(value, str) else value


def _read_region(prefix: str, code: str, known: set[str]) -> dict[str, int]:
    """Province, city and, where the record has one, county of a six-digit code."""
    if not (code.isascii() and code.isdecimal() and len(code) == 6):
        return {}
    parts = {"province": int(code[:2] + "0000")}
    if code[2:4] != "00":
        parts["city"] = int(code[:4] + "00")
    if not code.endswith("00"):
        parts["county"] = int(code)
    return {prefix + name: number for name, number in parts.items() if prefix + name in known}

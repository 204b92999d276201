"""Addresses on our record as reports: the provider's own ranges as sources, its customers' accesses as allocations; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Address

from openbeian.authority.mapping.codes import Codes
from openbeian.authority.mapping.ground import Numbering
from openbeian.authority.messages.resources import Allocation, SourceRange
from openbeian.kernel.ip_ranges import parse_ip_range
from openbeian.registry.decisions import SponsorValues

_ALLOCATED_AND_USED, _STATIC = 1, 1


@dataclass(frozen=True, slots=True)
class Customer:
    """Who uses which addresses since when."""

    sponsor: SponsorValues
    ranges: tuple[str, ...]
    since: date


def map_source(text: str, source_unit: int, numbering: Numbering) -> SourceRange | None:
    """A range the provider holds; None for IPv6, which V3.0 has no place for."""
    found = parse_ip_range(text)
    if not (isinstance(found.first, IPv4Address) and isinstance(found.last, IPv4Address)):
        return None
    return SourceRange(own_id=numbering.take(text), first=found.first, last=found.last, source_unit=source_unit)


def map_allocations(customers: Iterable[Customer], numbering: Numbering, codes: Codes) -> Iterator[Allocation]:
    """One allocation (Fpfs 1, static) for each IPv4 range of each customer."""
    for customer in customers:
        sponsor = customer.sponsor
        for text in customer.ranges:
            found = parse_ip_range(text)
            if not (isinstance(found.first, IPv4Address) and isinstance(found.last, IPv4Address)):
                continue
            yield Allocation(
                own_id=numbering.take(text),
                first=found.first,
                last=found.last,
                mode=_ALLOCATED_AND_USED,
                use=_STATIC,
                allocated_on=customer.since,
                unit_name=sponsor.name,
                unit_nature=codes.find("natures", sponsor.nature, "sponsor.nature"),
                province=int(sponsor.region[:2] + "0000"),
                city=int(sponsor.region[:4] + "00"),
                county=None if sponsor.region.endswith("00") else int(sponsor.region),
                street=sponsor.address,
                contact=sponsor.person.name,
                contact_phone=sponsor.person.mobile,
                contact_email=sponsor.person.email,
            )

"""Reports about IP addresses and domain names: what a reporting unit uploads and a bureau synchronises back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Address


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRange:
    """Where a range of addresses came from (来源)."""

    own_id: int | None = None
    authority_id: int | None = None
    reporting_unit: int | None = None
    first: IPv4Address | None = None
    last: IPv4Address | None = None
    source_unit: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """Which unit announces a range for whom (广播); only for the basic carriers' groups."""

    own_id: int | None = None
    authority_id: int | None = None
    reporting_unit: int | None = None
    broadcaster: int | None = None
    applicant: int | None = None
    first: IPv4Address | None = None
    last: IPv4Address | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressUse:
    """What allocations and customer-owned ranges have in common: the range, its use, its unit and contact."""

    own_id: int | None = None
    authority_id: int | None = None
    reporting_unit: int | None = None
    first: IPv4Address | None = None
    last: IPv4Address | None = None
    use: int | None = None
    allocated_on: date | None = None
    redirects_domains: bool | None = None
    unit_name: str | None = None
    unit_nature: int | None = None
    province: int | None = None
    city: int | None = None
    county: int | None = None
    street: str | None = None
    contact: str | None = None
    contact_phone: str | None = None
    contact_email: str | None = None
    gateway: IPv4Address | None = None
    gateway_place: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation(AddressUse):
    """How a range is allocated and used; `mode` 1 allocated and used, 2 allocated further, 3 own use, 4 reserved."""

    mode: int | None = None
    allocated_to: int | None = None
    unit_class: int | None = None
    unit_industry: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerOwned(AddressUse):
    """A range the customer brought along (自带); its source is a reporting unit or a name."""

    source_reports: bool | None = None
    source_name: str | None = None
    source_unit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainRecord:
    """A domain name with its registrant, administrator and payer, as a registrar reports it."""

    own_id: int | None = None
    authority_id: int | None = None
    name: str | None = None
    kind: int | None = None
    registered_on: date | None = None
    expires_on: date | None = None
    registrar: str | None = None
    name_servers: str | None = None
    registrant_name: str | None = None
    registrant_organisation: str | None = None
    registrant_address: str | None = None
    registrant_province: int | None = None
    registrant_city: int | None = None
    registrant_email: str | None = None
    registrant_phone: str | None = None
    administrator_name: str | None = None
    administrator_organisation: str | None = None
    administrator_address: str | None = None
    administrator_province: int | None = None
    administrator_city: int | None = None
    administrator_email: str | None = None
    administrator_phone: str | None = None
    payer_name: str | None = None
    payer_organisation: str | None = None
    payer_address: str | None = None
    payer_province: int | None = None
    payer_city: int | None = None
    payer_email: str | None = None
    payer_phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainRemoval:
    """A domain to strike from the reports, by the bureau's id or by name."""

    authority_id: int | None = None
    name: str | None = None

"""What a filing consists of on the wire: one record per concept, shared by uploads and downloads.

Every field is optional here, since each kind of message asks for another selection; the grammar in the rulebook
says which message carries which, and the writer refuses what is missing. `own_id` is the provider's number for a
record, `authority_id` the bureau's. Moments stay text as sent (10 to 22 characters, China time).
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; regions are six-digit GB/T 2260 codes."""

    province: int | None = None
    city: int | None = None
    county: int | None = None
    street: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The certificate a subject is known by."""

    kind: int | None = None
    number: str | None = None
    registered_address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The person responsible for a subject or a site; several numbers in one phone field are separated by `;`."""

    name: str | None = None
    office_phone: str | None = None
    mobile: str | None = None
    email: str | None = None
    msn: str | None = None
    qq: str | None = None
    certificate_kind: int | None = None
    certificate_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A pre-approval with its scans (JPEG, at most 100 KB each)."""

    kind: int | None = None
    number: str | None = None
    scans: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """IPv4 addresses from `first` to `last`, both included."""

    own_id: int | None = None
    authority_id: int | None = None
    first: IPv4Address | None = None
    last: IPv4Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A domain name of a site."""

    own_id: int | None = None
    authority_id: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How and where a site is connected; `provider_id` is the access provider that owns the access."""

    own_id: int | None = None
    authority_id: int | None = None
    provider_id: int | None = None
    server_places: tuple[int, ...] = ()
    modes: tuple[int, ...] = ()
    ranges: tuple[Range, ...] = ()
    reporter_id: int | None = None
    reported_by_provider: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A website, the only kind of service V3.0 knows."""

    own_id: int | None = None
    authority_id: int | None = None
    name: str | None = None
    approvals: tuple[Approval, ...] = ()
    contents: tuple[int, ...] = ()
    languages: tuple[int, ...] = ()
    domains: tuple[Domain, ...] = ()
    accesses: tuple[Access, ...] = ()
    person: Person | None = None
    home_page: str | None = None
    note: str | None = None
    number: str | None = None
    first_reported_at: str | None = None
    last_changed_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The sponsor of a filing (主体)."""

    own_id: int | None = None
    authority_id: int | None = None
    number: str | None = None
    name: str | None = None
    nature: int | None = None
    investor: str | None = None
    address: Address | None = None
    certificate: Certificate | None = None
    person: Person | None = None
    reported_by_provider: bool | None = None
    note: str | None = None
    first_reported_at: str | None = None
    last_changed_at: str | None = None
    certificate_until: str | None = None
    certificate_path: str | None = None
    certificate_serial: str | None = None
    reviewer: str | None = None
    reviewed_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file handed in with a filing; `owner_kind` 1 = subject, 2 = site; the owner by id or by filing number."""

    format: int | None = None
    purpose: int | None = None
    content: bytes | None = None
    owner_kind: int | None = None
    owner_id: int | None = None
    owner_number: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """A subject with its sites: as published, as synchronised, or as a task to verify."""

    subject: Subject | None = None
    sites: tuple[Site, ...] = ()
    note: str | None = None

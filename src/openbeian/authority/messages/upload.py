"""What a provider reports: one `Upload` holds reports about filings, about addresses, or about domain names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Address

from openbeian.authority.messages.filing import Attachment, Range, Site, Subject
from openbeian.authority.messages.resources import (
    Allocation,
    Broadcast,
    CustomerOwned,
    DomainRecord,
    DomainRemoval,
    SourceRange,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFiling:
    """XZBA: a subject that is not on record yet, with its sites."""

    subject: Subject | None = None
    sites: tuple[Site, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSites:
    """XZWZ: new sites of a subject on record, named by filing number or by the bureau's id."""

    subject_number: str | None = None
    subject_id: int | None = None
    sites: tuple[Site, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    password_digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccess:
    """XZJR: a further access of a site on record."""

    site_number: str | None = None
    site_id: int | None = None
    own_id: int | None = None
    server_places: tuple[int, ...] = ()
    modes: tuple[int, ...] = ()
    ranges: tuple[Range, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    password_digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """BGBA: a whole subject and at least one whole site as they shall stand on record."""

    subject: Subject | None = None
    sites: tuple[Site, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    password_digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationResult:
    """HSJG: the answer to a verification task; `outcome` 0 = true, 1 = not true."""

    outcome: int | None = None
    verifier: str | None = None
    verified_on: date | None = None
    reporting_unit: int | None = None
    opinion: str | None = None
    errors: str | None = None
    subject: Subject | None = None
    sites: tuple[Site, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfiledResult:
    """WBACLJG: what was done about an unfiled site."""

    domain: str | None = None
    address: IPv4Address | None = None
    carrier_id: int | None = None
    provider_id: int | None = None
    province: int | None = None
    outcome: int | None = None
    opinion: str | None = None
    listed_on: date | None = None
    due_on: date | None = None
    reporter: str | None = None
    reporter_phone: str | None = None
    reporter_email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """ZXBA: `scope` 0 cancels a subject, 1 a site, 2 an access; `record_id` is the bureau's id of it."""

    scope: int | None = None
    record_id: int | None = None
    reason: int | None = None
    reason_note: str | None = None
    password_digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingReports:
    """Reports about filings; `reporting_unit` must be the caller's own number."""

    new_filings: tuple[NewFiling, ...] = ()
    new_sites: tuple[NewSites, ...] = ()
    new_accesses: tuple[NewAccess, ...] = ()
    changes: tuple[Change, ...] = ()
    verifications: tuple[VerificationResult, ...] = ()
    unfiled_results: tuple[UnfiledResult, ...] = ()
    cancellations: tuple[Cancellation, ...] = ()
    materials: tuple[Attachment, ...] = ()
    reporting_unit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressReports:
    """Reports about IP addresses; removals name the bureau's ids."""

    new_sources: tuple[SourceRange, ...] = ()
    new_allocations: tuple[Allocation, ...] = ()
    new_broadcasts: tuple[Broadcast, ...] = ()
    new_customer_owned: tuple[CustomerOwned, ...] = ()
    changed_sources: tuple[SourceRange, ...] = ()
    changed_allocations: tuple[Allocation, ...] = ()
    changed_broadcasts: tuple[Broadcast, ...] = ()
    changed_customer_owned: tuple[CustomerOwned, ...] = ()
    removed_sources: tuple[int, ...] = ()
    removed_allocations: tuple[int, ...] = ()
    removed_broadcasts: tuple[int, ...] = ()
    removed_customer_owned: tuple[int, ...] = ()
    reporting_unit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainReports:
    """Reports about domain names."""

    added: tuple[DomainRecord, ...] = ()
    changed: tuple[DomainRecord, ...] = ()
    removed: tuple[DomainRemoval, ...] = ()
    reporting_unit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The root of an uploaded file; exactly one of the three is filled."""

    icp: FilingReports | None = None
    ip: AddressReports | None = None
    domains: DomainReports | None = None

    def count_records(self) -> int:
        """How many reports the file holds, which the interface bounds per file."""
        body = self.icp or self.ip or self.domains
        if body is None:
            return 0
        return sum(len(value) for name in type(body).__slots__ if isinstance(value := getattr(body, name), tuple))

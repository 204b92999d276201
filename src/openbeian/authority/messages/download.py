"""What an administration sends: results, reviews, published filings, tasks, checks, lists, notices, code tables."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from openbeian.authority.messages.filing import Filing, Site, Subject
from openbeian.authority.messages.resources import Allocation, Broadcast, CustomerOwned, DomainRecord, SourceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedRange:
    """A range on record that a reported one collides with."""

    authority_id: int | None = None
    own_id: int | None = None
    first: IPv4Address | None = None
    last: IPv4Address | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One data-processing code (Jgdm) with the bureau's words."""

    code: int | None = None
    text: str | None = None
    related: tuple[RelatedRange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingResult:
    """BAJG/Jg_xx: what the machine made of one uploaded record; `record` identifies it as the operation prescribes."""

    findings: tuple[Finding, ...] = ()
    operation: int | None = None
    record: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """BAJG/GJSHS/Gjsh: a human reviewer's decision; `outcome` 0 = refused, 1 = approved; `opinion` is the return reason."""

    reviewer: str | None = None
    reviewer_phone: str | None = None
    reviewed_at: str | None = None
    opinion: str | None = None
    outcome: int | None = None
    operation: int | None = None
    record_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """ZXSJ: a record struck; `scope` 0 = subject, 1 = site."""

    scope: int | None = None
    record_id: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlacklistedSubject:
    """HMDLB: a subject put on (0), changed on (1) or taken off (2) the blacklist."""

    subject: Subject | None = None
    operation: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlacklistedSite:
    """HMDLB: a site put on (0), changed on (1) or taken off (2) the blacklist."""

    site: Site | None = None
    operation: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IllegalAccess:
    """FFJRHMD: a blacklisted site that is connected all the same."""

    authority_id: int | None = None
    domain: str | None = None
    address: IPv4Address | None = None
    accessor: int | None = None
    province: int | None = None
    checked_at: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfiledSite:
    """WBAWZLB: a site without a filing that the provider must deal with."""

    authority_id: int | None = None
    domain: str | None = None
    languages: tuple[int, ...] = ()
    address: IPv4Address | None = None
    checked_at: str | None = None
    checks: int | None = None
    province: int | None = None
    last_checked_at: str | None = None
    provider_id: int | None = None
    carrier_id: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectCheck:
    """HCJG/Zthc: something is wrong with a subject on record."""

    subject_id: int | None = None
    name: str | None = None
    certificate_kind: int | None = None
    certificate_number: str | None = None
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessCheck:
    """HCJG/Jrhc: an access is over-reported (1) or under-reported (2)."""

    site_id: int | None = None
    site_number: str | None = None
    domain: str | None = None
    resolved: IPv4Address | None = None
    reporter_id: int | None = None
    outcome: int | None = None
    checked_at: str | None = None
    access_id: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellCheck:
    """HCJG/Kkwzhc: a filed site without substance; `outcome` 0 = alive, 1 = dead."""

    site_id: int | None = None
    site_number: str | None = None
    outcome: int | None = None
    checked_at: str | None = None
    home_page: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AliveCheck:
    """HCJG/Wzch: a site found alive."""

    site_id: int | None = None
    site_number: str | None = None
    home_page: str | None = None
    checked_at: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """XGTZ: an order to rectify a subject (0) or a site (1)."""

    scope: int | None = None
    number: str | None = None
    record_id: int | None = None
    text: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingNews:
    """Everything about filings that one file can bring."""

    filings: tuple[Filing, ...] = ()
    cancelled: tuple[Cancelled, ...] = ()
    blacklisted_subjects: tuple[BlacklistedSubject, ...] = ()
    blacklisted_sites: tuple[BlacklistedSite, ...] = ()
    illegal_accesses: tuple[IllegalAccess, ...] = ()
    unfiled_sites: tuple[UnfiledSite, ...] = ()
    results: tuple[FilingResult, ...] = ()
    reviews: tuple[Review, ...] = ()
    verification_tasks: tuple[Filing, ...] = ()
    subject_checks: tuple[SubjectCheck, ...] = ()
    access_checks: tuple[AccessCheck, ...] = ()
    shell_checks: tuple[ShellCheck, ...] = ()
    alive_checks: tuple[AliveCheck, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressResult:
    """IP/BAJG: what became of one report about addresses; `operation` 1 add, 2 change, 3 delete."""

    findings: tuple[Finding, ...] = ()
    authority_id: int | None = None
    operation: int | None = None
    own_id: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideRange:
    """IP/HCJG/Yj: addresses reported beyond the reporter's own."""

    record_id: int | None = None
    first: IPv4Address | None = None
    last: IPv4Address | None = None
    kind: int | None = None
    outside_first: IPv4Address | None = None
    outside_last: IPv4Address | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictingRanges:
    """IP/HCJG/Ct: two units report overlapping addresses."""

    record_id: int | None = None
    first: IPv4Address | None = None
    last: IPv4Address | None = None
    other_unit: int | None = None
    other_first: IPv4Address | None = None
    other_last: IPv4Address | None = None
    kind: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreportedRange:
    """IP/HCJG/Wb: addresses nobody reported."""

    first: IPv4Address | None = None
    last: IPv4Address | None = None
    allocating_unit: int | None = None
    kind: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressNews:
    """Everything about IP addresses that one file can bring."""

    source_results: tuple[AddressResult, ...] = ()
    allocation_results: tuple[AddressResult, ...] = ()
    broadcast_results: tuple[AddressResult, ...] = ()
    customer_owned_results: tuple[AddressResult, ...] = ()
    outside_source: tuple[OutsideRange, ...] = ()
    conflicts: tuple[ConflictingRanges, ...] = ()
    unreported: tuple[UnreportedRange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainResult:
    """YM/BAJG: what became of one report about a domain name; `operation` 1 add, 2 change, 3 delete."""

    findings: tuple[Finding, ...] = ()
    authority_id: int | None = None
    operation: int | None = None
    own_id: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainNews:
    """Everything about domain names that one file can bring."""

    results: tuple[DomainResult, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportingUnit:
    """A unit that takes part in reporting."""

    authority_id: int | None = None
    name: str | None = None
    unit_class: int | None = None
    unit_industry: int | None = None
    licence_number: str | None = None
    province: int | None = None
    city: int | None = None
    county: int | None = None
    street: str | None = None
    is_valid: bool | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One row of a code table; `mask` is the bit the bureau's own systems use, `code` what travels in messages."""

    code: int | None = None
    mask: int | None = None
    label: str | None = None
    name: str | None = None
    second_name: str | None = None
    level: int | None = None
    province: int | None = None
    abbreviation: str | None = None
    unit_class: int | None = None
    needs_approval: bool | None = None
    owner_kind: int | None = None
    email: str | None = None
    mobile: str | None = None
    note: str | None = None
    is_valid: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTables:
    """JCDM: the code tables, whole or in part, and the reporting units."""

    reporting_units: tuple[ReportingUnit, ...] = ()
    unit_classes: tuple[Code, ...] = ()
    natures: tuple[Code, ...] = ()
    regions: tuple[Code, ...] = ()
    feedback_classes: tuple[Code, ...] = ()
    administrations: tuple[Code, ...] = ()
    industries: tuple[Code, ...] = ()
    administrative_levels: tuple[Code, ...] = ()
    certificate_kinds: tuple[Code, ...] = ()
    approval_kinds: tuple[Code, ...] = ()
    contents: tuple[Code, ...] = ()
    access_modes: tuple[Code, ...] = ()
    cancellation_reasons: tuple[Code, ...] = ()
    unfiled_outcomes: tuple[Code, ...] = ()
    verification_opinions: tuple[Code, ...] = ()
    domain_kinds: tuple[Code, ...] = ()
    attachment_formats: tuple[Code, ...] = ()
    attachment_purposes: tuple[Code, ...] = ()
    languages: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Synchronisation:
    """SJTB: what the bureau holds, so that the provider can compare; one of filings, addresses, domains, code tables."""

    filings: tuple[Filing, ...] = ()
    sources: tuple[SourceRange, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    broadcasts: tuple[Broadcast, ...] = ()
    customer_owned: tuple[CustomerOwned, ...] = ()
    domains: tuple[DomainRecord, ...] = ()
    code_tables: CodeTables | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """The root of a downloaded file; exactly one of the five is filled."""

    icp: FilingNews | None = None
    ip: AddressNews | None = None
    domains: DomainNews | None = None
    code_tables: CodeTables | None = None
    synchronisation: Synchronisation | None = None

"""Every record of an uploaded document on its own: its kind, its name for lists, and the names answers may come under."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openbeian.authority.messages.conditions import INDIVIDUAL
from openbeian.authority.messages.filing import Attachment
from openbeian.authority.messages.resources import AddressUse, Broadcast, SourceRange
from openbeian.authority.messages.upload import (
    AddressReports,
    Cancellation,
    Change,
    DomainReports,
    FilingReports,
    NewAccess,
    NewFiling,
    NewSites,
    UnfiledResult,
    Upload,
    VerificationResult,
)
from openbeian.kernel.text import Text
from openbeian.privacy.masking import mask_name

KINDS: dict[str, Text] = {
    "new_filings": Text("新增备案", "New filing"),
    "new_sites": Text("新增网站", "New site"),
    "new_accesses": Text("新增接入", "New access"),
    "changes": Text("变更备案", "Change"),
    "cancellations": Text("注销", "Cancellation"),
    "verifications": Text("核实结果", "Result of a verification"),
    "unfiled_results": Text("未备案处理结果", "Result about an unfiled site"),
    "materials": Text("核验材料", "Verification materials"),
    "new_sources": Text("IP 来源", "Address source"),
    "new_allocations": Text("IP 分配", "Address allocation"),
    "new_broadcasts": Text("IP 广播", "Address broadcast"),
    "new_customer_owned": Text("自带 IP", "Customer-owned addresses"),
    "changed_sources": Text("变更 IP 来源", "Changed source"),
    "changed_allocations": Text("变更 IP 分配", "Changed allocation"),
    "changed_broadcasts": Text("变更 IP 广播", "Changed broadcast"),
    "changed_customer_owned": Text("变更自带 IP", "Changed customer-owned addresses"),
    "removed_sources": Text("删除 IP 来源", "Removed source"),
    "removed_allocations": Text("删除 IP 分配", "Removed allocation"),
    "removed_broadcasts": Text("删除 IP 广播", "Removed broadcast"),
    "removed_customer_owned": Text("删除自带 IP", "Removed customer-owned addresses"),
    "added": Text("新增域名", "Domain added"),
    "changed": Text("变更域名", "Domain changed"),
    "removed": Text("删除域名", "Domain removed"),
}
"""Every kind of report by the field it stands in."""

_CANCELLED = {0: 6, 1: 7, 2: 5}
_OTHER_OPERATION = 4
"""V3.0's schema bounds the operation at 7, so results of kinds without one of their own come as changes; ours."""


@dataclass(frozen=True, slots=True)
class Single:
    """One record with the document it would travel in alone."""

    kind: str
    title: str
    upload: Upload
    keys: tuple[tuple[int, str], ...]


def list_singles(upload: Upload) -> Iterator[Single]:
    """The records of a document, in its order."""
    for family in ("icp", "ip", "domains"):
        body: FilingReports | AddressReports | DomainReports | None = getattr(upload, family)
        if body is None:
            continue
        for kind in KINDS:
            for record in getattr(body, kind, ()):
                alone: dict[str, Any] = {kind: (record,), "reporting_unit": body.reporting_unit}
                parts: dict[str, Any] = {family: type(body)(**alone)}
                keys = tuple((number, str(value)) for number, value in list_keys(kind, record) if value is not None)
                yield Single(kind, describe(record), Upload(**parts), keys)


def list_keys(kind: str, record: Any) -> Iterator[tuple[int, object]]:
    """Operation and identifier of every answer the record may get, as the specification prescribes per kind."""
    match record:
        case NewFiling():
            yield 1, record.subject.own_id if record.subject else None
        case NewSites():
            yield 2, record.subject_number
            yield 2, record.subject_id
            yield from ((2, site.own_id) for site in record.sites)
        case NewAccess():
            yield 3, record.own_id
            yield 3, record.site_number
        case Change():
            yield 4, record.subject.authority_id if record.subject else None
        case Cancellation():
            yield _CANCELLED.get(record.scope or 0, 6), record.record_id
        case VerificationResult():
            yield _OTHER_OPERATION, record.subject.authority_id if record.subject else None
        case UnfiledResult():
            yield _OTHER_OPERATION, record.domain
        case Attachment():
            yield _OTHER_OPERATION, record.owner_number or record.owner_id
        case int():
            yield 3, record
        case _:
            operation = 1 if kind.startswith(("new_", "added")) else 2 if kind.startswith("changed") else 3
            yield operation, getattr(record, "own_id", None)
            yield operation, getattr(record, "authority_id", None)


def describe(record: Any) -> str:
    """The record's name for lists; a natural person's name masked."""
    match record:
        case int():
            return str(record)
        case NewFiling() | Change() | VerificationResult():
            subject = record.subject
            name = (subject.name if subject else None) or ""
            sites = "、".join(site.name or "" for site in record.sites[:3])
            shown = mask_name(name) if subject and subject.nature == INDIVIDUAL else name
            return f"{shown} {sites}".strip()[:200]
        case SourceRange() | AddressUse() | Broadcast():
            ends = dict.fromkeys(str(end) for end in (record.first, record.last) if end is not None)
            unit = (record.unit_name or "") if isinstance(record, AddressUse) else ""
            is_person = isinstance(record, AddressUse) and record.unit_nature == INDIVIDUAL
            return f"{'-'.join(ends)} {mask_name(unit) if is_person else unit}".strip()[:200] or "—"
        case NewSites():
            return f"{record.subject_number or record.subject_id} " + "、".join(s.name or "" for s in record.sites[:3])
    words = []
    for field in ("name", "domain", "site_number", "site_id", "owner_number", "owner_id", "record_id", "first", "last"):
        value = getattr(record, field, None)
        if value is not None:
            words.append(str(value))
    return " ".join(words)[:200] or "—"

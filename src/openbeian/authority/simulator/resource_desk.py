"""Processes uploaded reports about IP addresses and domain names at the simulated bureau."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address
from typing import Any

from openbeian.authority.interface import explain_processing
from openbeian.authority.messages.conditions import list_condition_faults
from openbeian.authority.messages.download import (
    AddressNews,
    AddressResult,
    DomainNews,
    DomainResult,
    Finding,
    RelatedRange,
)
from openbeian.authority.messages.resources import Allocation, Broadcast, CustomerOwned, DomainRecord, SourceRange
from openbeian.authority.messages.upload import AddressReports, DomainReports, Upload
from openbeian.authority.simulator.store import Store
from openbeian.kernel import clock

ADD, CHANGE, DELETE = 1, 2, 3
RangeRecord = SourceRange | Allocation | Broadcast | CustomerOwned
_KINDS = ("sources", "allocations", "broadcasts", "customer_owned")
_RESULTS = {"sources": "source_results", "allocations": "allocation_results", "broadcasts": "broadcast_results"}
_RELATED = 50


class ResourceDesk:
    """Runs inside the caller's transaction."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def process_addresses(self, reports: AddressReports) -> AddressNews:
        """Each report with its result; sources before allocations, as they must be reported."""
        results: dict[str, Any] = {}
        for kind in _KINDS:
            answers = [self._add_range(kind, record) for record in getattr(reports, f"new_{kind}")]
            answers += [self._change_range(kind, record) for record in getattr(reports, f"changed_{kind}")]
            answers += [self._remove_range(kind, number) for number in getattr(reports, f"removed_{kind}")]
            results[_RESULTS.get(kind, "customer_owned_results")] = tuple(answers)
        return AddressNews(**results)

    def process_domains(self, reports: DomainReports) -> DomainNews:
        """Each report with its result."""
        answers = [self._add_domain(record) for record in reports.added]
        answers += [self._change_domain(record) for record in reports.changed]
        for removal in reports.removed:
            taken = self.store.connection.execute(
                "DELETE FROM held_domain WHERE id = ? OR name = ?", (removal.authority_id, (removal.name or "").lower())
            )
            code = 3998 if taken.rowcount else 3037
            answers.append(_domain_result(code, DELETE, removal.authority_id, None))
        return DomainNews(results=tuple(answers))

    def _add_range(self, kind: str, record: RangeRecord) -> AddressResult:
        code, related = self._inspect(kind, record, None)
        number = None
        if code == 2998:
            number = self.store.allot("held range")
            self.store.connection.execute(
                "INSERT INTO held_range VALUES (?, ?, ?, ?, ?)",
                (number, kind, record.own_id, int(record.first or 0), int(record.last or 0)),
            )
        return _address_result(code, ADD, number, record.own_id, related)

    def _change_range(self, kind: str, record: RangeRecord) -> AddressResult:
        code, related = self._inspect(kind, record, record.authority_id)
        if code == 2998:
            changed = self.store.connection.execute(
                "UPDATE held_range SET first = ?, last = ? WHERE id = ? AND kind = ?",
                (int(record.first or 0), int(record.last or 0), record.authority_id, kind),
            )
            code = 2998 if changed.rowcount else 2055
        return _address_result(code, CHANGE, record.authority_id, None, related)

    def _remove_range(self, kind: str, number: int) -> AddressResult:
        removed = self.store.connection.execute("DELETE FROM held_range WHERE id = ? AND kind = ?", (number, kind))
        return _address_result(2998 if removed.rowcount else 2055, DELETE, number, None, ())

    def _inspect(self, kind: str, record: RangeRecord, own: int | None) -> tuple[int, Sequence[RelatedRange]]:
        if record.first is None or record.last is None or record.first > record.last:
            return 2002, ()
        reported: dict[str, Any] = {f"new_{kind}": (record,)}
        if list_condition_faults(Upload(ip=AddressReports(**reported))):
            return 2999, ()
        related = self._list_overlapping(kind, record.first, record.last, own)
        if related:
            return (2004 if kind == "broadcasts" else 2003), related
        if kind == "allocations" and not self._is_sourced(record.first, record.last):
            return 2005, ()
        return 2998, ()

    def _list_overlapping(
        self, kind: str, first: IPv4Address, last: IPv4Address, own: int | None
    ) -> Sequence[RelatedRange]:
        rows = self.store.connection.execute(
            "SELECT id, own_id, first, last FROM held_range WHERE kind = ? AND first <= ? AND last >= ? AND id IS NOT ? LIMIT ?",
            (kind, int(last), int(first), own, _RELATED),
        )
        return [
            RelatedRange(authority_id=number, own_id=own_id, first=IPv4Address(low), last=IPv4Address(high))
            for number, own_id, low, high in rows
        ]

    def _is_sourced(self, first: IPv4Address, last: IPv4Address) -> bool:
        row = self.store.connection.execute(
            "SELECT 1 FROM held_range WHERE kind IN ('sources', 'customer_owned') AND first <= ? AND last >= ?",
            (int(first), int(last)),
        ).fetchone()
        return row is not None

    def _add_domain(self, record: DomainRecord) -> DomainResult:
        code = _inspect_domain(record)
        number = None
        if code == 3998:
            number = self.store.allot("held domain")
            added = self.store.connection.execute(
                "INSERT OR IGNORE INTO held_domain VALUES (?, ?, ?)",
                (number, (record.name or "").lower(), record.own_id),
            )
            code = 3998 if added.rowcount else 3999
        return _domain_result(code, ADD, number, record.own_id)

    def _change_domain(self, record: DomainRecord) -> DomainResult:
        code = _inspect_domain(record)
        if code == 3998:
            changed = self.store.connection.execute(
                "UPDATE OR IGNORE held_domain SET name = ? WHERE id = ?",
                ((record.name or "").lower(), record.authority_id),
            )
            code = 3998 if changed.rowcount else 3037
        return _domain_result(code, CHANGE, record.authority_id, None)


def _inspect_domain(record: DomainRecord) -> int:
    today = clock.today()
    if record.registered_on and record.registered_on > today:
        return 3035
    if record.expires_on and record.expires_on < today:
        return 3004
    return 3998


def _address_result(
    code: int, operation: int, number: int | None, own_id: int | None, related: Sequence[RelatedRange]
) -> AddressResult:
    finding = Finding(code=code, text=explain_processing(code).meaning.zh, related=tuple(related))
    return AddressResult(findings=(finding,), authority_id=number, operation=operation, own_id=own_id)


def _domain_result(code: int, operation: int, number: int | None, own_id: int | None) -> DomainResult:
    finding = Finding(code=code, text=explain_processing(code).meaning.zh)
    return DomainResult(findings=(finding,), authority_id=number, operation=operation, own_id=own_id)

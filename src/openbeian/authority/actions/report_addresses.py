"""Reports the provider's addresses: its own ranges as sources, then what its customers use as allocations."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from openbeian.authority.carrying import read_received_codes
from openbeian.authority.errors import DocumentNotSendable
from openbeian.authority.mapping.addresses import Customer, map_allocations, map_source
from openbeian.authority.mapping.codes import Codes
from openbeian.authority.mapping.ground import Numbering
from openbeian.authority.messages.resources import Allocation, SourceRange
from openbeian.authority.messages.upload import AddressReports, Upload
from openbeian.authority.models import Connection, Report
from openbeian.authority.operating import check_may_operate
from openbeian.authority.queries import get_connection
from openbeian.authority.reporting import begin_report, complete_report
from openbeian.kernel.actor import Actor
from openbeian.registry.models import Access
from openbeian.registry.record_values import sponsor_values

MOST_AT_ONCE = 1000
_GONE = (Report.State.REFUSED, Report.State.FAILED, Report.State.TAKEN_OUT, Report.State.REMOVED)


def report_addresses(actor: Actor, connection_id: int, source_unit: int) -> dict[str, int]:
    """Writes a report for each range that none stands for yet, at most a thousand at once; sources come first, as the
    specification asks. `source_unit` is the administration's number of the unit the ranges came from.

    Raises: NotPermitted, NotYourConnection, DocumentNotSendable.
    """
    check_may_operate(actor)
    connection = get_connection(actor, connection_id)
    with transaction.atomic():
        Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
        sources = _report_sources(actor, connection, source_unit)
        allocations = _report_allocations(actor, connection)
    return {"sources": sources, "allocations": allocations}


def _report_sources(actor: Actor, connection: Connection, source_unit: int) -> int:
    known, count = _list_known(connection, "new_sources"), 0
    for text in connection.provider.address_ranges:
        report = begin_report(actor, connection, text)
        record = map_source(text, source_unit, Numbering(report.pk))
        if record is None or text in known or count >= MOST_AT_ONCE:
            report.delete()
            continue
        _complete(actor, report, "new_sources", record)
        count += 1
    return count


def _report_allocations(actor: Actor, connection: Connection) -> int:
    known, codes, count = _list_known(connection, "new_allocations"), Codes(read_received_codes(connection)), 0
    accesses = Access.objects.filter(provider=connection.provider, cancelled_on__isnull=True)
    for access in accesses.select_related("service__sponsor__person").order_by("pk").iterator(chunk_size=200):
        sponsor = access.service.sponsor
        for text in access.ip_ranges:
            title = f"{text} {sponsor.number}"
            if title in known or count >= MOST_AT_ONCE:
                continue
            customer = Customer(sponsor_values(sponsor), (text,), access.granted_on)
            report = begin_report(actor, connection, title)
            records = list(map_allocations([customer], Numbering(report.pk), codes))
            if codes.faults:
                raise DocumentNotSendable(faults=codes.faults)
            if not records:
                report.delete()
                continue
            known.add(title)
            _complete(actor, report, "new_allocations", records[0])
            count += 1
    return count


def _complete(actor: Actor, report: Report, kind: str, record: SourceRange | Allocation) -> None:
    body = AddressReports(reporting_unit=report.connection.provider_number, **{kind: (record,)})  # type: ignore[arg-type]  # kind names the field
    complete_report(actor, report, kind, Upload(ip=body), [(1, str(record.own_id))])


def _list_known(connection: Connection, kind: str) -> set[str]:
    standing: Iterable[str] = (
        Report.objects.filter(connection=connection, kind=kind).exclude(state__in=_GONE).values_list("title", flat=True)
    )
    return set(standing)

"""Waiting reports become one file: the oldest's kind, up to the interface's records and bytes, packed once for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models import Q, QuerySet

from openbeian.authority import envelope
from openbeian.authority.errors import DocumentNotSendable
from openbeian.authority.interface import get_interface
from openbeian.authority.messages.reader import read_upload
from openbeian.authority.messages.upload import AddressReports, DomainReports, FilingReports, Upload
from openbeian.authority.messages.writer import write
from openbeian.authority.models import Batch, Connection, Report
from openbeian.kernel import clock
from openbeian.kernel.text import Text

_MARGIN_BYTES = 4096
_UNDER_WAY = ("administration_review",)
_CONFIRMING = ("awaiting_sms",)
_RETURNED = Text(
    "办件在核验期间退回或结束，没有上报。",
    "The case was returned or ended before it was confirmed, and was not reported.",
)


def pack_reports(connection: Connection) -> Batch | None:
    """Packs the next file unless one waits already; None when there is nothing to pack.

    One file holds one kind of report, as the specification's wording suggests.
    """
    with transaction.atomic():
        Connection.objects.select_for_update().get(pk=connection.pk)
        if Batch.objects.filter(connection=connection, state=Batch.State.WAITING).exists():
            return None
        _drop_returned(connection)
        chosen = _choose(list_ready(connection))
        if not chosen:
            return None
        batch = Batch.objects.create(connection=connection, kind=chosen[0].kind, created_at=clock.now())
        xml = write(_merge(chosen, connection.provider_number))
        batch.archive = envelope.compress(xml, batch.file_name)
        batch.records, batch.xml_bytes = len(chosen), len(xml)
        batch.save()
        Report.objects.filter(pk__in=[r.pk for r in chosen]).update(state=Report.State.PACKED, batch=batch)
        return batch


def list_ready(connection: Connection) -> QuerySet[Report]:
    """Reports that may leave now, oldest first: held ones only once their case's persons have confirmed."""
    waiting = Report.objects.filter(connection=connection, state=Report.State.WAITING)
    return waiting.filter(Q(is_held=False) | Q(case__state__in=_UNDER_WAY)).order_by("pk")


def _choose(ready: QuerySet[Report]) -> list[Report]:
    """As many of the oldest's kind as fit; content is read one report at a time, sizes come from the rows."""
    limits = get_interface().limits
    first = ready.only("kind").first()
    if first is None:
        return []
    sizes = ready.filter(kind=first.kind).values_list("pk", "size_bytes")[: limits.file_records]
    room = limits.file_bytes - _MARGIN_BYTES
    fitting: list[int] = []
    for number, size in sizes:
        if fitting and size > room:
            break
        room -= size
        fitting.append(number)
    # Locked, so that nobody takes one out between here and the file.
    chosen = Report.objects.select_for_update().filter(pk__in=fitting, state=Report.State.WAITING)
    return list(chosen.order_by("pk"))


def _merge(reports: Sequence[Report], provider_number: int) -> Upload:
    """The single records of the reports' documents in one document, in their order."""
    documents = [read_upload(report.content.encode("gbk")).document for report in reports]
    kind = reports[0].kind
    for family in ("icp", "ip", "domains"):
        parts = [part for document in documents if (part := getattr(document, family)) is not None]
        if not parts:
            continue
        empty: FilingReports | AddressReports | DomainReports = type(parts[0])(reporting_unit=provider_number)
        records = tuple(record for part in parts for record in getattr(part, kind))
        return Upload(**{family: replace(empty, **{kind: records})})  # type: ignore[arg-type]  # family names the field
    raise DocumentNotSendable


def _drop_returned(connection: Connection) -> None:
    """Held reports whose case was returned, failed or abandoned meanwhile leave the outbox; a new one comes with it."""
    held = Report.objects.filter(connection=connection, state=Report.State.WAITING, is_held=True)
    held.exclude(case__state__in=(*_UNDER_WAY, *_CONFIRMING)).update(
        state=Report.State.TAKEN_OUT, reason_zh=_RETURNED.zh, reason_en=_RETURNED.en, ended_at=clock.now()
    )

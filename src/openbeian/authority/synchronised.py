"""SJTB about addresses and domains: what the administration holds is tied to our reports and records, the rest shown."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from openbeian.authority.incoming import write_record
from openbeian.authority.mapping.records import describe
from openbeian.authority.mapping.resources import wrap, write_range
from openbeian.authority.messages.download import Download, Synchronisation
from openbeian.authority.messages.upload import Upload
from openbeian.authority.messages.writer import list_faults, write
from openbeian.authority.models import Connection, Item, ReceivedFile, Report, ReportKey
from openbeian.kernel import clock
from openbeian.kernel.ip_ranges import normalise_ip_range
from openbeian.kernel.text import Text
from openbeian.registry.models import Access, Provider, ServiceDomain

KINDS = ("sources", "allocations", "broadcasts", "customer_owned", "domains")
_ADDED = 1
_FOREIGN_UNIT = Text(
    "未据此改动登记：该记录由编号 {unit} 的单位上报，不是本单位。",
    "Not applied: unit {unit} reported it, not this provider.",
)
_UNKNOWN = Text(
    "未据此改动登记：本系统没有对应的上报，登记中也没有这个地址段或域名。请核对是否由其他系统上报。",
    "Not applied: no report here is about it, and no range or domain on record equals it. Check whether another "
    "system reported it.",
)


def take_in_resources(connection: Connection, file: ReceivedFile, sync: Synchronisation) -> dict[str, int]:
    """Ties each record to the report it came from, or to what stands on record; an item says why where neither is.

    In the caller's transaction; safe to repeat. Returns how many were tied and how many shown.
    """
    tied, items, ours = 0, [], _OurRecord(connection.provider)
    for kind in KINDS:
        for record in getattr(sync, kind):
            reason = _tie(connection, kind, record, ours)
            if reason is None:
                tied += 1
                continue
            alone: dict[str, Any] = {kind: (record,)}
            part = Synchronisation(**alone)
            items.append(
                Item(
                    file=file, connection=connection, kind=f"synchronised_{kind}",
                    title=describe(record)[:300], note_zh=reason.zh, note_en=reason.en,
                    content=write_record(Download(synchronisation=part)), is_open=False,
                )
            )  # fmt: skip
    Item.objects.bulk_create(items, batch_size=500)
    return {"tied": tied, "shown": len(items)}


class _OurRecord:
    """What the provider's own record holds, each read once a file: address ranges, its customers' accesses, domains."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    def find_title(self, kind: str, record: Any) -> str | None:
        """The title a report would have here, when the record holds exactly this."""
        if kind == "domains":
            name = (record.name or "").lower()
            return name if name in self._domains else None
        if record.first is None or record.last is None:
            return None
        held = self._accesses if kind == "allocations" else self._ranges
        return held.get(write_range(record.first, record.last))

    @cached_property
    def _domains(self) -> set[str]:
        mine = ServiceDomain.objects.filter(is_live=True, service__accesses__provider=self.provider)
        return set(mine.values_list("domain", flat=True))

    @cached_property
    def _ranges(self) -> dict[str, str]:
        return {normalise_ip_range(text): text for text in self.provider.address_ranges}

    @cached_property
    def _accesses(self) -> dict[str, str]:
        accesses = Access.objects.filter(provider=self.provider, cancelled_on__isnull=True)
        found = accesses.values_list("ip_ranges", "service__sponsor__number")
        return {text: f"{text} {number}" for ranges, number in found for text in ranges}


def _tie(connection: Connection, kind: str, record: Any, ours: _OurRecord) -> Text | None:
    """None when the record is tied now; else why it is not."""
    unit = getattr(record, "reporting_unit", None)
    if unit is not None and unit != connection.provider_number:
        return _FOREIGN_UNIT.format(unit=unit)
    report = _find_report(connection, kind, record)
    if report is not None:
        Report.objects.filter(pk=report.pk).update(authority_id=record.authority_id)
        return None
    title = ours.find_title(kind, record)
    if title is None:
        return _UNKNOWN
    _adopt(connection, kind, record, title)
    return None


def _find_report(connection: Connection, kind: str, record: Any) -> Report | None:
    reports = Report.objects.filter(connection=connection, kind=_name(kind))
    known = reports.filter(authority_id=record.authority_id).first() if record.authority_id else None
    if known is not None or record.own_id is None:
        return known
    family = "domains" if kind == "domains" else "ip"
    return reports.filter(
        keys__family=family, keys__operation=_ADDED, keys__value=str(record.own_id)
    ).first()  # fmt: skip


def _adopt(connection: Connection, kind: str, record: Any, title: str) -> None:
    """A report that another system sent before: it stands as done, so that it is not repeated and can be changed."""
    name, upload = wrap(kind, record, connection.provider_number)
    now = clock.now()
    content = _write(upload)
    report = Report.objects.create(
        connection=connection, kind=name, title=title[:200], content=content, size_bytes=len(content),
        state=Report.State.DONE, authority_id=record.authority_id, created_at=now, ended_at=now,
    )  # fmt: skip
    if record.own_id is not None:
        family = "domains" if kind == "domains" else "ip"
        ReportKey.objects.create(report=report, family=family, operation=_ADDED, value=str(record.own_id))


def _write(upload: Upload) -> str:
    """The record as a report; empty where what came is too incomplete to be one."""
    return "" if list_faults(upload) else write(upload).decode("gbk")


def _name(kind: str) -> str:
    return "added" if kind == "domains" else f"new_{kind}"

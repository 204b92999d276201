"""Writing a report into the outbox, in the transaction of whatever asks for it."""

from __future__ import annotations

from collections.abc import Iterable

from openbeian.authority.errors import DocumentNotSendable
from openbeian.authority.events import ReportWritten
from openbeian.authority.interface import get_interface
from openbeian.authority.messages.conditions import list_condition_faults
from openbeian.authority.messages.upload import Upload
from openbeian.authority.messages.writer import write
from openbeian.authority.models import Connection, Report, ReportKey
from openbeian.jobs.actions.enqueue_job import enqueue_job
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor

Keys = Iterable[tuple[int, str]]


def begin_report(actor: Actor, connection: Connection, title: str) -> Report:
    """An empty report, whose number the parts of its record are numbered by; `complete_report` fills it."""
    return Report.objects.create(
        connection=connection,
        title=title[:200],
        size_bytes=0,
        created_by_id=actor.user_id,
        created_at=clock.now(),
    )


def complete_report(actor: Actor, report: Report, kind: str, upload: Upload, keys: Keys, *, wakes: bool = True) -> None:
    """Writes the record, the names its answers may come under, the journal entry and the job that sends it.

    Who writes many at once says `wakes=False` and calls `wake_exchange` once.

    Raises: DocumentNotSendable for what the wire cannot carry; then nothing is written.
    """
    faults = list_condition_faults(upload)
    if faults:
        raise DocumentNotSendable(faults=faults)
    xml = write(upload)
    if len(xml) > get_interface().limits.file_bytes:
        raise DocumentNotSendable
    report.kind, report.content, report.size_bytes = kind, xml.decode("gbk"), len(xml)
    report.save()
    family = "icp" if upload.icp else "ip" if upload.ip else "domains"
    ReportKey.objects.bulk_create(
        ReportKey(report=report, family=family, operation=operation, value=value[:128])
        for operation, value in dict.fromkeys(keys)
    )
    if wakes:
        wake_exchange(report.connection, f"r{report.pk}")
    record_event(
        ReportWritten, actor, ("report", report.pk), concerns=(report.connection.provider.organisation_id,),
        after={"kind": kind, "case": report.case.reference if report.case else None},
    )  # fmt: skip


def wake_exchange(connection: Connection, why: str) -> None:
    """Has a worker exchange files at once, instead of at its next round."""
    enqueue_job("authority.exchange", f"{connection.pk}:{why}", {"connection": connection.pk})

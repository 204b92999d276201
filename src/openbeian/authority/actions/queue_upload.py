"""Puts the records of a prepared document into the outbox, each as a report of its own."""

from __future__ import annotations

from django.db import transaction

from openbeian.authority.errors import DocumentNotSendable, DocumentUnreadable
from openbeian.authority.mapping.records import list_singles
from openbeian.authority.messages.conditions import list_condition_faults
from openbeian.authority.messages.reader import read_upload
from openbeian.authority.models import Report
from openbeian.authority.operating import check_may_operate
from openbeian.authority.queries import get_connection
from openbeian.authority.reporting import begin_report, complete_report, wake_exchange
from openbeian.kernel.actor import Actor
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text

MOST_RECORDS = 1000
_CORRECT = Text("按 V3.0 结构更正文件后重试。", "Correct the file to the structure of V3.0 and try again.")


def queue_upload(actor: Actor, connection_id: int, xml: bytes) -> list[Report]:
    """For what no case of ours makes: addresses, domains, materials. All records or none.

    Raises: NotPermitted, NotYourConnection, DocumentUnreadable, DocumentNotSendable with a fault per place.
    """
    check_may_operate(actor)
    connection = get_connection(actor, connection_id)
    reading = read_upload(xml)
    faults = [
        Fault(
            d.path,
            Text("与接口结构不符", "it does not fit the interface's structure"),
            _CORRECT,
            f"v3.{d.kind}",
            d.value,
        )
        for d in reading.deviations
    ]
    faults += list_condition_faults(reading.document)
    body = reading.document.icp or reading.document.ip or reading.document.domains
    if body is not None and body.reporting_unit != connection.provider_number:
        message = Text("Qqdwid 不是本对接的单位编号", "Qqdwid is not this connection's number")
        faults.append(Fault("Qqdwid", message, _CORRECT, "v3.reporting_unit", str(body.reporting_unit)))
    if faults:
        raise DocumentNotSendable(faults=faults)
    singles = list(list_singles(reading.document))
    if not 1 <= len(singles) <= MOST_RECORDS:
        raise DocumentUnreadable(Text("没有可上报的记录", "there is no record to report"))
    reports = []
    with transaction.atomic():
        for single in singles:
            report = begin_report(actor, connection, single.title)
            complete_report(actor, report, single.kind, single.upload, single.keys, wakes=False)
            reports.append(report)
        wake_exchange(connection, f"r{reports[-1].pk}")
    return reports

"""Puts a report that could not be sent, or whose file was refused as a whole, back into the outbox."""

from __future__ import annotations

from django.db import transaction

from openbeian.authority.errors import ReportNotMovable
from openbeian.authority.events import ReportRetried
from openbeian.authority.models import Connection, Report
from openbeian.authority.operating import check_may_operate, name_state
from openbeian.authority.queries import get_report
from openbeian.authority.reporting import wake_exchange
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text


def retry_report(actor: Actor, report_id: int) -> Report:
    """The report travels again in a new file; the refused one keeps its record.

    Raises: NotPermitted, NotYourConnection, ReportNotMovable.
    """
    check_may_operate(actor)
    with transaction.atomic():
        report = Report.objects.select_for_update(of=("self",)).get(pk=get_report(actor, report_id).pk)
        if report.state != Report.State.FAILED or not report.content:
            raise ReportNotMovable(state=name_state(report.state), verb=Text("重新上报", "retry"))
        report.state, report.batch = Report.State.WAITING, None
        report.reason_zh = report.reason_en = ""
        report.result_code = None
        report.save()
        Connection.objects.filter(pk=report.connection_id).update(send_after=None, send_attempts=0)
        wake_exchange(report.connection, f"r{report.pk}:{clock.now():%H%M%S%f}")
        record_event(ReportRetried, actor, ("report", report.pk), after={"kind": report.kind})
        return report

"""Takes a report out of the outbox; its case, if it has one, goes on by the outside channel."""

from __future__ import annotations

from django.db import transaction

from openbeian.authority.errors import ReportNotMovable
from openbeian.authority.events import ReportTakenOut
from openbeian.authority.models import Report
from openbeian.authority.operating import MOVABLE, check_may_operate, name_state
from openbeian.authority.queries import get_report
from openbeian.cases.actions.change_channel import OPEN_STATES, change_channel
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM, Actor
from openbeian.kernel.text import Text


def take_out_report(actor: Actor, report_id: int) -> Report:
    """Not while its file is on the way: then only the administration's answer says what became of it.

    Raises: NotPermitted, NotYourConnection, ReportNotMovable.
    """
    check_may_operate(actor)
    with transaction.atomic():
        report = Report.objects.select_for_update(of=("self",)).get(pk=get_report(actor, report_id).pk)
        if report.state not in MOVABLE:
            raise ReportNotMovable(state=name_state(report.state), verb=Text("撤出", "take it out"))
        report.state, report.ended_at = Report.State.TAKEN_OUT, clock.now()
        report.save(update_fields=["state", "ended_at"])
        case = report.case
        if case is not None and case.channel == "interface" and case.state in OPEN_STATES:
            # The right to move the report was checked above; a provider's administrator need not be a reviewer.
            change_channel(SYSTEM, case.pk)
        record_event(ReportTakenOut, actor, ("report", report.pk), after={"kind": report.kind})
        return report

"""Asks the administration to strike an address range or domain that it has from a report of ours."""

from __future__ import annotations

from django.db import transaction

from openbeian.authority.errors import ReportNotMovable
from openbeian.authority.mapping.resources import find_resource_kind, wrap_removal
from openbeian.authority.models import Report
from openbeian.authority.operating import check_may_operate, name_state
from openbeian.authority.queries import get_report
from openbeian.authority.reporting import begin_report, complete_report
from openbeian.authority.resource_reports import find_number
from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text


def remove_resource(actor: Actor, report_id: int) -> Report:
    """Writes the report that strikes it; the first one counts as removed once the administration has agreed.

    Raises: NotPermitted, NotYourConnection, ReportNotMovable.
    """
    check_may_operate(actor)
    with transaction.atomic():
        standing = Report.objects.select_for_update(of=("self",)).get(pk=get_report(actor, report_id).pk)
        kind = find_resource_kind(standing.kind)
        if kind is None:
            raise ReportNotMovable(state=name_state(standing.state), verb=Text("删除", "remove"))
        number = find_number(actor, report_id, kind)
        report = begin_report(actor, standing.connection, standing.title)
        report.authority_id = number
        name, upload = wrap_removal(kind, number, standing.connection.provider_number)
        complete_report(actor, report, name, upload, [(3, str(number))])
        return report

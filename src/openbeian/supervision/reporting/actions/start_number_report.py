"""Begins a year's report on a number resource, with every figure that something here already knows."""

from __future__ import annotations

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.kernel.text import Text
from openbeian.registry.errors import RecordNotYours
from openbeian.registry.models import NumberResource, Standing
from openbeian.supervision.reporting.beginning import begin_report
from openbeian.supervision.reporting.decisions.windows import explain_number_owed
from openbeian.supervision.reporting.errors import ReportNotOwed
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.queries import find_window


def start_number_report(actor: Actor, resource_id: int, year: int) -> AnnualReport:
    """A draft of one's own organisation, of one number for one year.

    Raises: NotPermitted, RecordNotYours, ReportNotOwed, ReportOnRecord.
    """
    check_permitted(actor, "case.write")
    if actor.organisation_id is None:
        raise NotPermitted(permission="case.write")
    own = NumberResource.objects.select_related("licence__sponsor", "organisation")
    own = own.filter(organisation_id=actor.organisation_id).exclude(standing=Standing.CANCELLED)
    resource = own.filter(pk=resource_id).first()
    if resource is None:
        raise RecordNotYours
    why = explain_number_owed(resource.assigned_on, year, clock.today())
    if why is None and find_window(year, AnnualReport.Regime.NUMBER).opens_on is None:
        why = Text("没有查到当年的规定。", "No rule of that year is known.")
    if why is not None:
        raise ReportNotOwed(number=resource.number, year=year, why=why)
    return begin_report(actor, resource, year, AnnualReport.Regime.NUMBER)

"""What reports about address ranges and domains share: the administration's number, and faults at the fields typed."""

from __future__ import annotations

from dataclasses import replace

from openbeian.authority.errors import DocumentNotSendable, ReportNotMovable
from openbeian.authority.mapping.resources import find_resource_kind
from openbeian.authority.messages.conditions import list_condition_faults
from openbeian.authority.messages.upload import Upload
from openbeian.authority.messages.writer import list_faults
from openbeian.authority.models import Report
from openbeian.authority.operating import name_state
from openbeian.authority.queries import get_report
from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text


def find_number(actor: Actor, report_id: int, kind: str) -> int:
    """The administration's number of what a report is about, which is locked until the caller's transaction ends.

    Raises: NotYourConnection, ReportNotMovable.
    """
    report = get_report(actor, report_id)
    Report.objects.select_for_update(of=("self",)).only("pk").get(pk=report.pk)  # or two changes would pass at once
    if report.authority_id is None or find_resource_kind(report.kind) != kind or not is_standing(report):
        raise ReportNotMovable(state=name_state(report.state), verb=Text("变更或删除", "change or remove"))
    return report.authority_id


def is_standing(report: Report) -> bool:
    """Whether the administration holds what this report is about, and no later one changed it: it may be changed now."""
    kind = find_resource_kind(report.kind)
    if kind is None or report.authority_id is None or report.state != Report.State.DONE:
        return False
    if report.kind.startswith("removed"):
        return False
    later = Report.objects.filter(
        connection_id=report.connection_id, authority_id=report.authority_id, pk__gt=report.pk
    ).exclude(state__in=(Report.State.REFUSED, Report.State.FAILED, Report.State.TAKEN_OUT))
    return not any(find_resource_kind(found) == kind for found in later.values_list("kind", flat=True))


def check_sendable(upload: Upload) -> None:
    """Raises: DocumentNotSendable whose faults name the fields that were typed."""
    faults = [*list_faults(upload), *list_condition_faults(upload)]
    if faults:
        raise DocumentNotSendable(faults=[replace(f, field=_name_typed(f.field)) for f in faults])


def _name_typed(path: str) -> str:
    """ip.new_broadcasts.0.first → range; …registrant_city → registrant_region."""
    name = path.rpartition(".")[2]
    if name in {"first", "last"}:
        return "range"
    for part in ("province", "city", "county"):
        if name.endswith(part):
            return name.removesuffix(part) + "region"
    return name

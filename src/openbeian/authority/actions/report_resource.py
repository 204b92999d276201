"""Reports one address range or domain that a person described, or a change of one the administration has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from openbeian.authority.mapping.ground import Numbering
from openbeian.authority.mapping.records import describe, list_keys
from openbeian.authority.mapping.resources import map_resource, wrap
from openbeian.authority.models import Report
from openbeian.authority.operating import check_may_operate
from openbeian.authority.queries import get_connection
from openbeian.authority.reporting import begin_report, complete_report
from openbeian.authority.resource_reports import check_sendable, find_number
from openbeian.kernel.actor import Actor


def report_resource(
    actor: Actor, connection_id: int, kind: str, values: Mapping[str, Any], *, changes_report: int | None = None
) -> Report:
    """`kind` and `values` as `mapping.resources`; `changes_report` is the report whose record this changes.

    Raises: NotPermitted, NotYourConnection, ReportNotMovable, DocumentNotSendable with a fault per field.
    """
    check_may_operate(actor)
    connection = get_connection(actor, connection_id)
    with transaction.atomic():
        if changes_report is None:
            report = begin_report(actor, connection, "")
            identity = {"own_id": Numbering(report.pk).take(kind)}
        else:
            identity = {"authority_id": find_number(actor, changes_report, kind)}
            report = begin_report(actor, connection, "")
        record = map_resource(kind, values, **identity)
        name, upload = wrap(kind, record, connection.provider_number, changes=changes_report is not None)
        check_sendable(upload)
        report.title = describe(record)[:200]
        report.authority_id = identity.get("authority_id")
        keys = [(number, str(value)) for number, value in list_keys(name, record) if value is not None]
        complete_report(actor, report, name, upload, keys)
        return report

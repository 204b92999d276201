"""Lets the doctor look at a connection and keeps what it found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openbeian.authority.connecting import open_client
from openbeian.authority.doctor import examine
from openbeian.authority.errors import NotAnswered
from openbeian.authority.models import Connection
from openbeian.authority.soap.client import AuthorityClient
from openbeian.jobs.decisions import Progress
from openbeian.kernel import clock


def examine_connection(
    connection_id: int, progress: Progress, open_connection: Callable[[Connection], AuthorityClient] = open_client
) -> dict[str, Any]:
    """Asks the live end, a question at a time; reads only. Returns how many checks are not met."""
    connection = Connection.objects.get(pk=connection_id)
    findings = []
    try:
        with open_connection(connection) as client:
            for number, check in enumerate(examine(client)):
                progress(number, 0)
                findings.append({"check": check.name, "state": check.state, **check.finding.as_json()})
    except NotAnswered as error:
        findings.append({"check": "address", "state": "not met", **error.text.as_json()})
    Connection.objects.filter(pk=connection_id).update(findings=findings, examined_at=clock.now())
    return {"not_met": sum(1 for finding in findings if finding["state"] == "not met")}

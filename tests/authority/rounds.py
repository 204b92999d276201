"""One round of the exchange with a bureau whose desk decides as the test says, and cases that travel in it."""

from __future__ import annotations

from typing import Any

from tests.authority.connections import give_papers_files, make_approved_case
from tests.cases.factories import PROMISES, World, add_papers, approve

from openbeian.authority.actions.exchange_files import exchange_files
from openbeian.authority.models import Connection, Report
from openbeian.authority.simulator.desk import Question, Verdict
from openbeian.cases.actions.forward_case import forward_case
from openbeian.cases.actions.save_draft import save_draft
from openbeian.cases.actions.start_case import start_case
from openbeian.cases.actions.submit_case import submit_case
from openbeian.cases.models import Case
from openbeian.registry.models import Service

_BY_SERVICE = {"change_service", "cancel_service", "change_access", "cancel_access", "add_access"}


class Decider:
    """A review desk that decides as the test says."""

    def __init__(self) -> None:
        self.verdict: Verdict | None = Verdict(is_approved=True)

    def decide(self, question: Question) -> Verdict | None:
        return self.verdict


def exchange(connection: Connection) -> None:
    """One round now, whatever pauses stand."""
    Connection.objects.filter(pk=connection.pk).update(send_after=None, receive_after=None)
    exchange_files(connection.pk, lambda done, total: None)


def file_first(world: World, connection: Connection) -> Case:
    """A first filing, forwarded, approved and numbered."""
    case = make_approved_case(world)
    forward_case(world.reviewer, case.pk)
    exchange(connection)
    case.refresh_from_db()
    assert case.state == "granted", Report.objects.get(case=case).reason_zh
    return case


def start_from_record(world: World, connection: Connection, procedure: str, **changes: Any) -> Case:
    """A case about the filing on record, approved and forwarded, whatever the procedure asks."""
    service = Service.objects.get()
    by_service = {"service_id": service.pk} if procedure in _BY_SERVICE else {}
    draft = start_case(
        world.applicant, procedure, sponsor_id=service.sponsor_id, provider_id=world.provider.pk, **by_service
    )
    typed = {"provider_id": str(world.provider.pk), **PROMISES, **changes}
    case = save_draft(world.applicant, draft.pk, typed)
    add_papers(case)
    give_papers_files(case)
    case = approve(world, submit_case(world.applicant, case.pk))
    return forward_case(world.reviewer, case.pk)

"""The API: nothing without a token, nobody else's record, personal data masked, refusals in one shape, schema kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi import checks as specs_checks
from tests.accounts.factories import make_member, make_organisation
from tests.registry.factories import make_service, make_sponsor

from openbeian.accounts.acting import actor_of
from openbeian.accounts.actions.issue_token import issue_token
from openbeian.accounts.actions.revoke_token import revoke_token
from openbeian.accounts.models import Organisation
from openbeian.cases.models import Case
from openbeian.journal.models import Entry
from openbeian.wsgi import application

pytestmark = pytest.mark.django_db


class Caller:
    """A program with a token of an organisation."""

    def __init__(self, organisation: Organisation | None = None, role: str = "applicant") -> None:
        self.organisation = organisation or make_organisation()
        self.actor = actor_of(make_member(self.organisation, role), "web")
        self.token, self.secret = issue_token(self.actor, "测试", 30)
        self.headers = {"Authorization": f"Bearer {self.secret}"}

    def call(self, verb: str, path: str, body: Any = None) -> Any:
        more = {"data": body, "content_type": "application/json"} if body is not None else {}
        return getattr(Client(), verb)(f"/api{path}", headers=self.headers, **more)


@pytest.fixture
def same_connection() -> Iterator[None]:
    """Requests through WSGI leave the test's connection, and with it its transaction, open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def is_refusal(response: Any, status: int, code: str) -> bool:
    body = response.json()
    return response.status_code == status and body["error"] == code and set(body["message"]) == {"zh", "en"}


@pytest.mark.parametrize(
    "path", ["/cases", "/cases/1", "/sponsors", "/services", "/jobs/1", "/inspections", "/inspections/1"]
)
def test_without_a_valid_token_nothing_is_answered(path: str) -> None:
    caller = Caller()
    assert is_refusal(Client().get(f"/api{path}"), 401, "token_missing")
    revoke_token(caller.actor, caller.token.pk)
    assert is_refusal(caller.call("get", path), 401, "token_missing")


def test_a_case_is_started_written_and_read_through_the_door_of_the_api() -> None:
    caller = Caller()
    started = caller.call("post", "/cases", {"procedure": "first_filing"})
    assert started.status_code == 201
    case = started.json()
    values = {"sponsor.name": "北京示例有限公司", "sponsor.person.mobile": "13800138000"}
    written = caller.call("patch", f"/cases/{case['id']}", {"values": values, "revision": case["revision"]})
    assert written.status_code == 200
    form = written.json()["form"]
    assert form["sponsor"]["name"] == "北京示例有限公司"
    assert form["sponsor"]["person"]["mobile"] == "138****8000"
    assert Case.objects.get().form["sponsor"]["person"]["mobile"] == "13800138000"
    assert set(Entry.objects.filter(event__startswith="case.").values_list("door", flat=True)) == {"api"}
    stale = caller.call("patch", f"/cases/{case['id']}", {"values": values, "revision": case["revision"]})
    assert stale.status_code == 409
    (listed,) = caller.call("get", "/cases").json()["items"]
    assert listed["reference"] == case["reference"]


def test_a_masked_value_sent_back_is_refused_and_nothing_is_written() -> None:
    caller = Caller()
    case = caller.call("post", "/cases", {"procedure": "first_filing"}).json()
    values = {"sponsor.name": "新名", "sponsor.person.mobile": "138****8000"}
    refused = caller.call("patch", f"/cases/{case['id']}", {"values": values, "revision": case["revision"]})
    assert is_refusal(refused, 422, "values_unfit")
    assert refused.json()["faults"][0]["field"] == "sponsor.person.mobile"
    assert Case.objects.get().form["sponsor"]["name"] == ""


@pytest.mark.parametrize("value", [{"a": 1}, [1], 7, "x" * 3000, True])
def test_a_value_of_another_type_is_refused_before_anything_reads_it(value: Any) -> None:
    caller = Caller()
    case = caller.call("post", "/cases", {"procedure": "first_filing"}).json()
    body = {"values": {"sponsor.name": value}, "revision": case["revision"]}
    assert is_refusal(caller.call("patch", f"/cases/{case['id']}", body), 422, "values_unfit")


def test_an_incomplete_case_is_refused_with_every_fault() -> None:
    caller = Caller()
    case = caller.call("post", "/cases", {"procedure": "first_filing"}).json()
    refused = caller.call("post", f"/cases/{case['id']}/submit", {"revision": case["revision"]})
    assert is_refusal(refused, 422, "case_incomplete")
    assert len(refused.json()["faults"]) > 5


def test_nobody_sees_or_changes_what_is_another_organisations() -> None:
    owner, stranger = Caller(), Caller()
    make_service(make_sponsor(owner.organisation))
    case = owner.call("post", "/cases", {"procedure": "first_filing"}).json()
    assert is_refusal(stranger.call("get", f"/cases/{case['id']}"), 404, "case_not_found")
    body = {"values": {"sponsor.name": "我的"}, "revision": case["revision"]}
    assert is_refusal(stranger.call("patch", f"/cases/{case['id']}", body), 404, "case_not_found")
    for path in ("/cases", "/sponsors", "/services"):
        assert stranger.call("get", path).json()["total"] == 0
        assert owner.call("get", path).json()["total"] == 1


def test_personal_data_on_record_is_masked() -> None:
    caller = Caller()
    sponsor = make_sponsor(caller.organisation)
    text = caller.call("get", "/sponsors").content.decode()
    assert sponsor.person.mobile not in text
    assert sponsor.certificate_number not in text


def test_lists_come_in_pages_and_a_page_is_bounded() -> None:
    caller = Caller()
    sponsor = make_sponsor(caller.organisation)
    numbers = [make_service(sponsor).number for _ in range(3)]
    page = caller.call("get", "/services?page=2&page_size=2").json()
    assert ([s["number"] for s in page["items"]], page["total"]) == (numbers[2:], 3)
    assert is_refusal(caller.call("get", "/services?page_size=1000"), 422, "request_invalid")


def test_anybody_may_look_up_the_public_record() -> None:
    Caller()  # while nobody exists at all, every address leads to the first run
    service = make_service()
    answer = Client().get("/api/lookup", {"q": service.number}).json()
    assert answer["results"][0]["number"] == service.number


def test_the_page_about_the_api_needs_no_script_and_names_every_address() -> None:
    Caller()
    page = Client().get("/api/docs")
    assert page.status_code == 200
    assert "/api/cases/{case_id}/submit" in page.content.decode()


@pytest.mark.usefixtures("same_connection")
def test_no_request_that_the_schema_allows_gets_an_answer_that_it_does_not() -> None:
    caller = Caller()
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
    names = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
    checks = [getattr(specs_checks, n, None) or getattr(schemathesis.checks, n) for n in names]
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def run(case: Any) -> None:
            case.call_and_validate(headers=caller.headers, checks=checks)

        run()

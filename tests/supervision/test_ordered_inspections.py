"""An officer orders an inspection of one named holder, with the reason; inspections over API and command line."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.accounts.factories import make_actor
from tests.api.test_api import Caller
from tests.documents.test_extracts import text_of as paper_text
from tests.registry.factories import make_service, make_sponsor
from tests.supervision.inspection_factories import NOON, Office, fill_in, make_inspection, make_office
from tests.web.pages import parse, sign_in, text_of

from openbeian.accounts.models import User
from openbeian.documents.models import Paper
from openbeian.documents.paper import render_paper
from openbeian.entrypoints.cli import main
from openbeian.journal.models import Entry as JournalEntry
from openbeian.kernel import clock
from openbeian.kernel.actor import NotPermitted
from openbeian.registry.models import Licence
from openbeian.supervision.inspections.actions.conclude_inspection import conclude_inspection
from openbeian.supervision.inspections.actions.declare_conflict import declare_conflict
from openbeian.supervision.inspections.actions.order_inspection import order_inspection
from openbeian.supervision.inspections.drawing import is_reproducible
from openbeian.supervision.inspections.errors import InspectorsMissing, OrderUnfit
from openbeian.supervision.inspections.models import Draw, Inspection

pytestmark = pytest.mark.django_db
REASON = "一周内投诉集中，须到场核实"


@pytest.fixture(autouse=True)
def held() -> Iterator[None]:
    with clock.hold(NOON):
        yield


@pytest.fixture
def office() -> Office:
    return make_office()


def test_the_named_holder_is_inspected_by_inspectors_of_the_lot(office: Office) -> None:
    licence = office.licences[0]
    inspection = order_inspection(office.officer, f" {licence.number} ", REASON, "2026320")
    assert (inspection.licence_id, inspection.state, inspection.is_ordered) == (licence.pk, "planned", True)
    assert inspection.assignments.count() == 2
    assert is_reproducible(inspection.draw)
    entry = JournalEntry.objects.get(event="inspection.ordered")
    assert (entry.after["reason"], entry.after["inspection"]) == (REASON, inspection.pk)  # type: ignore[index]
    # It is a surprise: nothing of it reaches the inspected before it begins.
    assert licence.organisation_id not in entry.concerns


def test_a_filing_number_or_that_of_a_service_names_the_sponsor(office: Office) -> None:
    sponsor = make_sponsor(province="京")
    service = make_service(sponsor)
    inspection = order_inspection(office.officer, service.number, REASON)
    assert (inspection.sponsor_id, inspection.licence_id) == (sponsor.pk, None)
    with pytest.raises(OrderUnfit) as refused:
        order_inspection(office.officer, sponsor.number, REASON)
    assert inspection.reference in refused.value.faults[0].message.zh


@pytest.mark.parametrize(
    ("number", "reason", "seed", "fields"),
    [
        ("京B2-29990001", REASON, "", ["number"]),
        ("", "坏", "", ["reason", "number"]),
        ("", REASON, "x", ["seed", "number"]),
    ],
)
def test_bad_input_names_the_fields_and_leaves_no_trace(
    office: Office, number: str, reason: str, seed: str, fields: list[str]
) -> None:
    with pytest.raises(OrderUnfit) as refused:
        order_inspection(office.officer, number, reason, seed)
    assert [f.field for f in refused.value.faults] == fields
    assert not Draw.objects.exists()


def test_one_of_another_area_one_cancelled_and_one_under_inspection_are_refused(office: Office) -> None:
    elsewhere = make_office(province="沪").licences[0]
    cancelled = make_office(province="粤")
    Licence.objects.filter(pk=cancelled.licences[0].pk).update(standing="cancelled")
    busy = make_inspection(office)
    for officer, number in (
        (office.officer, elsewhere.number),
        (cancelled.officer, cancelled.licences[0].number),
        (office.officer, busy.number),
    ):
        with pytest.raises(OrderUnfit) as refused:
            order_inspection(officer, number, REASON)
        assert [f.field for f in refused.value.faults] == ["number"]
    assert Inspection.objects.get() == busy


def test_only_officers_order_and_only_with_two_inspectors_free(office: Office) -> None:
    for actor in (office.inspectors[0], make_actor(office.licences[0].organisation, "applicant")):
        with pytest.raises(NotPermitted):
            order_inspection(actor, office.licences[0].number, REASON)
    lonely = make_office(inspectors=1, province="沪")
    with pytest.raises(InspectorsMissing):
        order_inspection(lonely.officer, lonely.licences[0].number, REASON)
    assert not Draw.objects.exists()


def test_an_inspector_with_a_conflict_is_replaced_as_in_a_draw(office: Office) -> None:
    inspection = order_inspection(office.officer, office.licences[0].number, REASON)
    first = office.inspector_of(inspection)
    declare_conflict(first, inspection.pk, "近亲属在该单位任职")
    assert not inspection.assignments.filter(inspector_id=first.user_id).exists()


def test_the_record_says_that_it_was_ordered_and_why(office: Office) -> None:
    inspection = order_inspection(office.officer, office.licences[0].number, REASON)
    fill_in(office.inspector_of(inspection), inspection)
    done = conclude_inspection(office.inspector_of(inspection), inspection.pk)
    said = paper_text(render_paper(Paper.objects.get(code=done.paper_code), "https://beian.example.cn"))
    assert "指定检查" in said
    assert REASON in said
    holder = sign_in(make_actor(done.organisation, "applicant"))
    assert REASON in text_of(holder.get(f"/inspections/{done.pk}/"))


def test_the_page_keeps_what_was_typed_and_leads_to_the_inspection(office: Office) -> None:
    browser = sign_in(office.officer)
    licence = office.licences[0]
    assert f"?number={'%E4%BA%AC'}" in browser.get(f"/licences/{licence.pk}/").content.decode()
    form = parse(browser.get(f"/inspections/order/?number={licence.number}"))
    assert form.css_first("[name=number]").attributes["value"] == licence.number  # type: ignore[union-attr]
    refused = browser.post("/inspections/order/", {"number": "京B2-29990001", "reason": REASON})
    assert refused.status_code == 422
    assert REASON in refused.content.decode()
    done = browser.post("/inspections/order/", {"number": licence.number, "reason": REASON})
    assert done.headers["Location"] == f"/inspections/{Inspection.objects.get().pk}/"
    assert "指定检查" in text_of(browser.get(f"/inspections/draws/{Draw.objects.get().pk}/"))
    assert "指定检查" in text_of(browser.get("/inspections/"))


def test_the_api_tells_inspections_to_both_sides_and_hides_what_is_to_come(office: Office) -> None:
    inspection = make_inspection(office)
    holder = Caller(inspection.organisation)
    officer = Caller(office.administration, "officer")
    assert holder.call("get", "/inspections").json()["items"] == []
    assert holder.call("get", f"/inspections/{inspection.pk}").status_code == 404
    assert [i["reference"] for i in officer.call("get", "/inspections").json()["items"]] == [inspection.reference]
    inspector = office.inspector_of(inspection)
    fill_in(inspector, inspection, logs__retention="只留存 30 天")
    conclude_inspection(inspector, inspection.pk)
    (line,) = holder.call("get", "/inspections?state=rectifying").json()["items"]
    assert (line["chosen"], line["findings"], line["open_findings"]) == ("lot", 1, 1)
    assert holder.call("get", "/inspections?state=closed").json()["items"] == []
    whole = holder.call("get", f"/inspections/{inspection.pk}").json()
    (fault,) = whole["faults"]
    assert (fault["item"], fault["state"], fault["note"]) == ("logs.retention", "to_rectify", "只留存 30 天")
    assert fault["next_step"]["en"] == "See what is wrong and begin"
    answers = {item["item"]: item["answer"] for item in whole["items"]}
    assert answers["logs.retention"] == "not_met"
    assert holder.call("get", "/inspections?state=odd").status_code == 422
    assert Caller().call("get", f"/inspections/{inspection.pk}").status_code == 404


def test_the_command_line_lists_and_shows(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    inspection = order_inspection(office.officer, office.licences[0].number, REASON)
    email = User.objects.get(pk=office.officer.user_id).email

    def run(*words: str) -> tuple[int, str]:
        return main(["inspection", "--as", email, *words]), capsys.readouterr().out

    code, listed = run("list", "--json")
    assert (code, json.loads(listed)["chosen"]) == (0, "order")
    assert run("list", "--state", "closed") == (0, "")
    code, shown = run("show", inspection.reference)
    assert (code, json.loads(shown)["reason"]) == (0, REASON)
    assert run("show", "J999999")[0] == 2
    assert run("show", "京B2-1")[0] == 2

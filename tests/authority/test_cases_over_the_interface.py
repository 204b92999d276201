"""A case forwarded over the interface: report in one transaction, sent, answered, and the right case moved by its codes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.authority.connections import give_papers_files, make_approved_case
from tests.authority.rounds import Decider, exchange, file_first, start_from_record
from tests.cases.factories import World, approve, make_service_values, make_sponsor_values
from tests.cases.test_filing_flow import confirm_all

from openbeian.authority.actions.record_password import record_password
from openbeian.authority.errors import DocumentNotSendable
from openbeian.authority.models import Batch, Connection, Counterpart, Item, ReceivedFile, Report
from openbeian.authority.simulator.bureau import Bureau
from openbeian.authority.simulator.desk import Verdict
from openbeian.cases.actions.forward_case import forward_case
from openbeian.cases.actions.start_case import start_case
from openbeian.cases.actions.submit_case import submit_case
from openbeian.cases.models import Case
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM
from openbeian.registry.actions.cancel_service import cancel_service
from openbeian.registry.models import Access, Service, Sponsor

pytestmark = pytest.mark.django_db


def test_a_first_filing_is_reported_granted_with_the_bureaus_numbers_and_its_ids_are_remembered(
    world: World, connection: Connection
) -> None:
    case = make_approved_case(world)
    forwarded = forward_case(world.reviewer, case.pk)
    report = Report.objects.get(case=case)
    assert (forwarded.state, report.state, report.kind) == ("awaiting_sms", "waiting", "new_filings")
    exchange(connection)
    case.refresh_from_db()
    report.refresh_from_db()
    assert (case.state, report.state) == ("granted", "done")
    sponsor = Sponsor.objects.get()
    assert sponsor.number.startswith("京ICP备")
    assert Service.objects.get().number == f"{sponsor.number}-1"
    kept = Counterpart.objects.get(kind="service", record_id=Service.objects.get().pk)
    assert len(kept.details["accesses"]) == 1
    assert Batch.objects.get().sequence == 1
    assert ReceivedFile.objects.exclude(acknowledged_at=None).count() == ReceivedFile.objects.count() == 3


def test_a_refusal_moves_the_case_with_the_bureaus_codes_and_opinion_as_reasons(
    world: World, connection: Connection, desk: Decider
) -> None:
    desk.verdict = Verdict(is_approved=False, opinion="经营范围不符")
    case = make_approved_case(world)
    forward_case(world.reviewer, case.pk)
    exchange(connection)
    case.refresh_from_db()
    assert case.state == "administration_refused"
    notes = [reason["note"] for reason in case.steps.get(to_state="administration_refused").reasons]
    assert any("1002" in note for note in notes)
    assert any("经营范围不符" in note for note in notes)
    assert Report.objects.get(case=case).result_code == 1002
    assert not Sponsor.objects.exists()


def test_only_the_record_that_conflicts_is_refused_with_our_own_reason(world: World, connection: Connection) -> None:
    first, second = make_approved_case(world), make_approved_case(world)
    taken = first.form["services"][0]["domains"]
    second.form["services"][0]["domains"] = taken
    second.form["services"][0]["home_url"] = f"www.{taken[0]}"
    second.save()
    for case in (first, second):
        forward_case(world.reviewer, case.pk)
    exchange(connection)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("granted", "administration_refused")
    assert Batch.objects.get().records == 2
    assert [r["code"] for r in second.steps.get(verb="refuse").reasons] == ["domain_conflict"]


def test_a_case_the_wire_cannot_carry_is_refused_with_each_field_and_leaves_no_trace(
    world: World, connection: Connection
) -> None:
    service = make_service_values(
        remark="𠮷字不在接口的字符集里，这里写满二十个字给检查看。", **{"accesses.0.ip_ranges": ["2408::1"]}
    )
    case = make_approved_case(world, service=service)
    with pytest.raises(DocumentNotSendable) as refused:
        forward_case(world.reviewer, case.pk)
    assert {f.rule for f in refused.value.faults} == {"v3.characters", "v3.ipv6"}
    assert {f.field for f in refused.value.faults} == {"services.0.remark", "services.0.accesses.0.ip_ranges.0"}
    assert not Report.objects.exists()
    case.refresh_from_db()
    assert case.state == "awaiting_forwarding"


@pytest.mark.parametrize("kind", ["app", "mini_program", "quick_app"])
def test_what_is_no_website_cannot_travel(world: World, connection: Connection, kind: str) -> None:
    case = make_approved_case(world, service=make_service_values(kind=kind))
    with pytest.raises(DocumentNotSendable) as refused:
        forward_case(world.reviewer, case.pk)
    assert "v3.service_kind" in {f.rule for f in refused.value.faults}


def test_without_a_connection_to_the_province_nothing_is_forwarded(world: World) -> None:
    case = make_approved_case(world)
    with pytest.raises(DocumentNotSendable) as refused:
        forward_case(world.reviewer, case.pk)
    assert [f.rule for f in refused.value.faults] == ["v3.connection"]


def test_a_change_goes_out_under_the_bureaus_ids_and_changes_the_record_when_approved(
    world: World, connection: Connection, bureau: Bureau
) -> None:
    file_first(world, connection)
    case = start_from_record(world, connection, "change_service", **{"services.0.name": "测试书店新名"})
    exchange(connection)
    case.refresh_from_db()
    report = Report.objects.get(case=case)
    assert (report.kind, report.state, report.reason_zh) == ("changes", "done", "")
    assert case.state == "granted"
    assert Service.objects.get().name == "测试书店新名"
    held = bureau.library.find("subject_number", Sponsor.objects.get().number)
    assert held is not None
    assert held.filing.sites[0].name == "测试书店新名"


def test_adding_a_service_brings_its_number(world: World, connection: Connection) -> None:
    file_first(world, connection)
    sponsor = Sponsor.objects.get()
    draft = start_case(world.applicant, "add_service", sponsor_id=sponsor.pk, provider_id=world.provider.pk)
    from tests.cases.factories import PROMISES, add_papers, flatten

    from openbeian.cases.actions.save_draft import save_draft

    typed = {"provider_id": str(world.provider.pk), **PROMISES, **flatten("services.0.", make_service_values())}
    case = save_draft(world.applicant, draft.pk, typed)
    add_papers(case)
    give_papers_files(case)
    case = approve(world, submit_case(world.applicant, case.pk))
    forward_case(world.reviewer, case.pk)
    exchange(connection)
    case.refresh_from_db()
    assert (case.state, Report.objects.get(case=case).reason_zh) == ("granted", "")
    assert sorted(Service.objects.values_list("number", flat=True)) == [f"{sponsor.number}-1", f"{sponsor.number}-2"]


def test_a_service_is_cancelled_at_both_ends(world: World, connection: Connection, bureau: Bureau) -> None:
    file_first(world, connection)
    case = start_from_record(world, connection, "cancel_service", reason="这项服务已经停办，不再提供。")
    exchange(connection)
    case.refresh_from_db()
    assert case.state == "granted", Report.objects.get(case=case).reason_zh
    assert Service.objects.get().standing == "cancelled"
    assert bureau.library.find("subject_number", Sponsor.objects.get().number) is None
    # The bureau struck the subject with its last site, which nobody here asked for: a person must see that.
    assert [item.kind for item in Item.objects.filter(is_open=True)] == ["cancelled"]


def test_cancelling_the_sponsor_needs_its_filing_password(world: World, connection: Connection, bureau: Bureau) -> None:
    file_first(world, connection)
    cancel_service(SYSTEM, Service.objects.get().pk, clock.today())
    with pytest.raises(DocumentNotSendable) as refused:
        start_from_record(world, connection, "cancel_sponsor", reason="单位已经注销，不再办理任何服务。")
    assert [f.message.en for f in refused.value.faults] == ["cancelling a sponsor needs the password"]
    number = Sponsor.objects.get().number
    held = bureau.library.find("subject_number", number)
    assert held is not None
    administrator = replace(world.reviewer, permissions=world.reviewer.permissions | {"interface.manage"})
    record_password(administrator, connection.pk, number, held.password)
    case = Case.objects.get(procedure="cancel_sponsor")
    forward_case(world.reviewer, case.pk)
    exchange(connection)
    case.refresh_from_db()
    assert (case.state, Report.objects.get(case=case).reason_zh) == ("granted", "")
    assert Sponsor.objects.get().standing == "cancelled"


def test_a_held_report_leaves_only_after_the_persons_confirmed_here(world: World, connection: Connection) -> None:
    Connection.objects.update(confirms_persons=True)
    case = make_approved_case(world)
    case = forward_case(world.reviewer, case.pk)
    assert case.confirmations.count() == 1
    exchange(connection)
    assert Report.objects.get().state == "waiting"
    confirm_all(case)
    exchange(connection)
    case.refresh_from_db()
    assert case.state == "granted"


def test_files_that_come_again_change_nothing(world: World, connection: Connection, bureau: Bureau) -> None:
    file_first(world, connection)
    before = (Sponsor.objects.count(), Service.objects.count(), Access.objects.count(), ReceivedFile.objects.count())
    bureau.store.connection.execute("UPDATE outgoing SET acknowledged_at = NULL")
    exchange(connection)
    after = (Sponsor.objects.count(), Service.objects.count(), Access.objects.count(), ReceivedFile.objects.count())
    assert after == before
    assert bureau.store.list_outgoing(10) == []


def test_an_answer_for_a_case_that_went_elsewhere_waits_for_a_person_and_stops_nothing(
    world: World, connection: Connection
) -> None:
    first, second = make_approved_case(world), make_approved_case(world)
    for case in (first, second):
        forward_case(world.reviewer, case.pk)
    Case.objects.filter(pk=first.pk).update(channel="outside")
    exchange(connection)
    states = dict(Report.objects.values_list("case_id", "state"))
    assert states == {first.pk: "attention", second.pk: "done"}
    assert "不再经接口办理" in Report.objects.get(case=first).reason_zh


def test_a_persons_name_stands_masked_in_lists(world: World, connection: Connection) -> None:
    case = make_approved_case(world, sponsor=make_sponsor_values(kind="individual"))
    forward_case(world.reviewer, case.pk)
    assert case.title not in Report.objects.get().title


def test_an_acknowledgement_whose_note_was_lost_is_noted_once_nothing_waits(
    world: World, connection: Connection
) -> None:
    exchange(connection)
    ReceivedFile.objects.update(acknowledged_at=None)
    exchange(connection)
    assert ReceivedFile.objects.exists()
    assert not ReceivedFile.objects.filter(acknowledged_at=None).exists()

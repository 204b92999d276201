"""Reports beside filings, there and back: a new access, answers to tasks and lists, addresses and what they collide with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from ipaddress import IPv4Address

import pytest
from tests.authority.rounds import Decider, exchange, file_first, start_from_record
from tests.authority.samples import PROVIDER
from tests.cases.factories import World

from openbeian.authority.actions.answer_item import answer_item
from openbeian.authority.actions.close_item import close_item
from openbeian.authority.actions.record_password import record_password
from openbeian.authority.actions.remove_resource import remove_resource
from openbeian.authority.actions.report_addresses import report_addresses
from openbeian.authority.actions.report_resource import report_resource
from openbeian.authority.errors import DocumentNotSendable, ItemNotAnswerable
from openbeian.authority.messages.download import (
    AddressNews,
    AddressResult,
    Download,
    FilingNews,
    Finding,
    UnfiledSite,
)
from openbeian.authority.messages.filing import Filing
from openbeian.authority.messages.reader import read_upload
from openbeian.authority.models import Connection, Counterpart, Item, Report
from openbeian.authority.simulator.bureau import Bureau
from openbeian.authority.simulator.desk import Verdict
from openbeian.kernel.actor import Actor
from openbeian.registry.models import Access, Provider, Service, Sponsor

pytestmark = pytest.mark.django_db

NEW_ACCESS = {
    "services.0.accesses.0.mode": "cloud",
    "services.0.accesses.0.place": "110000",
    "services.0.accesses.0.ip_ranges": ["101.6.7.8"],
}


def make_administrator(world: World) -> Actor:
    return replace(world.reviewer, permissions=world.reviewer.permissions | {"interface.manage"})


def give_password(world: World, connection: Connection, bureau: Bureau) -> None:
    number = Sponsor.objects.get().number
    held = bureau.library.find("subject_number", number)
    assert held is not None
    record_password(make_administrator(world), connection.pk, number, held.password)


def find_published(bureau: Bureau) -> Filing:
    held = bureau.library.find("subject_number", Sponsor.objects.get().number)
    assert held is not None
    return held.filing


def test_a_new_access_travels_as_one_under_the_filing_password(
    world: World, connection: Connection, bureau: Bureau
) -> None:
    file_elsewhere(world, connection)
    give_password(world, connection, bureau)
    case = start_from_record(world, connection, "add_access", **NEW_ACCESS)
    report = Report.objects.get(case=case)
    assert report.kind == "new_accesses"
    exchange(connection)
    case.refresh_from_db()
    report.refresh_from_db()
    assert (report.state, report.reason_zh, case.state) == ("done", "", "granted")
    accesses = find_published(bureau).sites[0].accesses
    assert [str(a.ranges[0].first) for a in accesses][-1] == "101.6.7.8"
    assert len(accesses) == 2
    # The administration's number of the new access is known from here on: a change must name it.
    kept = Counterpart.objects.get(kind="service", record_id=Service.objects.get().pk).details["accesses"]
    assert [entry["id"] for entry in kept] == [a.authority_id for a in accesses]


def test_a_new_access_with_a_wrong_password_comes_back_with_its_code(world: World, connection: Connection) -> None:
    file_elsewhere(world, connection)
    record_password(make_administrator(world), connection.pk, Sponsor.objects.get().number, "wrong password")
    before = Access.objects.count()
    case = start_from_record(world, connection, "add_access", **NEW_ACCESS)
    exchange(connection)
    case.refresh_from_db()
    assert case.state == "administration_refused"
    assert Report.objects.get(case=case).result_code == 1018
    assert Access.objects.count() == before


def file_elsewhere(world: World, connection: Connection) -> None:
    """A filing on record whose access is another provider's: what a new access is for."""
    file_first(world, connection)
    other = Provider.objects.create(name="另一家接入商", kind="access_provider", channel="outside")
    Access.objects.update(provider=other)


def post_task(bureau: Bureau) -> None:
    """A task to verify the filing on record, as a bureau would send it: with its ids and without ours."""
    filing = find_published(bureau)
    assert filing.subject is not None
    subject = replace(filing.subject, own_id=None, number=None)
    sites = tuple(
        replace(
            site, own_id=None, number=None,
            domains=tuple(replace(d, own_id=None) for d in site.domains),
            accesses=tuple(
                replace(
                    a, own_id=None, provider_id=None, reporter_id=PROVIDER, reported_by_provider=True,
                    ranges=tuple(replace(r, own_id=None) for r in a.ranges),
                )
                for a in site.accesses
            ),
        )
        for site in filing.sites
    )  # fmt: skip
    bureau.post(Download(icp=FilingNews(verification_tasks=(Filing(subject=subject, sites=sites),))))


@pytest.mark.parametrize(("outcome", "wrong"), [(0, ""), (1, "电话是空号")])
def test_a_task_to_verify_becomes_an_item_its_answer_a_report_and_its_result_ends_it(
    world: World, connection: Connection, bureau: Bureau, outcome: int, wrong: str
) -> None:
    file_first(world, connection)
    post_task(bureau)
    exchange(connection)
    item = Item.objects.get(kind="verification_tasks", is_open=True)
    values = {"outcome": outcome, "verifier": "李四", "opinion": "已逐项核对", "wrong": wrong}
    answered = answer_item(world.reviewer, item.pk, values)
    assert (answered.is_open, answered.report.kind if answered.report else "") == (False, "verifications")
    exchange(connection)
    report = Report.objects.get(pk=answered.report_id)
    assert (report.state, report.reason_zh) == ("done", "")
    sent = read_upload(report.content.encode("gbk")).document.icp
    assert sent is not None
    assert (sent.verifications[0].outcome, sent.verifications[0].errors) == (outcome, wrong or None)
    with pytest.raises(ItemNotAnswerable):
        answer_item(world.reviewer, item.pk, values)


def test_an_answer_about_a_subject_that_is_gone_comes_back_refused_and_moves_no_case(
    world: World, connection: Connection, bureau: Bureau
) -> None:
    case = file_first(world, connection)
    post_task(bureau)
    exchange(connection)
    held = bureau.library.find("subject_number", Sponsor.objects.get().number)
    assert held is not None
    bureau.library.strike(held)
    item = Item.objects.get(kind="verification_tasks")
    answer_item(world.reviewer, item.pk, {"outcome": 0, "verifier": "李四", "opinion": "属实"})
    exchange(connection)
    report = Report.objects.get(kind="verifications")
    assert (report.state, report.result_code) == ("refused", 1058)
    case.refresh_from_db()
    assert case.state == "granted"


def test_a_tasks_result_does_not_decide_the_change_that_waits_for_the_same_subject(
    world: World, connection: Connection, bureau: Bureau, desk: Decider
) -> None:
    """V3.0 has no operation for answers to tasks; theirs comes under the number that changes are answered by."""
    file_first(world, connection)
    desk.verdict = None
    change = start_from_record(world, connection, "change_service", **{"services.0.name": "测试书店新名"})
    exchange(connection)
    post_task(bureau)
    exchange(connection)
    item = Item.objects.get(kind="verification_tasks")
    answer_item(world.reviewer, item.pk, {"outcome": 0, "verifier": "李四", "opinion": "属实"})
    exchange(connection)
    change.refresh_from_db()
    assert Report.objects.get(kind="verifications").state == "done"
    assert Report.objects.get(kind="changes").state == "sent"
    assert change.is_open
    desk.verdict = Verdict(is_approved=True)
    exchange(connection)
    change.refresh_from_db()
    assert (change.state, Report.objects.get(kind="changes").state) == ("granted", "done")


def test_results_about_a_source_and_an_allocation_with_one_number_reach_their_own_reports(
    world: World, connection: Connection, bureau: Bureau
) -> None:
    """Administrations may number each kind on its own."""
    for kind, first in (("sources", "101.6.0.1"), ("broadcasts", "101.6.0.1")):
        values = {"range": first, "source_unit": 7, "broadcaster": 7, "applicant": 8}
        report_resource(world.reviewer, connection.pk, kind, values)
    exchange(connection)
    Report.objects.update(authority_id=5)
    removals = [remove_resource(world.reviewer, r.pk) for r in Report.objects.order_by("pk")]
    Report.objects.filter(pk__in=[r.pk for r in removals]).update(state="sent")
    finding = Finding(code=2998, text="通过")
    result = AddressResult(findings=(finding,), authority_id=5, operation=3)
    bureau.post(Download(ip=AddressNews(broadcast_results=(result,))))
    exchange(connection)
    states = dict(Report.objects.values_list("kind", "state"))
    assert states == {
        "new_sources": "done", "removed_sources": "sent", "new_broadcasts": "removed", "removed_broadcasts": "done",
    }  # fmt: skip


def post_unfiled(bureau: Bureau, **changes: object) -> None:
    site = UnfiledSite(
        authority_id=71, domain="unfiled.example.cn", address=IPv4Address("203.0.113.5"), carrier_id=1, province=110000,
        checked_at="2026-11-01 10:00:00",
    )  # fmt: skip
    bureau.post(Download(icp=FilingNews(unfiled_sites=(replace(site, **changes),))))  # type: ignore[arg-type]


def test_a_listed_unfiled_site_is_answered_with_the_bureaus_own_outcome(
    world: World, connection: Connection, bureau: Bureau
) -> None:
    post_unfiled(bureau)
    exchange(connection)
    item = Item.objects.get(kind="unfiled_sites")
    assert "unfiled.example.cn" in item.title
    values = {"outcome": 1, "verifier": "李四", "opinion": "已关闭", "due_on": date(2026, 11, 10)}
    answer_item(world.reviewer, item.pk, values)
    exchange(connection)
    report = Report.objects.get(kind="unfiled_results")
    assert (report.state, report.reason_zh) == ("done", "")
    sent = read_upload(report.content.encode("gbk")).document.icp
    assert sent is not None
    result = sent.unfiled_results[0]
    assert (result.domain, str(result.address), result.outcome, str(result.listed_on)) == (
        "unfiled.example.cn", "203.0.113.5", 1, "2026-11-01",
    )  # fmt: skip


def test_a_listed_site_without_a_province_cannot_be_answered_on_the_wire_and_may_be_closed(
    world: World, connection: Connection, bureau: Bureau
) -> None:
    post_unfiled(bureau, province=None)
    exchange(connection)
    item = Item.objects.get(kind="unfiled_sites")
    values = {"outcome": 1, "verifier": "李四", "opinion": "已关闭", "due_on": date(2026, 11, 10)}
    with pytest.raises(DocumentNotSendable) as refused:
        answer_item(world.reviewer, item.pk, values)
    assert any("Shengid" in f.field or "province" in f.field for f in refused.value.faults)
    assert not Report.objects.exists()
    assert not close_item(world.reviewer, item.pk).is_open


def test_addresses_go_as_sources_and_allocations_and_each_gets_its_result(
    world: World, connection: Connection, bureau: Bureau
) -> None:
    file_first(world, connection)
    used = Access.objects.get().ip_ranges[0]
    world.provider.address_ranges = [used, "2408:8000::/40"]
    world.provider.save()
    assert report_addresses(world.reviewer, connection.pk, 77) == {"sources": 1, "allocations": 1}
    exchange(connection)
    states = dict(Report.objects.filter(case=None).values_list("kind", "state"))
    assert states == {"new_sources": "done", "new_allocations": "done"}
    held = bureau.store.connection.execute("SELECT kind FROM held_range ORDER BY id").fetchall()
    assert [kind for (kind,) in held] == ["sources", "allocations"]
    assert report_addresses(world.reviewer, connection.pk, 77) == {"sources": 0, "allocations": 0}


def test_an_allocation_outside_the_reported_sources_is_refused_with_its_code(
    world: World, connection: Connection
) -> None:
    file_first(world, connection)
    world.provider.address_ranges = ["101.6.0.0-101.6.255.255"]
    world.provider.save()
    report_addresses(world.reviewer, connection.pk, 77)
    exchange(connection)
    refused = Report.objects.get(kind="new_allocations")
    assert (refused.state, refused.result_code) == ("refused", 2005)
    assert "2005" in refused.reason_zh
    assert Report.objects.get(kind="new_sources").state == "done"


def test_the_desk_refusing_a_new_access_gives_its_opinion_to_the_case(
    world: World, connection: Connection, bureau: Bureau, desk: Decider
) -> None:
    file_elsewhere(world, connection)
    give_password(world, connection, bureau)
    desk.verdict = Verdict(is_approved=False, opinion="接入信息与实际不符")
    case = start_from_record(world, connection, "add_access", **NEW_ACCESS)
    exchange(connection)
    case.refresh_from_db()
    assert case.state == "administration_refused"
    notes = [reason["note"] for reason in case.steps.get(verb="refuse").reasons]
    assert any("接入信息与实际不符" in note for note in notes)

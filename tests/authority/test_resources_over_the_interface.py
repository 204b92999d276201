"""Ranges, domains and single papers: from the record to a report and its result, changed, struck, and synchronised back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from ipaddress import IPv4Address
from typing import Any

import pytest
from tests.authority.connections import draw_picture, make_connection
from tests.authority.rounds import exchange, file_first
from tests.cases.factories import World, make_world

from openbeian.authority.actions.remove_resource import remove_resource
from openbeian.authority.actions.report_addresses import report_addresses
from openbeian.authority.actions.report_material import report_material
from openbeian.authority.actions.report_resource import report_resource
from openbeian.authority.errors import DocumentNotSendable, NotYourConnection, ReportNotMovable
from openbeian.authority.mapping.resources import map_resource, read_values
from openbeian.authority.messages.download import Download, Synchronisation
from openbeian.authority.messages.reader import read_upload
from openbeian.authority.messages.resources import Broadcast, DomainRecord, SourceRange
from openbeian.authority.models import Connection, Item, Report
from openbeian.authority.resource_candidates import list_candidates, prefill, read_report
from openbeian.authority.simulator.bureau import Bureau
from openbeian.kernel.actor import NotPermitted
from openbeian.registry.models import Access, Service, ServiceDomain, Sponsor

pytestmark = pytest.mark.django_db

RANGE = "101.6.0.0-101.6.0.255"
CUSTOMER: dict[str, Any] = {
    "range": "101.6.7.8", "unit_name": "示例用户公司", "unit_nature": 4, "region": "110108", "street": "中关村大街1号",
    "contact": "张三", "contact_phone": "13800138000", "contact_email": "a@example.cn", "use": 1,
    "allocated_on": date(2026, 11, 1), "redirects_domains": False, "gateway": IPv4Address("101.6.7.1"),
    "gateway_place": "北京", "source_name": "某高校",
}  # fmt: skip
PERSON = {"name": "张三", "organisation": "示例公司", "address": "中关村大街1号", "region": "110100", "email": "a@example.cn", "phone": "13800138000"}  # fmt: skip
DOMAIN: dict[str, Any] = {
    "name": "example.cn", "kind": 1, "registered_on": date(2020, 1, 1), "expires_on": date(2030, 1, 1),
    "registrar": "示例注册商", "name_servers": "ns1.example.cn;ns2.example.cn",
    **{f"{who}_{field}": value for who in ("registrant", "administrator") for field, value in PERSON.items()},
}  # fmt: skip
TYPED = {
    "sources": {"range": RANGE, "source_unit": 7},
    "broadcasts": {"range": RANGE, "broadcaster": 7, "applicant": 8, "note": "集团公司代播"},
    "customer_owned": CUSTOMER,
    "domains": DOMAIN,
}


@pytest.mark.parametrize("kind", list(TYPED))
def test_what_was_typed_is_reported_answered_changed_and_struck(
    world: World, connection: Connection, bureau: Bureau, kind: str
) -> None:
    report = report_resource(world.reviewer, connection.pk, kind, TYPED[kind])
    exchange(connection)
    report.refresh_from_db()
    assert (report.state, report.reason_zh) == ("done", "")
    assert report.authority_id is not None
    standing = read_report(report)
    assert {name: standing[name] for name in TYPED[kind] if name in standing} == {
        name: value for name, value in TYPED[kind].items() if name in standing
    }
    changed = {**standing, "range": "101.6.8.0-101.6.8.255"} if kind != "domains" else {**standing, "name": "other.cn"}
    change = report_resource(world.reviewer, connection.pk, kind, changed, changes_report=report.pk)
    exchange(connection)
    change.refresh_from_db()
    assert (change.state, change.authority_id) == ("done", report.authority_id)
    with pytest.raises(ReportNotMovable):  # the earlier one stands no more; the change does
        remove_resource(world.reviewer, report.pk)
    removal = remove_resource(world.reviewer, change.pk)
    exchange(connection)
    removal.refresh_from_db()
    assert removal.state == "done"
    assert set(Report.objects.exclude(pk=removal.pk).values_list("state", flat=True)) == {"removed"}
    table = "held_domain" if kind == "domains" else "held_range"
    assert bureau.store.connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_an_own_use_and_a_further_allocation_need_what_the_prose_demands(world: World, connection: Connection) -> None:
    with pytest.raises(DocumentNotSendable) as refused:
        report_resource(world.reviewer, connection.pk, "allocations", {"range": RANGE, "mode": 2})
    assert [f.field for f in refused.value.faults] == ["allocated_to"]
    with pytest.raises(DocumentNotSendable) as refused:
        report_resource(world.reviewer, connection.pk, "allocations", {"range": RANGE, "mode": 3})
    assert {f.field for f in refused.value.faults} == {"use", "allocated_on"}
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"range": "2408:8000::/40"}, "range"), ({"range": "10.0.0.1"}, "range"), ({"range": "x"}, "range"),
        ({"region": ""}, "region"), ({"unit_name": "𠮷野"}, "unit_name"), ({"contact_phone": "1"}, "contact_phone"),
        ({"source_name": ""}, "source_name"), ({"contact": "张" * 21}, "contact"),
    ],
)  # fmt: skip
def test_what_the_wire_cannot_carry_is_named_at_the_field_that_was_typed(
    world: World, connection: Connection, values: dict[str, str], field: str
) -> None:
    with pytest.raises(DocumentNotSendable) as refused:
        report_resource(world.reviewer, connection.pk, "customer_owned", {**CUSTOMER, **values})
    assert field in {f.field for f in refused.value.faults}
    assert not Report.objects.exists()


def test_another_provider_and_a_mere_reader_report_nothing(world: World, connection: Connection) -> None:
    stranger = make_world(province="沪")
    with pytest.raises(NotYourConnection):
        report_resource(stranger.reviewer, connection.pk, "sources", TYPED["sources"])
    reader = replace(world.reviewer, permissions=frozenset({"interface.read"}))
    with pytest.raises(NotPermitted):
        report_resource(reader, connection.pk, "sources", TYPED["sources"])
    report = report_resource(world.reviewer, connection.pk, "sources", TYPED["sources"])
    with pytest.raises(NotYourConnection):
        remove_resource(stranger.reviewer, report.pk)


def test_a_persons_name_stands_masked_in_the_title(world: World, connection: Connection) -> None:
    report = report_resource(
        world.reviewer, connection.pk, "customer_owned", {**CUSTOMER, "unit_name": "张三丰", "unit_nature": 5}
    )
    assert "张三丰" not in report.title


def test_the_record_offers_what_no_report_is_about_and_fills_in_what_it_knows(
    world: World, connection: Connection
) -> None:
    file_first(world, connection)
    world.provider.address_ranges = [RANGE, "2408:8000::/40"]
    world.provider.save()
    assert list_candidates(connection, "broadcasts") == [(f"range:{RANGE}", RANGE)]
    access, sponsor = Access.objects.get(), Sponsor.objects.get()
    (brought,) = list_candidates(connection, "customer_owned")  # outside of the provider's own ranges
    assert brought[0] == f"access:{access.pk}:{access.ip_ranges[0]}"
    given = prefill(connection, "customer_owned", brought[0])
    assert (given["range"], given["unit_name"]) == (access.ip_ranges[0], sponsor.name)
    report_resource(world.reviewer, connection.pk, "customer_owned", {**CUSTOMER, **given})
    assert list_candidates(connection, "customer_owned") == []
    (domain,) = list_candidates(connection, "domains")
    assert prefill(connection, "domains", domain[0])["name"] == ServiceDomain.objects.get().domain
    assert prefill(connection, "domains", "domain:999999") == {}
    assert prefill(connection, "customer_owned", "access:1:8.8.8.8") == {}


def test_one_paper_of_a_filing_is_handed_in_on_its_own(world: World, connection: Connection) -> None:
    file_first(world, connection)
    for number in (Sponsor.objects.get().number, Service.objects.get().number):
        report = report_material(world.reviewer, connection.pk, number, 1, draw_picture())
        exchange(connection)
        report.refresh_from_db()
        assert (report.kind, report.state, report.reason_zh) == ("materials", "done", "")
        sent = read_upload(report.content.encode("gbk")).document.icp
        assert sent is not None
        assert sent.materials[0].owner_number == number
        assert sent.materials[0].owner_kind == (2 if number.endswith("-1") else 1)


def test_a_paper_of_an_unknown_filing_or_no_picture_is_refused_at_its_field(
    world: World, connection: Connection
) -> None:
    with pytest.raises(DocumentNotSendable) as refused:
        report_material(world.reviewer, connection.pk, "京ICP备1号", 1, b"%PDF")
    assert {f.field for f in refused.value.faults} == {"number", "file"}


def post_sync(bureau: Bureau, connection: Connection, **held: Any) -> None:
    bureau.post(Download(synchronisation=Synchronisation(**held)))
    exchange(connection)


def make_source(text: str, **values: Any) -> SourceRange:
    made: Any = map_resource("sources", {"range": text, "source_unit": 7}, own_id=5)
    return replace(made, authority_id=900, reporting_unit=110000000001, **values)


def test_a_synchronised_range_gives_our_report_its_number(world: World, connection: Connection, bureau: Bureau) -> None:
    report = report_resource(world.reviewer, connection.pk, "sources", TYPED["sources"])
    Report.objects.filter(pk=report.pk).update(state="done")
    own = int(report.keys.get().value)
    post_sync(bureau, connection, sources=(replace(make_source(RANGE), own_id=own),))
    report.refresh_from_db()
    assert report.authority_id == 900
    assert not Item.objects.exists()


def test_a_synchronised_range_on_our_record_stands_as_reported_and_is_not_repeated(
    world: World, connection: Connection, bureau: Bureau
) -> None:
    world.provider.address_ranges = [RANGE]
    world.provider.save()
    for _ in range(2):
        post_sync(bureau, connection, sources=(make_source(RANGE),))
    adopted = Report.objects.get()
    assert (adopted.state, adopted.authority_id, read_report(adopted)["range"]) == ("done", 900, RANGE)
    assert report_addresses(world.reviewer, connection.pk, 7)["sources"] == 0


def test_what_is_not_ours_is_shown_with_the_reason_and_changes_nothing(
    world: World, connection: Connection, bureau: Bureau
) -> None:
    post_sync(bureau, connection, sources=(make_source("101.7.0.0/16"), replace(make_source(RANGE), reporting_unit=42)))
    broadcast: Any = map_resource("broadcasts", TYPED["broadcasts"], own_id=6)
    assert isinstance(broadcast, Broadcast)
    post_sync(bureau, connection, broadcasts=(replace(broadcast, authority_id=901, reporting_unit=110000000001),))
    domain: Any = map_resource("domains", DOMAIN, own_id=7)
    assert isinstance(domain, DomainRecord)
    post_sync(bureau, connection, domains=(replace(domain, authority_id=902),))
    titles = list(Item.objects.order_by("pk").values_list("title", flat=True))
    assert titles == ["101.7.0.0-101.7.255.255", RANGE, RANGE, "example.cn"]
    assert Item.objects.filter(note_zh__contains="编号 42").count() == 1
    assert Item.objects.filter(note_zh__contains="未据此改动登记").count() == 4
    assert not Item.objects.filter(is_open=True).exists()
    assert not Report.objects.exists()


def test_a_synchronised_domain_and_allocation_of_our_own_services_are_tied(
    world: World, connection: Connection, bureau: Bureau
) -> None:
    file_first(world, connection)
    domain: Any = map_resource("domains", {**DOMAIN, "name": ServiceDomain.objects.get().domain}, own_id=7)
    post_sync(bureau, connection, domains=(replace(domain, authority_id=902),))
    text = Access.objects.get().ip_ranges[0]
    allocation: Any = map_resource("allocations", {**CUSTOMER, "range": text, "mode": 1}, own_id=8)
    post_sync(bureau, connection, allocations=(replace(allocation, authority_id=903, reporting_unit=110000000001),))
    tied = Report.objects.filter(case=None).values_list("kind", "authority_id", "state")
    assert set(tied) == {("added", 902, "done"), ("new_allocations", 903, "done")}
    assert report_addresses(world.reviewer, connection.pk, 7)["allocations"] == 0


def test_a_record_reads_back_as_what_was_typed() -> None:
    made = map_resource("customer_owned", CUSTOMER, own_id=3)
    back = map_resource("customer_owned", read_values(made), authority_id=4)
    assert replace(back, own_id=3, authority_id=None) == made


def test_two_connections_do_not_take_each_others_records(world: World, connection: Connection, bureau: Bureau) -> None:
    other = make_connection(world, province="沪")
    report = report_resource(world.reviewer, other.pk, "sources", TYPED["sources"])
    own = int(report.keys.get().value)
    post_sync(bureau, connection, sources=(replace(make_source(RANGE), own_id=own),))
    report.refresh_from_db()
    assert report.authority_id is None

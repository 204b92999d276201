"""An administration's blacklist: shown to a person, kept on record, and named to whoever files what stands on it."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address

import pytest
from tests.authority.connections import make_approved_case
from tests.authority.rounds import exchange, file_first
from tests.cases.factories import World

from openbeian.authority.incoming import list_lines
from openbeian.authority.interface import read_rulebook
from openbeian.authority.messages.download import (
    BlacklistedSite,
    BlacklistedSubject,
    Download,
    FilingNews,
    Notice,
    UnfiledSite,
)
from openbeian.authority.messages.filing import Certificate, Domain, Site, Subject
from openbeian.authority.messages.grammar import Element, get_download_grammar
from openbeian.authority.messages.writer import write
from openbeian.authority.models import Connection, Item
from openbeian.authority.simulator.bureau import Bureau
from openbeian.cases.checking import check_case
from openbeian.cases.models import Case
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.registry.models import Blacklisting, Provider, Service, Sponsor

pytestmark = pytest.mark.django_db
ADD, STRIKE = 0, 2


def post_site(bureau: Bureau, *names: str, operation: int = ADD) -> None:
    site = Site(name="违规网站", domains=tuple(Domain(name=name) for name in names))
    bureau.post(Download(icp=FilingNews(blacklisted_sites=(BlacklistedSite(site=site, operation=operation),))))


def post_subject(bureau: Bureau, number: str, *, operation: int = ADD, nature: int = 4) -> None:
    subject = Subject(name="违规公司", nature=nature, certificate=Certificate(kind=1, number=number))
    record = BlacklistedSubject(subject=subject, operation=operation)
    bureau.post(Download(icp=FilingNews(blacklisted_subjects=(record,))))


def list_hits(case: Case) -> list[Fault]:
    return [fault for fault in check_case(case) if fault.rule == "blacklist.listed"]


def test_a_listed_domain_warns_whoever_files_it_and_names_the_administration(
    world: World, connection: Connection, bureau: Bureau
) -> None:
    case = make_approved_case(world)
    (domain,) = case.form["services"][0]["domains"]
    assert list_hits(case) == []
    post_site(bureau, f"shop.{domain}".upper())
    exchange(connection)
    (fault,) = list_hits(case)
    assert (fault.field, fault.certain) == ("services.0.domains", False)
    assert "北京市通信管理局" in fault.message.zh
    assert f"shop.{domain}" in fault.message.en
    post_site(bureau, domain, operation=STRIKE)
    exchange(connection)
    assert list_hits(case) == []


def test_a_listed_certificate_warns_at_the_sponsor_and_at_a_person(
    world: World, connection: Connection, bureau: Bureau
) -> None:
    case = make_approved_case(world)
    sponsor = case.form["sponsor"]
    post_subject(bureau, f" {sponsor['certificate_number'].lower()} ")
    post_subject(bureau, sponsor["person"]["certificate_number"], nature=5)
    exchange(connection)
    assert {fault.field for fault in list_hits(case)} == {
        "sponsor.certificate_number",
        "sponsor.person.certificate_number",
    }
    kept = Blacklisting.objects.get(shown="违规公司")
    assert sponsor["certificate_number"] not in (kept.value, kept.shown)


def test_an_entry_becomes_an_item_that_names_what_on_record_it_touches(
    world: World, connection: Connection, bureau: Bureau
) -> None:
    file_first(world, connection)
    post_site(bureau, Service.objects.get().domains.get().domain)
    post_site(bureau, "elsewhere.cn")
    post_site(bureau, "not a domain")
    exchange(connection)
    notes = list(Item.objects.filter(kind="blacklisted_sites").order_by("pk").values_list("note_zh", flat=True))
    assert Service.objects.get().number in notes[0]
    assert "没有涉及" in notes[1]
    assert "未进入" in notes[2]
    assert Blacklisting.objects.count() == 2
    assert all(Item.objects.filter(kind="blacklisted_sites").values_list("is_open", flat=True))


def test_a_list_that_comes_twice_is_kept_once_and_a_notice_lists_nobody(
    world: World, connection: Connection, bureau: Bureau
) -> None:
    post_site(bureau, "bad.cn")
    post_site(bureau, "bad.cn")
    bureau.post(Download(icp=FilingNews(notices=(Notice(scope=0, number="京ICP备2026000001号", text="限期整改"),))))
    exchange(connection)
    assert Blacklisting.objects.count() == 1
    assert Item.objects.filter(kind="notices", is_open=True).count() == 1
    assert not Sponsor.objects.exists()


def test_every_element_a_person_may_see_has_a_name_in_both_languages_and_addresses_are_dotted() -> None:
    seen: set[str] = set()

    def look(elements: Iterable[Element]) -> None:
        for element in elements:
            if element.leaf:
                seen.add(element.name)
            look(element.children)

    for name, shape in get_download_grammar().shapes.items():
        if not name.startswith(("Code", "ReportingUnit")):  # code tables are taken over and never shown so
            look(shape.elements)
    names = read_rulebook("element-names.yaml")["names"]
    assert sorted(seen) == sorted(names)
    assert all(len(words) == 2 and all(words) for words in names.values())
    unfiled = UnfiledSite(authority_id=1, domain="a.cn", address=IPv4Address("203.0.113.5"), carrier_id=1)
    content = write(Download(icp=FilingNews(unfiled_sites=(unfiled,)))).decode("gbk")
    assert (Text("IP 地址", "IP address"), "203.0.113.5") in list_lines(content)


def test_a_list_counts_for_the_provider_it_was_sent_to_and_for_nobody_elses_cases(
    world: World, connection: Connection, bureau: Bureau
) -> None:
    case = make_approved_case(world)
    (domain,) = case.form["services"][0]["domains"]
    post_site(bureau, domain)
    exchange(connection)
    assert len(list_hits(case)) == 1
    other = Provider.objects.create(name="另一家接入商", kind="access_provider")
    case.form["provider_id"] = str(other.pk)
    assert list_hits(case) == []

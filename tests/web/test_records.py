"""The record's pages: lists with search, filters and downloads; dossiers with masks, footer and extract; isolation."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from openbeian.accounts.models import Organisation
from openbeian.documents.models import Extract
from openbeian.entrypoints.web.sheets import inert_cell
from openbeian.journal.models import Entry
from openbeian.registry.models import Sponsor
from tests.registry.factories import (
    make_organisation,
    make_person_values,
    make_provider,
    make_service,
    make_sponsor,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation()


@pytest.fixture
def mine(client: Client, organisation: Organisation) -> Client:
    client.force_login(make_user(organisation))
    return client


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.mark.parametrize("words", ["鹏", "鹏程", "京鹏程万", "bjpc", "peng-cheng.example.cn", "{number}", "{digits}"])
def test_a_sponsor_is_found_by_part_of_its_name_initials_domain_or_number(
    mine: Client, organisation: Organisation, words: str
) -> None:
    wanted = make_sponsor(organisation, name="北京鹏程万里科技有限公司")
    make_service(wanted, domains=("peng-cheng.cn",))
    make_sponsor(organisation, name="上海东方贸易有限公司")
    asked = words.format(number=wanted.number.lower(), digits=wanted.number[5:15]).replace(".example", "")
    shown = page(mine, f"/sponsors/?q={asked}")
    assert "北京鹏程万里科技有限公司" in shown
    assert "上海东方贸易有限公司" not in shown


def test_a_service_is_found_by_its_own_or_its_sponsors_name(mine: Client, organisation: Organisation) -> None:
    sponsor = make_sponsor(organisation, name="北京鹏程万里科技有限公司")
    make_service(sponsor, name="云上书屋")
    make_service(make_sponsor(organisation), name="山间笔记")
    for words in ("书", "上书", "鹏程", "yssw"):
        shown = page(mine, f"/services/?q={words}")
        assert "云上书屋" in shown, words
        assert "山间笔记" not in shown, words


def test_filters_in_the_address_narrow_the_list_and_unknown_ones_are_passed_over(
    mine: Client, organisation: Organisation
) -> None:
    person = make_sponsor(organisation, nature="individual", name="王小明")
    company = make_sponsor(organisation)
    shown = page(mine, "/sponsors/?nature=individual&standing=active&province=京")
    assert person.number in shown
    assert company.number not in shown
    shown = page(mine, "/sponsors/?nature=robot&sort=password&size=9999&page=abc")
    assert person.number in shown
    assert company.number in shown


def test_a_list_takes_as_few_queries_for_a_hundred_rows_as_for_one(mine: Client, organisation: Organisation) -> None:
    for _ in range(3):
        make_service(make_sponsor(organisation))

    def count(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(mine, address)
        return len(queries)

    few = {
        a: count(a) for a in ("/sponsors/?size=100", "/services/?size=100", "/sponsors/?q=示例", "/services/?q=示例")
    }
    for _ in range(25):
        make_service(make_sponsor(organisation))
    for address, before in few.items():
        assert count(address) == before, address
        assert before < 20


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_download_holds_the_filtered_rows_and_no_formula(mine: Client, organisation: Organisation, form: str) -> None:
    make_sponsor(organisation, name='=HYPERLINK("http://x","y")')
    make_sponsor(organisation, name="上海东方贸易有限公司", province="沪")
    response = mine.get(f"/sponsors/?province=京&export={form}")
    content = b"".join(response.streaming_content)
    if form == "csv":
        text = content.decode("utf-8-sig")
        assert "'=HYPERLINK" in text
        assert ",=HYPERLINK" not in text
        assert "上海东方" not in text
    else:
        rows = list(load_workbook(io.BytesIO(content)).active.iter_rows())
        assert [cell.data_type for cell in rows[1]] == ["s"] * 6
        assert rows[1][1].value.startswith("'=HYPERLINK")
        assert len(rows) == 2


@pytest.mark.parametrize("start", ["=1", "+1", "-1", "@x", "\t=1", " =1", "\n=1", "|x", "\x00=1"])
def test_no_cell_starts_a_formula(start: str) -> None:
    assert inert_cell(start).startswith("'")


def test_a_personal_sponsor_is_masked_everywhere(mine: Client, organisation: Organisation) -> None:
    sponsor = make_sponsor(
        organisation, nature="individual", name="王小明", person=make_person_values(name="王小明", mobile="13812345678")
    )
    service = make_service(sponsor)
    for address in ("/sponsors/", "/services/", f"/sponsors/{sponsor.pk}/", f"/services/{service.pk}/"):
        shown = page(mine, address)
        assert "王小明" not in shown, address
        assert "13812345678" not in shown, address
    assert "138****5678" in page(mine, f"/sponsors/{sponsor.pk}/")


def test_revealing_is_a_post_that_the_journal_records(mine: Client, organisation: Organisation) -> None:
    sponsor = make_sponsor(organisation, person=make_person_values(mobile="13812345678"))
    address = f"/sponsors/{sponsor.pk}/reveal/"
    assert mine.get(address).status_code == 405
    response = mine.post(address, {"field": "person.mobile"})
    assert response.content.decode().strip() == "13812345678"
    entry = Entry.objects.get(event="record.revealed")
    assert entry.after == {"field": "person.mobile"}
    assert "13812345678" not in str(entry.after)
    assert mine.post(address, {"field": "organisation.name"}).status_code == 404
    assert Entry.objects.filter(event="record.revealed").count() == 1


def test_the_footer_carries_the_number_the_province_wants(mine: Client, organisation: Organisation) -> None:
    for province, of_sponsor in (("粤", True), ("京", False)):
        sponsor = make_sponsor(organisation, province=province, region="440100" if of_sponsor else "110101")
        service = make_service(sponsor)
        shown = page(mine, f"/services/{service.pk}/?police=京公网安备11010802012345号")
        number = sponsor.number if of_sponsor else service.number
        assert f"&gt;{number}&lt;/a&gt;" in shown
        assert "https://beian.miit.gov.cn/" in shown
        assert "京公网安备11010802012345号&lt;/a&gt;" in shown


def test_a_mistyped_police_number_is_said_to_be_so_and_stays_in_the_field(
    mine: Client, organisation: Organisation
) -> None:
    service = make_service(make_sponsor(organisation))
    shown = page(mine, f'/services/{service.pk}/?police="><script>1')
    assert "<script>1" not in shown
    assert 'aria-invalid="true"' in shown
    assert service.number in shown


def test_the_police_filing_task_counts_thirty_days_from_the_grant(mine: Client, organisation: Organisation) -> None:
    # The thirtieth day is a Sunday.
    service = make_service(make_sponsor(organisation), on=date(2026, 11, 20))
    assert "2026-12-21" in page(mine, f"/services/{service.pk}/")


def test_an_extract_is_printed_once_a_day_and_downloaded(mine: Client, organisation: Organisation) -> None:
    sponsor = make_sponsor(organisation)
    first = mine.post(f"/sponsors/{sponsor.pk}/extract/")
    second = mine.post(f"/sponsors/{sponsor.pk}/extract/")
    assert first["Location"] == second["Location"]
    assert Extract.objects.count() == 1
    response = mine.get(first["Location"])
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    assert response["Content-Disposition"].startswith("attachment")


ADDRESSES: dict[str, Callable[[Any, Any], str]] = {
    "dossier": lambda sponsor, service: f"/sponsors/{sponsor.pk}/",
    "service": lambda sponsor, service: f"/services/{service.pk}/",
}
POSTS: dict[str, Callable[[Any, Any], str]] = {
    "reveal sponsor": lambda sponsor, service: f"/sponsors/{sponsor.pk}/reveal/",
    "reveal service": lambda sponsor, service: f"/services/{service.pk}/reveal/",
    "sponsor extract": lambda sponsor, service: f"/sponsors/{sponsor.pk}/extract/",
    "service extract": lambda sponsor, service: f"/services/{service.pk}/extract/",
}


@pytest.mark.parametrize("name", [*ADDRESSES, *POSTS])
def test_another_organisations_record_is_not_there(mine: Client, name: str) -> None:
    sponsor = make_sponsor()
    service = make_service(sponsor)
    if name in ADDRESSES:
        response = mine.get(ADDRESSES[name](sponsor, service))
    else:
        response = mine.post(POSTS[name](sponsor, service), {"field": "person.mobile"})
    assert response.status_code == 404
    assert sponsor.name not in response.content.decode()
    assert not Extract.objects.exists()
    assert not Entry.objects.filter(event="record.revealed").exists()


def test_lists_searches_and_downloads_hold_nobody_elses_records(mine: Client) -> None:
    sponsor = make_sponsor(name="上海东方贸易有限公司")
    service = make_service(sponsor, name="东方商城", domains=("dongfang.cn",))
    for words in ("", "东", "东方", "dfsc", "dongfang.cn", sponsor.number, service.number):
        for part in ("sponsors", "services"):
            assert "东方" not in page(mine, f"/{part}/?q={words}").replace(f'value="{words}"', "")
            for form in ("csv", "xlsx"):
                response = mine.get(f"/{part}/?q={words}&export={form}")
                content = b"".join(response.streaming_content)
                rows = (
                    content.decode("utf-8-sig").splitlines()
                    if form == "csv"
                    else list(load_workbook(io.BytesIO(content)).active.iter_rows())
                )
                assert len(rows) == 1


def test_another_organisations_extract_file_is_not_there(mine: Client, client: Client) -> None:
    other = make_organisation()
    sponsor = make_sponsor(other)
    theirs = Client()
    theirs.force_login(make_user(other))
    location = theirs.post(f"/sponsors/{sponsor.pk}/extract/")["Location"]
    assert theirs.get(location).status_code == 200
    assert mine.get(location).status_code == 404


def test_an_access_provider_sees_its_own_access_and_not_its_competitors() -> None:
    ours, theirs = make_organisation(kind="access_provider"), make_organisation(kind="access_provider")
    our_provider, their_provider = make_provider(ours, "我们的云"), make_provider(theirs, "别人的云")
    sponsor = make_sponsor()
    service = make_service(sponsor, provider=our_provider)
    make_service(sponsor, provider=their_provider, name="别处的站")
    from openbeian.registry.models import Access

    Access.objects.create(
        service=service, provider=their_provider, mode="cloud", place="110000", granted_on=date(2026, 3, 2)
    )
    client = Client()
    client.force_login(make_user(ours, "first_reviewer"))
    shown = page(client, f"/services/{service.pk}/")
    assert "我们的云" in shown
    assert "别人的云" not in shown
    assert "别处的站" not in page(client, f"/sponsors/{sponsor.pk}/")


def test_what_to_do_next_stands_first(mine: Client, organisation: Organisation) -> None:
    sponsor = make_sponsor(organisation, certificate_until=date(2020, 1, 1))
    make_service(sponsor)
    assert "证件已过期" in page(mine, f"/sponsors/{sponsor.pk}/")
    assert "/cases/new/?sponsor=" in page(mine, f"/sponsors/{sponsor.pk}/")
    assert Sponsor.objects.count() == 1

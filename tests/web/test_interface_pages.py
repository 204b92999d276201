"""对接 in the portal: reports and their states, retry and taking out, settings whose secrets never come back."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from openbeian.accounts.models import User
from openbeian.authority.actions.apply_download import apply_download
from openbeian.authority.actions.report_resource import report_resource
from openbeian.authority.messages.download import BlacklistedSite, Download, FilingNews, Notice
from openbeian.authority.messages.filing import Domain, Site
from openbeian.authority.messages.reader import read_download
from openbeian.authority.messages.writer import write
from openbeian.authority.models import Connection, Item, Report
from openbeian.authority.officer_desk import OfficerDesk
from openbeian.authority.ports import Receipt
from openbeian.authority.simulator.desk import Question
from openbeian.cases.actions.forward_case import forward_case
from openbeian.kernel.actor import Actor
from tests.accounts.factories import make_actor
from tests.authority.connections import draw_picture, make_approved_case, make_connection, make_interface_world
from tests.authority.samples import PROVIDER, make_filing, make_upload
from tests.cases.factories import World, make_service_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_interface_world()


@pytest.fixture
def connection(world: World) -> Connection:
    return make_connection(world)


def sign_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def read(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_a_reviewer_sees_what_was_reported_and_why_it_failed_and_puts_it_back(
    world: World, connection: Connection
) -> None:
    case = make_approved_case(world)
    forward_case(world.reviewer, case.pk)
    report = Report.objects.get()
    Report.objects.update(state="failed", reason_zh="<b>哈希不符</b>", reason_en="hash", result_code=7)
    client = sign_in(world.reviewer)
    page = read(client, "/interface/")
    assert "未能上报" in page
    assert "域名证书或实名认证截图" in page
    assert "&lt;b&gt;哈希不符" in page
    assert client.post(f"/interface/reports/{report.pk}/retry/").status_code == 302
    report.refresh_from_db()
    assert (report.state, report.reason_zh) == ("waiting", "")


def test_taking_a_report_out_sends_its_case_the_outside_way(world: World, connection: Connection) -> None:
    case = make_approved_case(world)
    forward_case(world.reviewer, case.pk)
    report = Report.objects.get()
    sign_in(world.reviewer).post(f"/interface/reports/{report.pk}/take-out/")
    report.refresh_from_db()
    case.refresh_from_db()
    assert (report.state, case.channel, case.state) == ("taken_out", "outside", "awaiting_sms")


def test_a_report_on_its_way_cannot_be_taken_out(world: World, connection: Connection) -> None:
    case = make_approved_case(world)
    forward_case(world.reviewer, case.pk)
    Report.objects.update(state="packed")
    response = sign_in(world.reviewer).post(f"/interface/reports/{Report.objects.get().pk}/take-out/")
    assert response.status_code == 409
    assert Report.objects.get().state == "packed"


def test_the_review_page_names_what_the_interface_cannot_carry_and_offers_the_way_out(
    world: World, connection: Connection
) -> None:
    case = make_approved_case(world, service=make_service_values(kind="app"))
    client = sign_in(world.reviewer)
    page = read(client, f"/desk/{case.pk}/")
    assert "V3.0 接口只有网站" in page
    assert "改走外部通道" in page
    client.post(f"/desk/{case.pk}/outside/")
    case.refresh_from_db()
    assert case.channel == "outside"


def test_saved_credentials_are_sealed_and_never_shown_again(world: World) -> None:
    administrator = make_actor(world.provider_organisation, "administrator")
    client = sign_in(administrator)
    values = {
        "province": "京", "url": "http://127.0.0.1:9", "provider_number": str(PROVIDER), "user": "zhanghao-1",
        "password": "mima-geheim", "aes_key": "k" * 16, "aes_offset": "o" * 16, "encryption": "1", "is_active": "on",
    }  # fmt: skip
    response = client.post("/interface/connections/new/", values)
    assert response.status_code == 302, response.content.decode()
    connection = Connection.objects.get()
    shown = read(client, f"/interface/connections/{connection.pk}/") + read(
        client, f"/interface/connections/{connection.pk}/change/"
    )
    for secret in ("zhanghao-1", "mima-geheim", "k" * 16, "o" * 16):
        assert secret not in shown
    client.post(f"/interface/connections/{connection.pk}/change/", values | {"password": "", "user": ""})
    connection.refresh_from_db()
    assert (connection.user, connection.password) == ("zhanghao-1", "mima-geheim")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "ftp://x"), ("url", "http://10.0.0.1"), ("url", "http://a:b@127.0.0.1"), ("provider_number", "x"),
        ("aes_key", "short"), ("password", "𠮷"),
    ],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused_beside_their_field(world: World, field: str, value: str) -> None:
    values = {
        "province": "京", "url": "http://127.0.0.1:9", "provider_number": "1", "user": "u", "password": "p",
        "aes_key": "k" * 16, "aes_offset": "o" * 16, "encryption": "1",
    }  # fmt: skip
    client = sign_in(make_actor(world.provider_organisation, "administrator"))
    response = client.post("/interface/connections/new/", values | {field: value})
    assert response.status_code == 422
    assert not Connection.objects.exists()


def test_a_prepared_file_becomes_reports_and_a_faulty_one_leaves_no_trace(
    world: World, connection: Connection, tmp_path: Path
) -> None:
    client = sign_in(world.reviewer)
    file = tmp_path / "a.xml"
    for content, count in ((b"not xml", 0), (write(make_upload(make_filing(1), make_filing(2))), 2)):
        file.write_bytes(content)
        with file.open("rb") as opened:
            client.post(f"/interface/connections/{connection.pk}/queue/", {"file": opened})
        assert Report.objects.count() == count


def test_what_the_administration_sent_is_listed_and_noted_as_dealt_with(world: World, connection: Connection) -> None:
    news = FilingNews(notices=(Notice(scope=0, text="<script>限期整改"),))
    apply_download(connection.pk, Receipt("n.xml", "1" * 64, b"zip"), read_download(write(Download(icp=news))))
    client = sign_in(world.reviewer)
    assert "&lt;script&gt;限期整改" in read(client, "/interface/items/")
    item = Item.objects.get()
    assert "限期整改" in read(client, f"/interface/items/{item.pk}/")
    client.post(f"/interface/items/{item.pk}/close/")
    item.refresh_from_db()
    assert not item.is_open


def test_an_officer_decides_once_about_an_upload_and_sees_personal_data_only_when_asked(world: World) -> None:
    desk = OfficerDesk(world.administration.pk, PROVIDER)
    question = Question(1, 0, make_filing(1))
    assert desk.decide(question) is None
    assert desk.decide(question) is None
    client = sign_in(world.officer)
    assert "接口上报" in read(client, "/desk/")
    (number,) = world_questions()
    mobile = make_filing(1).subject.person.mobile  # type: ignore[union-attr]
    assert mobile not in read(client, f"/desk/uploads/{number}/")
    assert mobile in client.post(f"/desk/uploads/{number}/reveal/").content.decode()
    assert client.post(f"/desk/uploads/{number}/decide/", {"verdict": "refuse"}).status_code == 422
    client.post(f"/desk/uploads/{number}/decide/", {"verdict": "refuse", "opinion": "材料不清"})
    verdict = desk.decide(question)
    assert verdict is not None
    assert (verdict.is_approved, verdict.opinion) == (False, "材料不清")
    assert client.post(f"/desk/uploads/{number}/decide/", {"verdict": "approve"}).status_code == 409


def world_questions() -> list[int]:
    from openbeian.authority.models import Question as Asked

    return list(Asked.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("page", ["", "files/", "files/?way=down&", "items/"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_list_can_be_taken_away(world: World, connection: Connection, page: str, form: str) -> None:
    forward_case(world.reviewer, make_approved_case(world).pk)
    joint = "" if page.endswith("&") else "?"
    response = sign_in(world.reviewer).get(f"/interface/{page}{joint}export={form}")
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    assert len(b"".join(response.streaming_content)) > 20  # type: ignore[arg-type]
    response.close()


def test_a_range_of_the_register_is_filled_in_reported_and_found_among_the_reports(
    world: World, connection: Connection
) -> None:
    world.provider.address_ranges = ["101.6.0.0-101.6.0.255"]
    world.provider.save()
    client = sign_in(world.reviewer)
    address = f"/interface/connections/{connection.pk}/report/broadcasts/"
    assert f'href="{address}"' in read(client, f"/interface/connections/{connection.pk}/")
    page = read(client, f"{address}?from=range:101.6.0.0-101.6.0.255")
    assert 'value="101.6.0.0-101.6.0.255"' in page
    typed = {"range": "10.0.0.1", "broadcaster": "7", "applicant": "8", "note": "写好的备注"}
    refused = client.post(address, typed)
    assert refused.status_code == 422
    assert "写好的备注" in refused.content.decode()
    assert client.post(address, {**typed, "range": "101.6.0.0-101.6.0.255"}).status_code == 302
    assert "101.6.0.0-101.6.0.255" in read(client, "/interface/")
    assert Report.objects.get().kind == "new_broadcasts"


@pytest.mark.parametrize("kind", ["sources", "allocations", "broadcasts", "customer_owned", "domains", "materials"])
def test_every_kind_of_resource_has_its_form_and_an_empty_one_is_refused_field_by_field(
    world: World, connection: Connection, kind: str
) -> None:
    client = sign_in(world.reviewer)
    address = f"/interface/connections/{connection.pk}/report/{kind}/"
    read(client, address)
    assert client.post(address, {}).status_code == 422
    assert client.get(f"/interface/connections/{connection.pk}/report/nothing/").status_code == 404
    assert not Report.objects.exists()


def test_what_stands_at_the_administration_can_be_changed_and_struck_from_the_list(
    world: World, connection: Connection
) -> None:
    report = report_resource(world.reviewer, connection.pk, "sources", {"range": "101.6.0.1", "source_unit": 7})
    client = sign_in(world.reviewer)
    change = f"/interface/reports/{report.pk}/change/"
    assert change not in read(client, "/interface/")
    assert client.post(f"/interface/reports/{report.pk}/remove/").status_code == 409
    Report.objects.update(state="done", authority_id=900)
    assert change in read(client, "/interface/")
    assert 'value="101.6.0.1"' in read(client, change)
    assert client.post(change, {"range": "101.6.0.2", "source_unit": "7"}).status_code == 302
    assert change not in read(client, "/interface/")  # a change of it is on its way
    assert Report.objects.get(kind="changed_sources").authority_id == 900


def test_a_paper_is_handed_in_as_a_picture_of_a_filing_on_record(world: World, connection: Connection) -> None:
    client = sign_in(world.reviewer)
    address = f"/interface/connections/{connection.pk}/report/materials/"
    file = SimpleUploadedFile("a.jpg", draw_picture(), "image/jpeg")
    refused = client.post(address, {"number": "京ICP备1号", "purpose": "1", "file": file})
    assert refused.status_code == 422
    assert "登记中没有这个备案号" in refused.content.decode()


def test_a_blacklisted_domain_is_named_to_the_reviewer_with_whose_list_it_is_and_stops_nobody(
    world: World, connection: Connection
) -> None:
    case = make_approved_case(world)
    (domain,) = case.form["services"][0]["domains"]
    site = Site(name="违规网站", domains=(Domain(name=domain),))
    news = Download(icp=FilingNews(blacklisted_sites=(BlacklistedSite(site=site, operation=0),)))
    apply_download(connection.pk, Receipt("a.xml", "0" * 64, b"zip"), read_download(write(news)))
    client = sign_in(world.reviewer)
    page = read(client, f"/desk/{case.pk}/")
    assert "北京市通信管理局的黑名单" in page
    assert "提交时会检查" in read(client, f"/interface/items/{Item.objects.get().pk}/")
    forward_case(world.reviewer, case.pk)
    assert Report.objects.get().case_id == case.pk

"""The applicant's pages: from the choice of a procedure to the submitted case, and everything that can go wrong."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from openpyxl import load_workbook

from openbeian.cases.actions.confirm_person import confirm_person
from openbeian.cases.actions.grant_case import grant_case
from openbeian.cases.actions.save_draft import save_draft
from openbeian.cases.actions.start_case import start_case
from openbeian.cases.actions.turn_case import turn_case
from openbeian.cases.models import Case, SentMessage
from openbeian.cases.queries import get_procedure
from openbeian.documents.models import Document
from openbeian.journal.models import Entry
from openbeian.kernel.actor import SYSTEM
from openbeian.policies.actions.switch_policy_on import switch_policy_on
from openbeian.registry.models import Service, Sponsor
from tests.accounts.factories import make_actor, make_organisation
from tests.cases.factories import (
    World,
    add_papers,
    approve,
    make_filled_case,
    make_sponsor_values,
    make_submitted_case,
    make_world,
)
from tests.documents.hostile_files import picture
from tests.policies.factories import CYCLE, make_runner
from tests.web.pages import fill_section, make_values, parse, post, read_form, sign_in, text_of, type_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def client(world: World) -> Client:
    return sign_in(world.applicant)


def start_by_page(client: Client, wish: str = "file") -> Case:
    page = parse(client.get(f"/cases/new/?wish={wish}"))
    fields = read_form(page, "form[action='/cases/start/']")
    response = post(client, "/cases/start/", fields)
    assert response.status_code == 302
    return Case.objects.get(pk=int(response.url.split("/")[2]))


def hand_in_everything(client: Client, case: Case) -> None:
    page = parse(client.get(f"/cases/{case.pk}/form/materials/"))
    for form in page.css("form[data-drop]"):
        fields = {i.attributes["name"]: i.attributes.get("value") for i in form.css("input[type=hidden]")}
        image = SimpleUploadedFile("证件.png", picture(size=(900, 700)), "image/png")
        response = client.post(form.attributes["action"], {**fields, "file": image})
        assert response.status_code == 302, text_of(response)


def confirm_all(case: Case) -> None:
    for c in case.confirmations.filter(round=case.confirmation_round):
        code = re.search(r"核验码 (\d{6})", SentMessage.objects.get(key=f"code:{c.pk}").body)
        assert code is not None
        confirm_person(SYSTEM, c.secret, code[1], c.mobile, c.certificate_tail)


def make_granted(world: World, **values: Any) -> Case:
    case = approve(world, make_submitted_case(world, **values))
    confirm_all(case)
    return grant_case(world.officer, case.pk)


# --- Choosing a procedure -------------------------------------------------------------------------------------------


def test_a_newcomer_is_proposed_a_first_filing_with_why_the_others_do_not_fit(client: Client) -> None:
    said = text_of(client.get("/cases/new/?wish=file"))
    assert "开始办理：首次备案" in said
    assert "主体尚未备案，先办首次备案" in said


def test_the_kind_of_service_chosen_first_stands_in_the_form(client: Client) -> None:
    fields = read_form(parse(client.get("/cases/new/?wish=file&kind=app")), "form[action='/cases/start/']")
    post(client, "/cases/start/", fields)
    assert Case.objects.get().form["services"][0]["kind"] == "app"


def test_a_sponsor_on_record_is_proposed_an_addition(client: Client, world: World) -> None:
    make_granted(world)
    sponsor = Sponsor.objects.get()
    said = text_of(client.get(f"/cases/new/?wish=file&sponsor={sponsor.pk}"))
    assert "开始办理：新增互联网信息服务" in said
    assert "主体已有备案号，请办新增服务" in said


def test_reconfirmation_says_that_its_cycle_is_policy_and_who_claims_what(client: Client, world: World) -> None:
    make_granted(world)
    sponsor = Sponsor.objects.get()
    said = text_of(client.get(f"/cases/new/?procedure=reconfirmation&sponsor={sponsor.pk}"))
    assert "定期复核不是法律要求，本平台也没有启用复核周期" in said
    switch_policy_on(make_runner(), CYCLE, "two_years")
    said = text_of(client.get(f"/cases/new/?procedure=reconfirmation&sponsor={sponsor.pk}"))
    assert "复核周期是本平台的政策，不是法律要求" in said
    assert "本系统内部政策，并非法律规定" in said
    assert "2年" in said.replace(" ", "")
    case = start_case(world.applicant, "reconfirmation", sponsor_id=sponsor.pk)
    for page in (f"/cases/{case.pk}/", f"/cases/{case.pk}/form/sponsor/", f"/cases/{case.pk}/form/materials/"):
        assert "不是法律要求" in text_of(client.get(page))


def test_a_double_click_on_start_makes_one_draft(client: Client) -> None:
    fields = read_form(parse(client.get("/cases/new/?wish=file")), "form[action='/cases/start/']")
    first = post(client, "/cases/start/", fields)
    second = post(client, "/cases/start/", fields)
    assert Case.objects.count() == 1
    assert first.url.startswith(second.url)
    assert "没有重复新建" in text_of(client.get(second.url))


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_make_one_draft() -> None:
    client = sign_in(make_actor(make_organisation("owner"), "applicant"))
    fields = read_form(parse(client.get("/cases/new/?wish=file")), "form[action='/cases/start/']")
    ready = Barrier(4)

    def click(_: int) -> str:
        again = Client()
        again.cookies = client.cookies
        ready.wait(30)
        try:
            return str(post(again, "/cases/start/", fields).url)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        led_to = set(pool.map(click, range(4)))
    case = Case.objects.get()
    assert led_to == {f"/cases/{case.pk}/form/", f"/cases/{case.pk}/"}


def test_a_post_without_its_pages_mark_stands_for_itself(client: Client, world: World) -> None:
    make_granted(world)
    client.post("/cases/start/", {"procedure": "first_filing"})
    sponsor = Sponsor.objects.get()
    answer = client.post("/cases/start/", {"procedure": "change_sponsor", "sponsor": sponsor.pk})
    assert Case.objects.get(procedure="change_sponsor").sponsor == sponsor
    assert answer.status_code == 302


def test_a_sponsor_of_somebody_else_cannot_be_named(client: Client, world: World) -> None:
    make_granted(world)
    stranger = sign_in(make_actor(make_organisation("owner"), "applicant"))
    assert stranger.get(f"/cases/new/?wish=file&sponsor={Sponsor.objects.get().pk}").status_code == 404


# --- The whole way by pages -----------------------------------------------------------------------------------------


def test_a_first_filing_is_filled_in_and_submitted_by_posting_pages(client: Client, world: World) -> None:
    case = start_by_page(client)
    values = make_values(world)
    for section, following in (("sponsor", "services"), ("services", "access"), ("access", "materials")):
        response = fill_section(client, case, section, values[section], go=f"to:{following}")
        assert response.url == f"/cases/{case.pk}/form/{following}/"
    hand_in_everything(client, case)
    fill_section(client, case, "verification", values["verification"], go="to:submission")
    page = client.get(f"/cases/{case.pk}/form/submission/")
    assert "可以提交" in text_of(page), text_of(page)[:1500]
    response = post(client, f"/cases/{case.pk}/form/submission/", read_form(parse(page), "main form[method=post]"))
    assert response.status_code == 302
    case.refresh_from_db()
    assert case.state == "awaiting_first_review"
    assert case.reference in text_of(client.get(response.url))


def test_submitting_twice_has_one_effect_and_the_page_says_so(client: Client, world: World) -> None:
    case = make_filled_case(world)
    fields = read_form(parse(client.get(f"/cases/{case.pk}/form/submission/")), "main form[method=post]")
    post(client, f"/cases/{case.pk}/form/submission/", fields)
    second = post(client, f"/cases/{case.pk}/form/submission/", fields)
    assert case.steps.filter(verb="submit").count() == 1
    assert "没有重复提交" in text_of(client.get(second.url))


def test_an_incomplete_case_lists_every_fault_with_a_link_into_its_field(client: Client, world: World) -> None:
    case = start_case(world.applicant, "first_filing")
    response = post(client, f"/cases/{case.pk}/form/submission/", {"revision": [str(case.revision)]})
    assert response.status_code == 422
    links = [a.attributes["href"] or "" for a in parse(response).css(".summary-faults a")]
    assert len(links) > 15
    for section, anchor in (
        ("sponsor", "field-sponsor-person-mobile"),
        ("services", "field-services-0-name"),
        ("access", "field-services-0-accesses-0-ip_ranges"),
        ("access", "field-provider_id"),
        ("materials", "field-materials-sponsor_certificate-sponsor"),
        ("verification", "field-verification-truthful"),
    ):
        link = f"/cases/{case.pk}/form/{section}/?check=1#{anchor}"
        assert link in links
        assert parse(client.get(link)).css_first(f"#{anchor}") is not None
    case.refresh_from_db()
    assert case.state == "draft"


@pytest.mark.parametrize(
    ("procedure", "subject"),
    [
        ("add_service", "sponsor"),
        ("add_access", "service"),
        ("change_sponsor", "sponsor"),
        ("change_service", "service"),
        ("change_access", "service"),
        ("cancel_access", "service"),
        ("cancel_service", "service"),
        ("reconfirmation", "sponsor"),
    ],
)
def test_every_procedure_shows_its_form_and_what_it_does_not_open_stays_shut(
    client: Client, world: World, procedure: str, subject: str
) -> None:
    make_granted(world)
    named = (
        {"sponsor_id": Sponsor.objects.get().pk} if subject == "sponsor" else {"service_id": Service.objects.get().pk}
    )
    if procedure in {"change_access", "cancel_access"}:
        named["provider_id"] = world.provider.pk
    case = start_case(world.applicant, procedure, **named)
    shown: set[str] = set()
    for section in set(get_procedure(procedure).sections) - {"materials", "submission"}:
        page = client.get(f"/cases/{case.pk}/form/{section}/")
        assert page.status_code == 200
        fields = read_form(parse(page))
        shown |= {entry.partition("|")[0] for entry in fields.get("shown", [])}
    assert "sponsor.certificate_number" not in shown
    assert ("reason" in shown) == procedure.startswith("cancel_")
    assert ("services.0.accesses.0.mode" in shown) == (
        procedure in {"add_service", "add_access", "change_access", "reconfirmation"}
    )
    assert client.get(f"/cases/{case.pk}/").status_code == 200
    assert client.get(f"/cases/{case.pk}/form/submission/").status_code == 200


# --- Typing, saving, losing nothing ---------------------------------------------------------------------------------


def autosave(client: Client, case: Case, section: str, fields: dict[str, list[str]]) -> Any:
    url = f"/cases/{case.pk}/form/{section}/save/"
    return post(client, url, fields, headers={"HX-Request": "true"})


def test_saving_never_judges_and_tells_the_time_and_the_fault_of_that_field(client: Client, world: World) -> None:
    case = start_case(world.applicant, "first_filing")
    fields = read_form(parse(client.get(f"/cases/{case.pk}/form/sponsor/")))
    response = autosave(client, case, "sponsor", type_values(fields, {"sponsor.person.mobile": "12345"}))
    assert response.status_code == 200
    assert re.search(r'"at": "\d\d:\d\d"', response.headers["HX-Trigger"])
    tree = parse(response)
    assert tree.css_first("#field-sponsor-person-mobile-state .error") is not None
    assert tree.css_first("#field-sponsor-person-email-state .error") is None, (
        "nobody is scolded before they come to it"
    )
    case.refresh_from_db()
    assert case.form["sponsor"]["person"]["mobile"] == "12345"


def test_a_choice_draws_the_section_anew_and_keeps_what_it_hides(client: Client, world: World) -> None:
    case = start_case(world.applicant, "first_filing")
    fill_section(client, case, "services", {"services.0.kind": "website", "services.0.home_url": "www.kept.cn"})
    fields = read_form(parse(client.get(f"/cases/{case.pk}/form/services/")))
    response = autosave(client, case, "services", type_values(fields, {"services.0.kind": "app"}))
    assert response.headers["HX-Retarget"] == "#section-form"
    tree = parse(response)
    assert tree.css_first("[name='services.0.package_name']") is not None
    assert tree.css_first("[name='services.0.home_url']") is None
    case.refresh_from_db()
    assert case.form["services"][0]["home_url"] == "www.kept.cn"


def test_two_tabs_that_change_different_fields_are_merged_without_a_word(client: Client, world: World) -> None:
    case = start_case(world.applicant, "first_filing")
    fields = read_form(parse(client.get(f"/cases/{case.pk}/form/sponsor/")))
    save_draft(world.applicant, case.pk, {"sponsor.address": "另一页写的地址"})
    response = autosave(client, case, "sponsor", type_values(fields, {"sponsor.name": "北京某某公司"}))
    assert parse(response).css_first("#conflict") is None
    case.refresh_from_db()
    assert case.form["sponsor"]["address"] == "另一页写的地址"
    assert case.form["sponsor"]["name"] == "北京某某公司"


def test_a_stale_tab_shows_both_versions_and_loses_neither(client: Client, world: World) -> None:
    case = start_case(world.applicant, "first_filing")
    fields = read_form(parse(client.get(f"/cases/{case.pk}/form/sponsor/")))
    save_draft(world.applicant, case.pk, {"sponsor.name": "较新的名称"})
    response = autosave(client, case, "sponsor", type_values(fields, {"sponsor.name": "旧页面输入的名称"}))
    tree = parse(response)
    notice = tree.css_first("#conflict")
    assert notice is not None
    assert "较新的名称" in notice.text()
    assert "旧页面输入的名称" in notice.text()
    case.refresh_from_db()
    assert case.form["sponsor"]["name"] == "较新的名称", "nothing is overwritten before the person decides"

    kept = post(client, f"/cases/{case.pk}/form/sponsor/", {**read_form(tree), "go": ["stay"]})
    assert kept.status_code == 302
    case.refresh_from_db()
    assert case.form["sponsor"]["name"] == "旧页面输入的名称"


def test_adding_and_removing_a_service_keeps_what_was_typed(client: Client, world: World) -> None:
    case = start_case(world.applicant, "first_filing")
    fill_section(client, case, "services", {"services.0.name": "第一个服务"}, go="add:services")
    case.refresh_from_db()
    assert [s["name"] for s in case.form["services"]] == ["第一个服务", ""]
    fill_section(client, case, "services", {"services.1.name": "第二个服务"}, go="remove:services:0")
    case.refresh_from_db()
    assert [s["name"] for s in case.form["services"]] == ["第二个服务"]


def test_what_is_far_too_long_is_refused_by_name_and_nothing_is_written(client: Client, world: World) -> None:
    case = start_case(world.applicant, "first_filing")
    fields = read_form(parse(client.get(f"/cases/{case.pk}/form/sponsor/")))
    response = autosave(client, case, "sponsor", type_values(fields, {"sponsor.name": "长" * 9000}))
    assert response.status_code == 413
    assert "主办单位名称" in response.content.decode()
    case.refresh_from_db()
    assert case.form["sponsor"]["name"] == ""


def test_a_submitted_case_cannot_be_written_from_a_page_left_open(client: Client, world: World) -> None:
    case = make_filled_case(world)
    fields = read_form(parse(client.get(f"/cases/{case.pk}/form/sponsor/")))
    post(client, f"/cases/{case.pk}/form/submission/", {"revision": [str(case.revision)]})
    response = autosave(client, case, "sponsor", type_values(fields, {"sponsor.name": "偷偷改名"}))
    assert response.status_code == 409
    case.refresh_from_db()
    assert case.form["sponsor"]["name"] != "偷偷改名"


def test_regions_cascade_and_a_new_province_lets_go_of_the_old_county(client: Client, world: World) -> None:
    case = start_case(world.applicant, "first_filing")
    fill_section(client, case, "sponsor", {"sponsor.region": "110101"})
    tree = parse(client.get(f"/cases/{case.pk}/form/sponsor/"))
    assert len(tree.css("[name^='sponsor.region:']")) == 3
    fields = {**read_form(tree), "sponsor.region:1": ["440000"]}
    response = autosave(client, case, "sponsor", fields)
    case.refresh_from_db()
    assert case.form["sponsor"]["region"] == "440000"
    assert len(parse(response).css("[name^='sponsor.region:']")) == 2


def test_hostile_text_is_inert_on_every_page(client: Client, world: World) -> None:
    attack = "<script>alert(1)</script>{{ 7|add:7 }}\"'><img src=x onerror=alert(1)>"
    case = start_case(world.applicant, "first_filing")
    save_draft(
        world.applicant,
        case.pk,
        {"sponsor.name": attack, "services.0.name": attack, "services.0.kind": attack, "sponsor.region": attack,
         "services.0.domains": [attack], "sponsor.certificate_until": attack, "provider_id": attack},
    )  # fmt: skip
    for url in ("/", "/cases/", f"/cases/?q={attack}", f"/cases/{case.pk}/", f"/cases/{case.pk}/form/submission/",
                *(f"/cases/{case.pk}/form/{s}/?check=1" for s in ("sponsor", "services", "access", "materials"))):  # fmt: skip
        page = client.get(url).content.decode()
        assert "<script>alert" not in page, url
        assert "<img src=x" not in page, url


# --- Papers ---------------------------------------------------------------------------------------------------------


def test_a_refused_paper_says_why_at_its_place_and_the_others_stay(client: Client, world: World) -> None:
    case = make_filled_case(world)
    before = Document.objects.count()
    upload = {
        "material": "sponsor_certificate",
        "owner": "sponsor",
        "file": SimpleUploadedFile("执照.png", b"MZ not a picture", "image/png"),
    }
    response = client.post(f"/cases/{case.pk}/form/materials/hand-in/", upload)
    assert response.status_code == 422
    notice = parse(response).css_first("#field-materials-sponsor_certificate-sponsor .notice")
    assert notice is not None
    assert "格式" in notice.text()
    assert Document.objects.count() == before


def test_a_paper_is_replaced_and_taken_back(client: Client, world: World) -> None:
    case = start_case(world.applicant, "first_filing")
    url = f"/cases/{case.pk}/form/materials/hand-in/"
    paper = {"material": "sponsor_certificate", "owner": "sponsor"}

    def image() -> SimpleUploadedFile:
        return SimpleUploadedFile("a.png", picture(size=(900, 700)), "image/png")

    client.post(url, {**paper, "file": image()})
    first = Document.objects.get(removed_at__isnull=True)
    client.post(url, {**paper, "file": image(), "replaces": first.pk})
    second = Document.objects.get(removed_at__isnull=True)
    assert second.pk != first.pk
    shown = client.get(f"/cases/{case.pk}/documents/{second.pk}/")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    client.post(f"/cases/{case.pk}/documents/{second.pk}/take-back/")
    assert not Document.objects.filter(removed_at__isnull=True).exists()


def test_a_paper_that_the_case_does_not_ask_for_is_not_taken(client: Client, world: World) -> None:
    case = start_case(world.applicant, "first_filing")
    upload = {"material": "evidence", "owner": "sponsor", "file": SimpleUploadedFile("a.png", picture(), "image/png")}
    assert client.post(f"/cases/{case.pk}/form/materials/hand-in/", upload).status_code == 404
    assert not Document.objects.exists()


# --- The list -------------------------------------------------------------------------------------------------------


def test_the_list_finds_by_name_initials_reference_and_filters_by_address(client: Client, world: World) -> None:
    case = make_filled_case(world, sponsor=make_sponsor_values(name="北京字节花店有限公司"))
    other = start_case(world.applicant, "first_filing")
    for query in ("?q=花", "?q=bjzj", f"?q={case.reference[-4:]}", "?state=draft&q=字节", "?open=open&q=测试"):
        said = text_of(client.get(f"/cases/{query}"))
        assert case.reference in said, query
        assert other.reference not in said, query
    assert "没有符合条件的办件" in text_of(client.get("/cases/?open=closed"))
    assert client.get("/cases/?page=99999&size=7&sort=nonsense&provider=x").status_code == 200


def test_the_list_takes_few_queries_however_long_it_is(
    client: Client, world: World, django_assert_max_num_queries: Any
) -> None:
    for _ in range(25):
        start_case(world.applicant, "first_filing")
    with django_assert_max_num_queries(19):
        client.get("/cases/?size=50")


def test_exports_hold_what_the_list_shows_and_no_formula(client: Client, world: World) -> None:
    make_filled_case(world, sponsor=make_sponsor_values(name='=HYPERLINK("http://x","y")'))
    start_case(world.applicant, "first_filing")
    csv = client.get("/cases/export/csv/?q=HYPER").content.decode("utf-8-sig").splitlines()
    assert len(csv) == 2
    assert "'=HYPERLINK" in csv[1]
    sheet = load_workbook(BytesIO(client.get("/cases/export/xlsx/?q=HYPER").content)).active
    rows = list(sheet.iter_rows())
    assert len(rows) == 2
    assert {cell.data_type for cell in rows[1]} <= {"s", "n"}
    assert rows[1][2].value.startswith("'=")


def test_bulk_shows_what_will_change_and_then_changes_just_that(client: Client, world: World) -> None:
    draft, submitted = start_case(world.applicant, "first_filing"), make_submitted_case(world)
    chosen = {"verb": ["abandon"], "id": [str(draft.pk), str(submitted.pk)]}
    preview = post(client, "/cases/bulk/", chosen)
    draft.refresh_from_db()
    assert draft.is_open, "a preview changes nothing"
    assert "1 笔办件" in text_of(preview)
    assert submitted.reference in text_of(preview)
    post(client, "/cases/bulk/", read_form(parse(preview), "main form[method=post]"))
    draft.refresh_from_db()
    submitted.refresh_from_db()
    assert (draft.state, submitted.state) == ("abandoned", "awaiting_first_review")


def test_all_matching_takes_the_filter_and_not_just_the_page(client: Client, world: World) -> None:
    for _ in range(25):
        start_case(world.applicant, "first_filing")
    preview = post(client, "/cases/bulk/", {"verb": ["abandon"], "all": ["yes"], "f_state": ["draft"]})
    assert "25 笔办件" in text_of(preview)


# --- One case -------------------------------------------------------------------------------------------------------


def test_the_case_says_who_acts_by_when_and_why_that_day(client: Client, world: World) -> None:
    case = make_submitted_case(world)
    said = text_of(client.get(f"/cases/{case.pk}/"))
    assert "接入服务商（初审）" in said
    assert str(case.due_on) in said
    assert re.search(r"接入商初审：.*2 ?个工作日", said)
    assert "filing.review.first" in said
    assert "撤销备案" in said


def test_reasons_are_shown_with_their_fix_and_lead_into_the_field(client: Client, world: World) -> None:
    case = make_submitted_case(world)
    turn_case(world.reviewer, case.pk, "take")
    reasons = [{"code": "service_name_unfit", "field": "services.0.name", "note": "太短"}]
    turn_case(world.reviewer, case.pk, "return", reasons=reasons)
    page = client.get(f"/cases/{case.pk}/")
    assert "服务名称不合格" in text_of(page)
    assert "太短" in text_of(page)
    links = [a.attributes.get("href") for a in parse(page).css(".summary-faults a")]
    assert links == [f"/cases/{case.pk}/form/services/?check=1#field-services-0-name"]


def test_a_second_withdrawal_is_told_what_the_first_did(client: Client, world: World) -> None:
    case = make_submitted_case(world)
    fields = {"revision": [str(case.revision)]}
    post(client, f"/cases/{case.pk}/turn/withdraw/", fields)
    again = post(client, f"/cases/{case.pk}/turn/withdraw/", fields)
    assert case.steps.filter(verb="withdraw").count() == 1
    assert "这一步没有执行" in text_of(client.get(again.url))


def test_recording_an_outside_result_keeps_its_evidence_with_the_step(client: Client, world: World) -> None:
    world.provider.channel = "outside"
    world.provider.save()
    case = approve(world, make_submitted_case(world))
    reviewer = sign_in(world.reviewer)
    case.refresh_from_db()
    response = reviewer.post(f"/cases/{case.pk}/turn/forward/", {"revision": case.revision})
    case.refresh_from_db()
    assert case.state == "awaiting_sms", text_of(response)
    reviewer.post(f"/cases/{case.pk}/turn/confirm/", {"revision": case.revision})
    case.refresh_from_db()
    assert case.state == "awaiting_sms", "no evidence, no step"
    evidence = SimpleUploadedFile("截图.png", picture(), "image/png")
    reviewer.post(f"/cases/{case.pk}/turn/confirm/", {"revision": case.revision, "evidence": evidence})
    case.refresh_from_db()
    assert case.state == "administration_review"
    assert case.steps.latest("pk").evidence is not None


def test_personal_data_is_masked_and_showing_it_is_journalled(client: Client, world: World) -> None:
    case = make_submitted_case(world)
    mobile = case.form["sponsor"]["person"]["mobile"]
    page = client.get(f"/cases/{case.pk}/").content.decode()
    assert mobile not in page
    assert case.form["sponsor"]["certificate_number"] not in page
    response = client.post(f"/cases/{case.pk}/reveal/", {"path": "sponsor.person.mobile"})
    assert mobile in response.content.decode()
    entry = Entry.objects.get(event="case.personal_revealed")
    assert entry.after == {"field": "sponsor.person.mobile"}
    assert client.post(f"/cases/{case.pk}/reveal/", {"path": "sponsor"}).status_code == 404


def test_a_granted_case_shows_its_numbers_and_what_comes_next(client: Client, world: World) -> None:
    case = make_granted(world)
    said = text_of(client.get(f"/cases/{case.pk}/"))
    assert f"{Sponsor.objects.get().number}-1" in said
    assert "公安联网备案" in said


def test_a_stranger_finds_nothing_under_any_address(world: World) -> None:
    case = make_submitted_case(world)
    document = Document.objects.filter(subject_id=str(case.pk)).first()
    assert document is not None
    stranger = sign_in(make_actor(make_organisation("owner"), "applicant"))
    for url in ("", "form/sponsor/", "form/materials/", "form/submission/", f"documents/{document.pk}/"):
        assert stranger.get(f"/cases/{case.pk}/{url}").status_code == 404, url
    for url in ("turn/withdraw/", "reveal/", "form/sponsor/save/", "form/materials/hand-in/",
                f"documents/{document.pk}/take-back/"):  # fmt: skip
        assert stranger.post(f"/cases/{case.pk}/{url}", {"path": "sponsor.name"}).status_code == 404, url
    assert case.reference not in text_of(stranger.get(f"/cases/?q={case.reference}"))
    assert case.reference not in stranger.get("/cases/export/csv/").content.decode()


def test_a_document_of_another_case_is_not_shown_under_ones_own(client: Client, world: World) -> None:
    own = start_case(world.applicant, "first_filing")
    other = make_world(province="沪")
    foreign = make_submitted_case(other)
    document = Document.objects.filter(subject_id=str(foreign.pk)).first()
    assert document is not None
    assert client.get(f"/cases/{own.pk}/documents/{document.pk}/").status_code == 404


# --- Confirmation by a named person ---------------------------------------------------------------------------------


def wait_for_sms(world: World) -> Case:
    return approve(world, make_submitted_case(world))


def test_a_named_person_confirms_without_an_account(client: Client, world: World) -> None:
    case = wait_for_sms(world)
    c = case.confirmations.get()
    code = re.search(r"核验码 (\d{6})", SentMessage.objects.get(key=f"code:{c.pk}").body)
    assert code is not None
    public = Client()
    page = public.get(f"/confirm/{c.secret}/")
    assert "任何人都不会向您索要核验码" in text_of(page)
    assert "备案不收费" in text_of(page)
    assert c.mobile not in page.content.decode()
    typed = {"code": code[1], "mobile": c.mobile, "certificate_tail": c.certificate_tail.lower()}
    wrong = public.post(f"/confirm/{c.secret}/", {**typed, "mobile": "13900000000"})
    assert wrong.status_code == 422
    assert "还可再试 4 次" in text_of(wrong)
    assert "核验完成" in text_of(public.post(f"/confirm/{c.secret}/", typed))
    case.refresh_from_db()
    assert case.state == "administration_review"
    again = public.get(f"/confirm/{c.secret}/")
    assert again.status_code == 200
    assert "核验完成" in text_of(again)


def test_an_unknown_confirmation_says_no_more_than_a_finished_one(world: World) -> None:
    assert Client().get("/confirm/nothing-of-the-kind/").status_code == 410


def test_tries_from_one_address_are_limited(world: World) -> None:
    public = Client(REMOTE_ADDR="203.0.113.9")
    statuses = [public.post("/confirm/unknown/", {"code": "1"}).status_code for _ in range(25)]
    assert statuses[0] == 410
    assert statuses[-1] == 429


def test_the_demo_phone_exists_only_in_the_demo_and_on_this_machine(world: World, settings: Any) -> None:
    wait_for_sms(world)
    assert Client().get("/demo/phone/").status_code == 404
    settings.DEMO = True
    assert "核验码" in text_of(Client().get("/demo/phone/"))
    assert Client(REMOTE_ADDR="192.0.2.7").get("/demo/phone/").status_code == 404


# --- Today ----------------------------------------------------------------------------------------------------------


def test_today_says_what_to_do_first_and_then_what_waits_in_order_of_harm(client: Client, world: World) -> None:
    assert "从这里开始" in text_of(client.get("/"))
    start_case(world.applicant, "first_filing")
    wait_for_sms(world)
    said = text_of(client.get("/"))
    assert said.index("等待负责人短信核验") < said.index("填写中的草稿")


def test_a_reviewer_sees_the_queue_by_the_time_that_is_left(world: World) -> None:
    make_submitted_case(world)
    said = text_of(sign_in(world.reviewer).get("/"))
    assert "三天内到期 1" in said or "其余 1" in said
    assert "办理新业务" not in said


def test_pages_speak_english_to_those_who_chose_it(client: Client, world: World) -> None:
    case = make_filled_case(world)
    add_papers(case)
    client.cookies["language"] = "en"
    for url in ("/", "/cases/", "/cases/new/?wish=file", f"/cases/{case.pk}/", f"/cases/{case.pk}/form/services/"):
        assert not re.search("[办提交暂存]{2}", text_of(client.get(url)).replace(case.title, "")), url


def test_a_file_that_is_refused_is_told_once_with_what_to_do(client: Client) -> None:
    case = start_by_page(client)
    sent = {
        "material": "sponsor_certificate",
        "owner": "sponsor",
        "file": SimpleUploadedFile("a.jpg", b"MZ\x90\x00" * 100, "image/jpeg"),
    }
    answer = client.post(f"/cases/{case.pk}/form/materials/hand-in/", sent)
    said = text_of(answer)
    assert answer.status_code == 422
    assert said.count("文件内容不是可接受的格式") == 1
    assert "请上传" in said

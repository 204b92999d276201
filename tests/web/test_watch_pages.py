"""The watch on its pages: sites, findings, evidence, phrases and registers, for who may see them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from openbeian.accounts.models import User
from openbeian.jobs.models import Job
from openbeian.journal.models import Entry
from openbeian.kernel import clock
from openbeian.notifications.actions.follow_journal import follow_journal
from openbeian.notifications.models import Notice
from openbeian.obligations.actions.follow_record import follow_record
from openbeian.obligations.models import Obligation
from openbeian.observation.probing.record import CheckKind, WordSeen
from openbeian.supervision.actions.settle_sweep import settle_sweep
from openbeian.supervision.actions.sweep_sites import sweep_sites
from openbeian.supervision.models import AllowedPhrase, Finding, OutsideRow, Sweep, WatchedSite
from openbeian.supervision.report import describe_report
from tests.accounts.factories import make_actor, make_organisation
from tests.supervision.records import NUMBER_FAULT, InventedProber, make_site, see
from tests.web.pages import parse, sign_in, text_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 4, tzinfo=UTC)
HOSTILE = b'<script>alert(1)</script><img src="http://evil.example/x.png">=1+1'
WORD = WordSeen("最佳", "absolute", "广告法第九条", "这里是最佳西点培训", 3, 5, "最佳")


@pytest.fixture(autouse=True)
def _held(tmp_path: object) -> Iterator[None]:
    home, settings.HOME = settings.HOME, tmp_path
    with clock.hold(NOON):
        yield
    settings.HOME = home


@pytest.fixture
def site() -> WatchedSite:
    return make_site(make_organisation(), name="示例书店")


@pytest.fixture
def mine(site: WatchedSite) -> Client:
    return sign_in(make_actor(site.service.sponsor.organisation, "applicant", "administrator"))


def opened(site: WatchedSite, faults: object = NUMBER_FAULT, **more: object) -> Finding:
    for minutes in (20, 10):
        see(site, faults, at=NOON - timedelta(minutes=minutes), **more)  # type: ignore[arg-type]
    return Finding.objects.get()


def test_the_overview_shows_state_availability_and_the_worst_first(mine: Client, site: WatchedSite) -> None:
    well = make_site(site.service.sponsor.organisation, name="安静的站点")
    see(well, at=NOON)
    opened(site)
    page = mine.get("/watch/")
    said = text_of(page)
    assert said.index("示例书店") < said.index("安静的站点")
    assert "100%" in said
    assert len(parse(page).css("svg.spark rect")) == 120
    assert "示例书店" not in text_of(mine.get("/watch/?answer=met"))
    assert "示例书店" in text_of(mine.get("/watch/?answer=not_met&q=示例"))


def test_the_page_of_a_service_tells_each_check_and_the_availability(mine: Client, site: WatchedSite) -> None:
    see(site, {CheckKind.HTTP: "timeout"}, at=NOON - timedelta(days=40))
    opened(site)
    said = text_of(mine.get(f"/watch/services/{site.service_id}/"))
    assert "主页备案号" in said
    assert "66.67%" in said
    rows = b"".join(mine.get(f"/watch/services/{site.service_id}/?export=csv").streaming_content)  # type: ignore[attr-defined]
    assert "2026-01-24,0.00%,0,1,0,0" in rows.decode()


def test_a_finding_says_what_why_and_by_when_and_offers_what_can_be_done(mine: Client, site: WatchedSite) -> None:
    finding = opened(site)
    said = text_of(mine.get(f"/findings/{finding.pk}/"))
    for words in ("主页没有标明备案号", "5,000–50,000 元", "2026-03-10", "开始整改", "申请延期", "申诉"):
        assert words in said
    assert mine.post(f"/findings/{finding.pk}/start/").status_code == 302
    assert Finding.objects.get().state == "rectifying"
    response = mine.post(f"/findings/{finding.pk}/extend/", {"until_on": "not a day", "why": "需要时间"})
    assert response.status_code == 422
    assert mine.post(f"/findings/{finding.pk}/explode/").status_code == 404


def test_a_colleague_decides_the_extension(mine: Client, site: WatchedSite) -> None:
    finding = opened(site)
    mine.post(f"/findings/{finding.pk}/extend/", {"until_on": "2026-03-20", "why": "需要采购"})
    assert "同意" not in text_of(mine.get(f"/findings/{finding.pk}/")).partition("怎么改")[0]
    boss = sign_in(make_actor(site.service.sponsor.organisation, "administrator"))
    assert "需要采购" in text_of(boss.get(f"/findings/{finding.pk}/"))
    boss.post(f"/findings/{finding.pk}/grant/", {"why": "可以"})
    assert str(Finding.objects.get().due_on) == "2026-03-20"


def test_the_list_and_its_sheet_hold_the_same_inert_rows(mine: Client, site: WatchedSite) -> None:
    finding = opened(site)
    Finding.objects.update(detail_zh="=HYPERLINK(1)", detail_en="=HYPERLINK(1)")
    assert finding.reference in text_of(mine.get("/findings/"))
    sheet = b"".join(mine.get("/findings/?export=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert finding.reference in sheet
    assert "'=HYPERLINK" in sheet


def test_evidence_is_served_inert_and_its_zip_matches_the_journal(mine: Client, site: WatchedSite) -> None:
    finding = opened(site, page=HOSTILE)
    pack = finding.packs.order_by("pk")[0]
    page = mine.get(f"/evidence/{pack.pk}/")
    entry = Entry.objects.get(event="evidence.kept", after__pack=pack.pk)
    assert entry.hash in page.content.decode()
    names = [item["name"] for item in pack.items]
    shown = mine.get(f"/evidence/{pack.pk}/{names.index('page-as-received.txt')}/")
    assert shown.content == HOSTILE
    assert shown.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    with zipfile.ZipFile(io.BytesIO(mine.get(f"/evidence/{pack.pk}/pack.zip").content)) as archive:
        assert set(archive.namelist()) == set(names)
        assert archive.read("page-as-received.txt") == HOSTILE
    assert mine.get(f"/evidence/{pack.pk}/99/").status_code == 404


def test_a_pack_changed_on_disk_is_no_evidence_any_more(mine: Client, site: WatchedSite) -> None:
    pack = opened(site).packs.order_by("pk")[0]
    file = settings.HOME / "evidence" / pack.stored_name[:2] / pack.stored_name
    file.write_bytes(file.read_bytes() + b"x")
    assert mine.get(f"/evidence/{pack.pk}/pack.zip").status_code == 410


def test_a_report_is_a_pdf(mine: Client, site: WatchedSite) -> None:
    finding = opened(site)
    response = mine.get(f"/findings/{finding.pk}/report.pdf")
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")


def test_the_owner_is_told_and_it_stands_on_today_in_the_dossier_and_among_the_obligations(
    mine: Client, site: WatchedSite
) -> None:
    finding = opened(site)
    follow_journal()
    follow_record()
    notice = Notice.objects.filter(kind="finding.opened")[0]
    assert notice.path == f"/findings/{finding.pk}/"
    assert str(notice.due_on) == "2026-03-10"
    assert Obligation.objects.get(subject_kind="finding").kind == "finding.number"
    for address in ("/", f"/sponsors/{site.service.sponsor_id}/", "/obligations/"):
        page = mine.get(address).content.decode()
        assert "整改：主页备案号" in page, address
        assert f"/findings/{finding.pk}/" in page, address
    assert f"W{finding.pk:06d}" in mine.get("/calendar/?month=2026-03").content.decode()
    for hours in (1, 2):
        see(site, at=NOON + timedelta(hours=hours))
    follow_record()
    assert Obligation.objects.filter(subject_kind="finding").count() == 0


def test_a_reviewers_verdict_on_a_word_teaches_the_list_and_the_next_probe_heeds_it(
    mine: Client, site: WatchedSite
) -> None:
    page = "<p>这里是最佳西点培训</p>".encode()
    faults = {CheckKind.CONTENT: "words"}
    finding = opened(site, faults, page=page, words=(WORD,))
    assert "最佳" in text_of(mine.get(f"/findings/{finding.pk}/"))
    form = {"finding": finding.pk, "term": "最佳", "phrase": "最佳西点", "why": "店名"}
    assert mine.post("/watch/phrases/teach/", form).status_code == 302
    assert AllowedPhrase.objects.get().organisation == site.service.sponsor.organisation
    assert "最佳西点" in text_of(mine.get("/watch/phrases/"))
    assert mine.post("/watch/phrases/teach/", {**form, "phrase": "最佳"}).status_code == 422
    mine.post(f"/watch/phrases/{AllowedPhrase.objects.get().pk}/remove/")
    assert "最佳西点" not in text_of(mine.get("/watch/phrases/")).partition("登记一条")[0]


def test_pasted_rows_are_compared_with_the_record_and_with_the_last_time(mine: Client, site: WatchedSite) -> None:
    number, name = site.service.number, site.service.sponsor.name
    mine.post(
        "/watch/outside/", {"rows": f"备案号,主办单位名称,法定代表人,网站名称\n{number},{name},王别人,示例书店\n"}
    )
    said = text_of(mine.get("/watch/outside/"))
    assert "王**" in said or "王*" in said
    assert "王别人" not in said
    assert "查询" in said
    file = SimpleUploadedFile("rows.csv", f"备案号,主办单位名称\n{number},改名有限公司\n".encode())
    mine.post("/watch/outside/", {"file": file})
    said = text_of(mine.get("/watch/outside/?only=changed"))
    assert f"上次：{name}" in said
    assert OutsideRow.objects.count() == 1


@pytest.mark.parametrize("rows", ["", "备案号\n京ICP备2026000123号", "a,b\n1,2", "备案号,名称\n不是号码,x", "\x00,"])
def test_rows_that_cannot_be_compared_are_refused_with_what_to_do(mine: Client, rows: str) -> None:
    response = mine.post("/watch/outside/", {"rows": rows})
    assert response.status_code == 422
    assert "首行须是列名" in text_of(response)


def test_a_window_is_announced_and_taken_back_on_the_page(mine: Client, site: WatchedSite) -> None:
    form = {
        "starts_on": "2026-03-06",
        "starts_time": "01:00",
        "ends_on": "2026-03-06",
        "ends_time": "03:00",
        "why": "升级",
    }
    address = f"/watch/services/{site.service_id}/maintenance/"
    assert mine.post(address, form).status_code == 302
    assert "升级" in text_of(mine.get(f"/watch/services/{site.service_id}/"))
    window = site.service.maintenance.get()
    assert window.starts_at == datetime(2026, 3, 5, 17, tzinfo=UTC)
    mine.post(f"/watch/maintenance/{window.pk}/cancel/")
    assert "升级" not in text_of(mine.get(f"/watch/services/{site.service_id}/"))
    assert mine.post(address, {**form, "ends_time": "x"}).status_code == 422


def test_a_button_pressed_twice_asks_for_one_look(mine: Client, site: WatchedSite) -> None:
    for _ in range(2):
        assert mine.post(f"/watch/sites/{site.pk}/probe/").status_code == 302
    assert Job.objects.filter(kind="supervision.recheck").count() == 1


def test_strangers_see_none_of_it(site: WatchedSite) -> None:
    finding = opened(site)
    stranger = sign_in(make_actor(make_organisation(), "applicant"))
    assert "示例书店" not in text_of(stranger.get("/watch/")) + text_of(stranger.get("/findings/"))
    pack = finding.packs.order_by("pk")[0]
    for address in (
        f"/findings/{finding.pk}/",
        f"/findings/{finding.pk}/report.pdf",
        f"/evidence/{pack.pk}/",
        f"/evidence/{pack.pk}/0/",
        f"/evidence/{pack.pk}/pack.zip",
        f"/watch/services/{site.service_id}/",
    ):
        assert stranger.get(address).status_code == 404, address


def test_who_runs_the_installation_sweeps_now_sees_how_far_it_is_and_ends_it(mine: Client, site: WatchedSite) -> None:
    actor = make_actor(site.service.sponsor.organisation, "administrator")
    User.objects.filter(pk=actor.user_id).update(is_superuser=True)
    boss = sign_in(actor)
    assert "立即巡检" not in text_of(mine.get("/watch/"))
    assert mine.post("/watch/sweep/start/").status_code == 403
    assert "立即巡检" in text_of(boss.get("/watch/"))
    assert boss.post("/watch/sweep/start/").status_code == 302
    sweep = Sweep.objects.get()
    jobs = Job.objects.filter(kind="supervision.sweep", key__startswith=f"supervision.sweep:{sweep.pk}:")
    assert jobs.count() == 4
    assert boss.post("/watch/sweep/start/").status_code == 409
    part = text_of(boss.get("/watch/sweep/"))
    assert "0 / 1" in part
    assert "后台程序没有运行" in part
    assert mine.post(f"/watch/sweep/{sweep.pk}/stop/").status_code == 403
    Job.objects.filter(pk=jobs.order_by("pk")[0].pk).update(state="running")
    assert boss.post(f"/watch/sweep/{sweep.pk}/stop/").status_code == 302
    assert sorted(jobs.values_list("state", "cancel_requested")) == [("cancelled", False)] * 3 + [("running", True)]
    assert "正在汇总" in text_of(boss.get("/watch/sweep/"))
    sweep_sites(sweep.pk, InventedProber())
    settle_sweep(sweep.pk)
    assert boss.post(f"/watch/sweep/{sweep.pk}/stop/").status_code == 409
    assert [e.event for e in Entry.objects.filter(event__startswith="sweep.").order_by("pk")] == [
        "sweep.started",
        "sweep.stopped",
        "sweep.settled",
    ]


def test_the_report_is_a_page_too_with_everything_the_paper_says(mine: Client, site: WatchedSite) -> None:
    finding = opened(site)
    page = mine.get(f"/findings/{finding.pk}/report/")
    text = text_of(page)
    report = describe_report(finding)
    for label, value in (*report.head[:4], *(row for section in report.sections for row in section.rows)):
        assert label.zh in text
        assert (value if isinstance(value, str) else value.zh).split()[0] in text
    assert f'href="/findings/{finding.pk}/report.pdf"' in page.content.decode()
    stranger = sign_in(make_actor(make_organisation(), "applicant"))
    assert stranger.get(f"/findings/{finding.pk}/report/").status_code == 404

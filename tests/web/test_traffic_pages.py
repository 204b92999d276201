"""Traffic on the pages: a log is uploaded, counted in the background, and shown with its origin; nobody else's is."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from openbeian.jobs.actions.finish_job import finish_job
from openbeian.jobs.actions.lease_job import lease_job
from openbeian.jobs.errors import JobCancelled
from openbeian.jobs.models import Job
from openbeian.journal.models import Entry
from openbeian.kernel.actor import Actor
from openbeian.observation.traffic.actions.forget_visitors import forget_visitors
from openbeian.observation.traffic.errors import FormatUnknown, LogGone
from openbeian.observation.traffic.manifest import read_manifest
from openbeian.observation.traffic.queries import organisation_folder
from openbeian.observation.traffic.uploads import clean_name, drop_folder, find_upload, keep_upload
from openbeian.registry.models import Service
from openbeian.wiring import list_job_kinds
from tests.accounts.factories import make_actor, make_organisation
from tests.observation.traffic.generator import Truth, log_text, make_events
from tests.registry.factories import make_service, make_sponsor
from tests.web.pages import parse, sign_in, text_of

pytestmark = pytest.mark.django_db
EVENTS = make_events(seed=70, visits=30)


@pytest.fixture
def actor(settings: Any, tmp_path: Path) -> Actor:
    settings.HOME = tmp_path / "home"
    return make_actor(make_organisation(), "applicant")


@pytest.fixture
def service(actor: Actor) -> Service:
    from openbeian.accounts.models import Organisation

    organisation = Organisation.objects.get(pk=actor.organisation_id)
    return make_service(make_sponsor(organisation), domains=("example.cn",))


def upload(client: Client, content: bytes, name: str = "access.log", **fields: str) -> Any:
    return client.post("/traffic/upload/", {"file": SimpleUploadedFile(name, content), **fields})


def work(progress: Any = lambda done, total: None) -> dict[str, Any]:
    kinds = list_job_kinds()
    job = lease_job("test", kinds, 60)
    assert job is not None
    result = kinds[job.kind].run(job.arguments, progress)
    finish_job(job, Job.State.DONE, result=result)
    return result or {}


def test_an_uploaded_log_is_counted_and_its_figures_stand_on_the_page_with_their_origin(
    actor: Actor, service: Service
) -> None:
    client = sign_in(actor)
    content = log_text("nginx json", EVENTS).encode()
    job = upload(client, gzip.compress(content), "../日志 access.log.gz").headers["Location"]
    result = work()
    assert result["read"] == len(EVENTS) == result["counted"] + result["excluded"]
    assert "看访问量" in text_of(client.get(job)).replace(" ", "")
    page = client.get(f"/services/{service.pk}/traffic/?year=2026")
    expected = Truth(EVENTS, year=2026).measures("")
    figures = [
        [td.text() for td in row.css("td")] for row in parse(page).css("table")[0].css("tbody tr")
    ]  # fmt: skip
    order = ("visits", "unique_visitors", "page_views", "requests", "clients", "bytes")
    assert figures == [[f"{expected[m][side]:,}" for side in ("people", "robots")] for m in order]
    shown = text_of(page)
    log = read_manifest(organisation_folder(actor.organisation_id or 0)).logs[0]
    assert log.sha256 in shown
    assert "crawlerdetect" in shown
    assert "_access.log.gz" in shown
    assert str(organisation_folder(actor.organisation_id or 0)) not in page.content.decode()
    assert Entry.objects.filter(event="traffic.saved").count() == 1
    assert not list((organisation_folder(0).parents[1] / "uploads").iterdir())


def test_a_month_shows_its_days_and_every_page_answers(actor: Actor, service: Service) -> None:
    client = sign_in(actor)
    upload(client, log_text("nginx json", EVENTS).encode())
    work()
    days = client.get(f"/services/{service.pk}/traffic/?year=2026&month=2026-01&measure=requests")
    assert "2026-01-02" in text_of(days)
    assert len(parse(days).css("figure.bars rect.people")) == len(
        {Truth.day(e.moment) for e in Truth(EVENTS, year=2026).events}
    ) + 1  # the legend's  # fmt: skip
    chart = client.get(f"/services/{service.pk}/traffic/chart/")
    assert chart.status_code == 200
    assert "2025-12-31" in text_of(client.get("/traffic/retention/"))
    assert service.name in text_of(client.get("/traffic/"))
    assert f"/services/{service.pk}/traffic/chart/" in client.get(f"/services/{service.pk}/").content.decode()


def test_the_sheets_hold_every_figure_and_no_formula(actor: Actor, service: Service) -> None:
    client = sign_in(actor)
    hostile = replace(EVENTS[0], host="www.example.cn", address="203.0.113.7", referrer="https://=1+1/", path="/", method="GET", status=200, moment=1_767_400_000)  # fmt: skip
    upload(client, log_text("nginx json", [*EVENTS, hostile]).encode())
    work()
    sheet = client.get(f"/services/{service.pk}/traffic/?year=2026&export=xlsx")
    rows = list(load_workbook(io.BytesIO(b"".join(sheet.streaming_content))).active.iter_rows(values_only=True))
    requests = Truth([*EVENTS, hostile], year=2026).measures("")["requests"]
    assert ("2026", "请求数", str(requests["people"]), str(requests["robots"])) in [row[:4] for row in rows]
    text = b"".join(client.get(f"/services/{service.pk}/traffic/?year=2026&export=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert not [line for line in text.splitlines() if line.startswith(("=", '"=')) or ",=" in line]
    assert len(rows) == len(text.splitlines())


def test_numbers_of_visitors_that_became_estimates_are_called_so_on_page_and_sheet(
    actor: Actor, service: Service
) -> None:
    client = sign_in(actor)
    upload(client, log_text("nginx json", EVENTS).encode())
    work()
    address = f"/services/{service.pk}/traffic/?year=2026"
    assert "≈" not in text_of(client.get(address))
    forget_visitors(actor, date(2026, 1, 2))
    shown = parse(client.get(address))
    cells = {row.css_first("th").text(): row.css_first("td").text() for row in shown.css("table")[0].css("tbody tr")}
    assert {name for name, cell in cells.items() if cell.startswith("≈")} == {
        name for name in cells if name.startswith(("独立访客", "客户端"))
    }
    assert all("标准误差 0.81%" in name for name, cell in cells.items() if cell.startswith("≈"))
    assert "访客为估计值" in text_of(client.get(address))
    sheet = client.get(f"{address}&export=xlsx")
    rows = list(load_workbook(io.BytesIO(b"".join(sheet.streaming_content))).active.iter_rows(values_only=True))
    told = {(row[0], row[1]) for row in rows if "标准误差" in str(row[4])}
    assert told == {(period, name) for period in ("2026", "2026-01") for name in ("独立访客", "客户端")}


def test_hosts_that_no_filing_covers_are_listed_and_filed_ones_are_not(actor: Actor, service: Service) -> None:
    client = sign_in(actor)
    events = [replace(event, host="shop.unfiled.cn") for event in EVENTS[:40]]
    upload(client, log_text("nginx json", events + EVENTS).encode())
    work()
    page = text_of(client.get("/traffic/hosts/"))
    assert "shop.unfiled.cn" in page
    assert "www.example.cn" not in page
    sheet = b"".join(client.get("/traffic/hosts/?export=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "shop.unfiled.cn" in sheet


def test_a_log_without_hosts_is_booked_under_the_chosen_service_only_if_it_is_ones_own(
    actor: Actor, service: Service
) -> None:
    client = sign_in(actor)
    foreign = make_service()
    content = log_text("common", EVENTS).encode()
    assert upload(client, content, service=str(foreign.pk)).status_code == 422
    upload(client, content, service=str(service.pk))
    work()
    assert read_manifest(organisation_folder(actor.organisation_id or 0)).labels == [service.number]
    assert "不详" not in text_of(client.get(f"/services/{service.pk}/traffic/?year=2026"))


def test_a_cancelled_count_leaves_nothing_and_can_be_asked_for_again(actor: Actor) -> None:
    client = sign_in(actor)
    upload(client, log_text("nginx json", EVENTS).encode())

    def cancel(done: int, total: int) -> None:
        raise JobCancelled

    job = lease_job("test", list_job_kinds(), 60)
    assert job is not None
    with pytest.raises(JobCancelled):
        list_job_kinds()[job.kind].run(job.arguments, cancel)
    assert read_manifest(organisation_folder(actor.organisation_id or 0)).logs == []
    finish_job(job, Job.State.CANCELLED)
    assert "没有保存任何数字" in text_of(client.get(f"/jobs/{job.pk}/"))


def test_the_drop_folder_is_counted_on_demand_and_left_alone(actor: Actor) -> None:
    client = sign_in(actor)
    assert client.post("/traffic/folder/").status_code == 410
    folder = drop_folder(actor.organisation_id or 0)
    folder.mkdir(parents=True)
    (folder / "a.log").write_text(log_text("nginx json", EVENTS), encoding="utf-8")
    (folder / "photo.png").write_bytes(bytes(range(256)) * 10)
    assert "a.log" in text_of(client.get("/traffic/"))
    client.post("/traffic/folder/")
    result = work()
    assert (result["read"], result["unread"]) == (len(EVENTS), ["photo.png"])
    assert (folder / "a.log").exists()


def test_what_is_no_log_fails_with_its_name_and_not_its_place(actor: Actor) -> None:
    upload(sign_in(actor), b"\x00\x01 nothing", "photo.log")
    job = lease_job("test", list_job_kinds(), 60)
    assert job is not None
    with pytest.raises(FormatUnknown) as refusal:
        list_job_kinds()[job.kind].run(job.arguments, lambda done, total: None)
    assert "photo.log" in refusal.value.text.zh
    assert "/" not in refusal.value.text.zh.replace("nginx/Apache", "")


def test_another_organisations_traffic_and_uploads_are_not_there(actor: Actor, service: Service) -> None:
    stranger = make_actor(make_organisation(), "applicant")
    assert sign_in(stranger).get(f"/services/{service.pk}/traffic/").status_code == 404
    assert sign_in(stranger).get(f"/services/{service.pk}/traffic/chart/").status_code == 404
    kept = keep_upload(actor.organisation_id or 0, "a.log", [b"x"])
    assert find_upload(actor.organisation_id or 0, kept).read_bytes() == b"x"
    for organisation_id, name in ((stranger.organisation_id, kept), (actor.organisation_id, "../x")):
        with pytest.raises(LogGone):
            find_upload(organisation_id or 0, name)


@pytest.mark.parametrize(
    ("given", "kept"), [("../../etc/passwd", "passwd"), (".hidden", "hidden"), ("a*b?.log", "a_b_.log"), ("", "access.log")]
)  # fmt: skip
def test_a_file_name_is_made_harmless(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_without_logs_the_pages_say_what_to_do(actor: Actor, service: Service) -> None:
    client = sign_in(actor)
    assert "还没有统计过日志" in text_of(client.get("/traffic/"))
    assert "不是零" in text_of(client.get(f"/services/{service.pk}/traffic/?year=2024"))

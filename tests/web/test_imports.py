"""Importing a portfolio by the pages: upload, preview, confirm, watch; and nobody else's job."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from openbeian.jobs.actions.finish_job import finish_job
from openbeian.jobs.actions.lease_job import lease_job
from openbeian.jobs.models import Job
from openbeian.kernel.actor import Actor
from openbeian.registry.errors import UploadGone
from openbeian.registry.models import Service
from openbeian.registry.portfolio_uploads import read_upload
from openbeian.wiring import list_job_kinds
from tests.accounts.factories import make_actor, make_organisation
from tests.registry.portfolios import changed, make_rows, without_access, write_csv
from tests.web.pages import sign_in, text_of


@pytest.fixture
def actor() -> Actor:
    return make_actor(make_organisation(), "applicant")


def upload(client: Client, rows: list[list[str]]) -> str:
    """The address of the preview."""
    response = client.post("/import/portfolio/", {"file": SimpleUploadedFile("清单.csv", write_csv(rows))})
    assert response.status_code == 302, response.content.decode()
    return str(response.headers["Location"])


def work() -> None:
    """Does the waiting job as a worker would, without its thread."""
    kinds = list_job_kinds()
    job = lease_job("test", kinds, 60)
    assert job is not None
    finish_job(job, Job.State.DONE, result=kinds[job.kind].run(job.arguments, lambda done, total: None))


@pytest.mark.django_db
def test_a_portfolio_is_uploaded_looked_at_confirmed_and_imported_once(actor: Actor) -> None:
    client = sign_in(actor)
    preview = upload(client, without_access(make_rows(3)))
    assert Service.objects.count() == 0
    assert "确认导入" in text_of(client.get(preview))
    first = client.post(preview, {"partial": "", "update": ""})
    second = client.post(preview, {"partial": "", "update": ""})
    assert first.headers["Location"] == second.headers["Location"]
    assert 'hx-trigger="every 2s"' in client.get(first.headers["Location"]).content.decode()
    work()
    page = client.get(first.headers["Location"])
    assert "已完成" in text_of(page)
    assert "hx-trigger" not in page.content.decode()
    assert Service.objects.count() == 3
    assert "导入备案清单" in text_of(client.get("/jobs/"))
    with pytest.raises(UploadGone):
        read_upload(actor.organisation_id or 0, preview.strip("/").rpartition("/")[2])


@pytest.mark.django_db
def test_the_preview_names_row_column_and_fix_and_offers_no_import_until_told_to_leave_rows_out(actor: Actor) -> None:
    client = sign_in(actor)
    rows = without_access(make_rows(2))
    rows[1] = changed(rows[1], service__granted_on="<script>昨天")
    preview = upload(client, rows)
    page = client.get(preview)
    assert "备案日期" in text_of(page)
    assert "<script>昨天" not in page.content.decode()
    assert "确认导入" not in text_of(page)
    assert "确认导入" in text_of(client.get(f"{preview}?partial=1"))


@pytest.mark.django_db
def test_a_file_that_is_no_sheet_is_refused_beside_its_field(actor: Actor) -> None:
    response = sign_in(actor).post("/import/portfolio/", {"file": SimpleUploadedFile("a.xlsx", b"%PDF-1.7 ...")})
    assert response.status_code == 422
    assert "xlsx" in text_of(response)
    assert Job.objects.count() == 0


@pytest.mark.django_db
def test_another_organisations_upload_and_job_are_not_there(actor: Actor) -> None:
    client, stranger = sign_in(actor), sign_in(make_actor(make_organisation(), "applicant"))
    preview = upload(client, without_access(make_rows(1)))
    assert stranger.get(preview).status_code == 410
    assert stranger.post(preview, {}).status_code == 410
    job = client.post(preview, {}).headers["Location"]
    assert stranger.get(job).status_code == 404
    assert stranger.post(f"{job}cancel/").status_code == 404
    assert job not in stranger.get("/jobs/").content.decode()


@pytest.mark.django_db
def test_a_waiting_job_is_cancelled_and_says_so(actor: Actor) -> None:
    client = sign_in(actor)
    job = client.post(upload(client, without_access(make_rows(1))), {}).headers["Location"]
    assert client.post(f"{job}cancel/").status_code == 302
    assert "已取消" in text_of(client.get(job))


@pytest.mark.django_db
def test_the_template_comes_as_an_xlsx_file(actor: Actor) -> None:
    response = sign_in(actor).get("/import/portfolio/template.xlsx")
    assert response.content.startswith(b"PK")
    assert "attachment" in response.headers["Content-Disposition"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/import/portfolio/", "/import/portfolio/template.xlsx", "/jobs/", "/jobs/1/"])
def test_who_may_not_import_is_refused(path: str) -> None:
    auditor = sign_in(make_actor(make_organisation(), "auditor"))
    assert auditor.get(path).status_code == 403

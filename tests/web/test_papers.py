"""Papers on the web: the case's pack, a licence's extract, and a page where anybody finds a forged file out."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from openbeian.documents.actions.issue_licence_extract import issue_licence_extract
from openbeian.documents.models import Paper
from openbeian.documents.paper import get_signing_keys, render_paper
from openbeian.documents.verification import verify_file
from openbeian.privacy.signing import SigningKeys
from openbeian.registry.models import Licence
from tests.cases.factories import make_world
from tests.cases.test_packs import make_case
from tests.documents.test_signing import BASE, make_licence
from tests.registry.factories import make_actor, make_organisation, make_user
from tests.web.pages import sign_in, text_of

pytestmark = pytest.mark.django_db


def make_extract() -> tuple[Paper, bytes]:
    licence = make_licence()
    paper = issue_licence_extract(make_actor(licence.organisation), licence.pk)
    return paper, render_paper(paper, BASE)


def upload(client: Client, content: bytes, name: str = "extract.pdf") -> str:
    make_organisation_exist()
    response = client.post("/verify/", {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 200
    return text_of(response)


def make_organisation_exist() -> None:
    make_user(make_organisation())


def test_an_unchanged_paper_is_genuine_and_leads_to_what_it_said(client: Client) -> None:
    paper, pdf = make_extract()
    said = upload(client, pdf)
    assert "真实且未改动" in said
    assert paper.code in said
    page = client.get(f"/verify/{paper.code}/")
    assert "京B2-20260001" in page.content.decode()
    assert "不是官方证书" in page.content.decode()


def test_a_forged_paper_is_found_out(client: Client) -> None:
    _, pdf = make_extract()
    assert "已被改动" in upload(client, pdf.replace(b"/Page", b"/PAge", 1))
    thief = SigningKeys({}).with_new_key(Paper.objects.get().issued_at)
    from openbeian.documents.signatures import TRAILER_BYTES, sign_pdf

    forged = sign_pdf(pdf[:-TRAILER_BYTES], "licence_extract", Paper.objects.get().code, "2026", thief)
    assert "不是本系统出具" in upload(client, forged)
    assert "无法判断" in upload(client, pdf[:-TRAILER_BYTES])


def test_what_is_typed_or_named_is_inert_and_no_file_is_asked_for_again(client: Client) -> None:
    make_organisation_exist()
    response = client.post("/verify/", {})
    assert response.status_code == 400
    assert "请选择" in response.content.decode()
    _, pdf = make_extract()
    named = client.post("/verify/", {"file": SimpleUploadedFile("<img src=x>.pdf", pdf)}).content.decode()
    assert "<img src=x>" not in named
    assert client.get("/verify/", {"code": "../../<x>"}).status_code == 302
    assert client.get("/verify/7F4K-2QXM-9T3B-HW6D/").status_code == 404


def test_a_record_that_changed_is_said_to_have_changed(client: Client) -> None:
    paper, pdf = make_extract()
    Licence.objects.update(special_terms="改了")
    assert "此后已有变化" in upload(client, pdf)
    assert "此后记录已有变化" in client.get("/public/", {"q": paper.code}).content.decode()


def test_public_keys_are_for_everybody_and_check_the_paper(client: Client) -> None:
    _, pdf = make_extract()
    make_organisation_exist()
    keys = SigningKeys.read_published(client.get("/verify/keys.json").json())
    assert verify_file(io.BytesIO(pdf), keys).verdict == "genuine"


def test_a_licence_extract_is_printed_by_its_holder_and_hidden_from_strangers(client: Client) -> None:
    licence = make_licence()
    client.force_login(make_user(licence.organisation))
    printed = client.post(f"/licences/{licence.pk}/extract/", follow=True)
    assert printed["Content-Type"] == "application/pdf"
    assert verify_file(io.BytesIO(printed.content), get_signing_keys()).verdict == "genuine"
    address = printed.redirect_chain[-1][0]
    client.force_login(make_user(make_organisation()))
    assert client.get(address).status_code == 404
    assert client.post(f"/licences/{licence.pk}/extract/").status_code == 404


@pytest.mark.parametrize(("form", "kind"), [("zip", "application/zip"), ("pdf", "application/pdf")])
def test_a_case_is_packed_from_its_page_and_its_code_opens_nothing_personal(form: str, kind: str) -> None:
    world = make_world()
    case = make_case(world)
    client = sign_in(world.applicant)
    page = client.get(f"/cases/{case.pk}/").content.decode()
    assert f'action="/cases/{case.pk}/pack/"' in page
    response = client.post(f"/cases/{case.pk}/pack/", {"form": form})
    assert response["Content-Type"] == kind
    assert case.reference in response["Content-Disposition"]
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert verify_file(io.BytesIO(content), get_signing_keys()).verdict == "genuine"
    paper = Paper.objects.get()
    # The pack itself is never behind the code, only what it held.
    assert client.get(f"/papers/{paper.code}/").status_code == 404
    public = Client().get(f"/verify/{paper.code}/").content.decode()
    assert case.reference in public
    assert len(re.findall(r"SHA-256 [0-9a-f]{64}", public)) == 2
    assert sign_in(world.officer).post(f"/cases/{case.pk}/pack/").status_code == 404

"""A document's file over the web: to those who may see its case, as what it is and with no powers."""

from __future__ import annotations

import pytest
from django.test import Client

from openbeian.accounts.models import Organisation
from openbeian.cases.models import Case
from openbeian.documents.actions.store_document import store_document
from openbeian.documents.decisions import UploadLimits
from openbeian.documents.models import Document
from openbeian.kernel import clock
from tests.documents.hostile_files import pdf, picture
from tests.registry.factories import make_actor, make_organisation, make_user

pytestmark = pytest.mark.django_db


def store_for_case(organisation: Organisation, content: bytes, name: str) -> Document:
    now = clock.now()
    case = Case.objects.create(
        reference=f"BA-{Case.objects.count()}",
        procedure="first_filing",
        state="draft",
        organisation=organisation,
        created_at=now,
        saved_at=now,
        entered_state_at=now,
    )
    limits = UploadLimits(max_bytes=1_000_000)
    actor = make_actor(organisation)
    return store_document(actor, ("case", case.pk), material="licence", name=name, content=content, limits=limits)


def test_a_picture_is_shown_in_place_without_powers(client: Client) -> None:
    organisation = make_organisation()
    document = store_for_case(organisation, picture(), "营业执照.png")
    client.force_login(make_user(organisation))
    response = client.get(f"/documents/{document.pk}/")
    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Content-Disposition"].startswith("inline;")
    assert "no-store" in response["Cache-Control"]


def test_a_pdf_is_offered_for_download_under_a_safe_name(client: Client) -> None:
    organisation = make_organisation()
    document = store_for_case(organisation, pdf(), 'x"\r\nSet-Cookie: a=b.html')
    client.force_login(make_user(organisation))
    response = client.get(f"/documents/{document.pk}/")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")
    assert "Set-Cookie" not in response.headers
    assert ".html" not in response["Content-Disposition"]


def test_another_organisation_cannot_tell_it_from_a_document_that_is_not_there(client: Client) -> None:
    document = store_for_case(make_organisation(), picture(), "a.png")
    client.force_login(make_user(make_organisation()))
    foreign, absent = client.get(f"/documents/{document.pk}/"), client.get("/documents/999999/")
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert b"PNG" not in foreign.content


def test_somebody_not_signed_in_is_asked_to_sign_in(client: Client) -> None:
    document = store_for_case(make_organisation(), picture(), "a.png")
    make_user(make_organisation())  # an installation without anybody leads to its first-run page
    response = client.get(f"/documents/{document.pk}/")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")

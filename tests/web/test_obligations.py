"""What is owed, on its pages: the light of Today, the dossier's timeline, the list, its sheets and its dialogs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from openbeian.accounts.models import Organisation
from openbeian.documents.models import Document
from openbeian.kernel import clock
from openbeian.obligations.actions.recompute_obligations import recompute_obligations
from openbeian.obligations.models import Obligation
from openbeian.registry.models import Service
from tests.documents.hostile_files import pdf
from tests.obligations.facts import noon
from tests.registry.factories import (
    make_organisation,
    make_person_values,
    make_provider,
    make_service,
    make_sponsor,
    make_user,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 5)


@pytest.fixture(autouse=True)
def _held() -> Iterator[None]:
    with clock.hold(noon(TODAY)):
        yield


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation()


@pytest.fixture
def mine(client: Client, organisation: Organisation) -> Client:
    client.force_login(make_user(organisation))
    return client


@pytest.fixture
def service(organisation: Organisation) -> Service:
    person = make_person_values(certificate_until=TODAY - timedelta(days=3))
    sponsor = make_sponsor(organisation, person=person)
    made = make_service(sponsor, provider=make_provider(), name="示例书店")
    recompute_obligations()
    return made


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_today_shows_the_worst_first_with_the_button_that_starts_its_procedure(mine: Client, service: Service) -> None:
    shown = page(mine, "/")
    assert "1 项已逾期" in shown
    assert f"/cases/new/?procedure=change_sponsor&amp;sponsor={service.sponsor_id}" in shown
    assert "2026-04-01" in shown
    assert "<svg" in shown


def test_the_dossier_shows_the_timeline_and_the_list_keeps_to_its_sponsor(mine: Client, service: Service) -> None:
    other = make_service(make_sponsor(service.sponsor.organisation), provider=make_provider(), name="另一家")
    recompute_obligations(everything=True)
    assert "示例书店" in page(mine, f"/sponsors/{service.sponsor_id}/")
    listed = page(mine, f"/obligations/?sponsor={service.sponsor_id}&on=service")
    assert "示例书店" in listed
    assert other.name not in listed


def test_somebody_elses_obligations_are_not_listed_and_cannot_be_settled(client: Client, service: Service) -> None:
    client.force_login(make_user(make_organisation()))
    assert "示例书店" not in page(client, "/obligations/")
    row = Obligation.objects.get(kind="service.police_filing")
    assert client.post(f"/obligations/{row.pk}/done/", {"why": "京公网安备"}).status_code == 404
    row.refresh_from_db()
    assert row.stage == "window_open"


def test_a_done_dialog_notes_the_evidence_and_leads_back(mine: Client, service: Service) -> None:
    row = Obligation.objects.get(kind="service.police_filing")
    address = "/obligations/?on=service"
    response = mine.post(f"/obligations/{row.pk}/done/", {"why": "京公网安备11010102000001号", "next": address})
    assert (response.status_code, response.headers["Location"]) == (302, address)
    assert "京公网安备11010102000001号" in page(mine, "/obligations/?stage=done")


def test_a_dialog_leads_nowhere_outside(mine: Client, service: Service) -> None:
    row = Obligation.objects.get(kind="service.footer_number")
    response = mine.post(f"/obligations/{row.pk}/waive/", {"why": "内部测试站", "next": "https://example.com/"})
    assert response.headers["Location"] == "/obligations/"


def test_the_sheet_holds_the_rows_of_the_page(mine: Client, service: Service) -> None:
    response = mine.get("/obligations/?on=service&export=xlsx")
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    rows = list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    assert len(rows) == 1 + Obligation.objects.filter(subject_kind="service").count()
    assert "2026-04-01" in {row[5] for row in rows}


def test_a_day_that_a_policy_caused_says_so_and_a_provisional_one_says_why(mine: Client, service: Service) -> None:
    row = Obligation.objects.get(kind="service.police_filing")
    Obligation.objects.filter(pk=row.pk).update(policy_claim="two_years", policy_scope="installation", provisional=True)
    for address in ("/", "/obligations/", f"/sponsors/{service.sponsor_id}/"):
        shown = page(mine, address)
        assert "本系统内部政策，并非法律规定" in shown, address
        assert "放假安排，录入后自动重算" in shown, address


@pytest.mark.parametrize(
    "query", ["stage=none", "within=x", "subject=sponsor:9999999999999999", "sponsor=1e9", "sort=%00"]
)
def test_a_mistyped_address_still_shows_the_list(mine: Client, service: Service, query: str) -> None:
    assert "示例书店" in page(mine, f"/obligations/?{query}")


def test_a_paper_is_kept_as_the_evidence_and_shown_to_its_own_alone(mine: Client, service: Service) -> None:
    row = Obligation.objects.get(kind="service.police_filing")
    paper = SimpleUploadedFile("回执.pdf", pdf(), "application/pdf")
    response = mine.post(f"/obligations/{row.pk}/done/", {"why": "京公网安备11010102000001号", "paper": paper})
    assert response.status_code == 302
    row.refresh_from_db()
    assert row.evidence is not None
    assert row.evidence.kept_at is not None
    link = f"/documents/{row.evidence_id}/"
    assert link in page(mine, "/obligations/?stage=done")
    assert mine.get(link).headers["Content-Type"] == "application/pdf"
    stranger = Client()
    stranger.force_login(make_user(make_organisation()))
    assert stranger.get(link).status_code == 404


@pytest.mark.parametrize("content", [b"", b"MZ no picture", b"<svg onload=alert(1)>"])
def test_a_paper_that_is_refused_brings_the_words_back_and_settles_nothing(
    mine: Client, service: Service, content: bytes
) -> None:
    row = Obligation.objects.get(kind="service.police_filing")
    paper = SimpleUploadedFile("回执.pdf", content, "application/pdf")
    response = mine.post(f"/obligations/{row.pk}/done/", {"why": "京公网安备1101号", "paper": paper})
    assert response.status_code in {413, 415, 422, 400}
    assert 'value="京公网安备1101号"' in response.content.decode()
    row.refresh_from_db()
    assert (row.stage, row.evidence_id) == ("window_open", None)
    assert not Document.objects.filter(subject_kind="obligation").exists()


def test_evidence_without_words_comes_back_and_keeps_no_paper(mine: Client, service: Service) -> None:
    row = Obligation.objects.get(kind="service.police_filing")
    paper = SimpleUploadedFile("回执.pdf", pdf(), "application/pdf")
    response = mine.post(f"/obligations/{row.pk}/done/", {"why": " ", "paper": paper})
    assert (response.status_code, Document.objects.filter(subject_kind="obligation").count()) == (422, 0)
    assert "请写明理由或凭证" in response.content.decode()


def test_the_dialog_has_a_page_of_its_own_without_script(mine: Client, service: Service) -> None:
    row = Obligation.objects.get(kind="service.police_filing")
    shown = page(mine, f"/obligations/{row.pk}/done/?next=/obligations/")
    assert 'type="file"' in shown
    assert 'name="next" value="/obligations/"' in shown


def test_a_page_of_sponsors_is_given_to_a_person_and_filtered_by_mine(
    mine: Client, organisation: Organisation, service: Service
) -> None:
    person = make_user(organisation, name="责任示例员")
    listed = page(mine, "/sponsors/")
    assert f'value="sponsor:{service.sponsor_id}"' in listed
    assert "责任示例员" in listed
    given = {"subject": [f"sponsor:{service.sponsor_id}"], "person": str(person.pk), "next": "/sponsors/?q="}
    answer = mine.post("/obligations/in-charge/", given)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sponsors/?q=")
    assert '<td data-label="责任人">责任示例员</td>' in page(mine, "/sponsors/")
    assert "责任示例员" in page(mine, f"/sponsors/{service.sponsor_id}/")
    assert "责任示例员（随主体）" in page(mine, "/obligations/").replace("\n", "")
    assert "责任示例员" in page(mine, "/")
    assert "示例书店" not in page(mine, "/obligations/?mine=1")
    mine.force_login(person)
    assert "示例书店" in page(mine, "/obligations/?mine=1")


def test_a_services_person_is_changed_on_its_page_and_taken_back(
    mine: Client, organisation: Organisation, service: Service
) -> None:
    person = make_user(organisation, name="责任示例员")
    address = f"/services/{service.pk}/"
    given = {"subject": f"service:{service.pk}", "person": str(person.pk), "next": address}
    assert mine.post("/obligations/in-charge/", given).headers["Location"] == address
    assert f'<option value="{person.pk}" selected>' in page(mine, address)
    mine.post("/obligations/in-charge/", given | {"person": ""})
    assert "selected" not in page(mine, address)


def test_the_default_person_is_the_administrators_to_set(mine: Client, organisation: Organisation) -> None:
    person = make_user(organisation, name="责任示例员")
    given = {"subject": f"organisation:{organisation.pk}", "person": str(person.pk), "next": "/settings/lead-times/"}
    assert mine.post("/obligations/in-charge/", given).status_code == 403
    mine.force_login(make_user(organisation, "administrator"))
    assert "默认责任人" in page(mine, "/settings/lead-times/")
    assert mine.post("/obligations/in-charge/", given).status_code == 302
    assert f'<option value="{person.pk}" selected>' in page(mine, "/settings/lead-times/")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"subject": "service:x"}, 404),
        ({"subject": "case:1"}, 404),
        ({"person": "x"}, 422),
        ({"person": "999999"}, 422),
    ],
)
def test_a_forged_choice_is_refused(mine: Client, service: Service, changes: dict[str, str], status: int) -> None:
    given = {"subject": f"service:{service.pk}", "person": "", "next": "/"} | changes
    assert mine.post("/obligations/in-charge/", given).status_code == status


def test_another_organisation_sees_no_person_in_charge(
    client: Client, organisation: Organisation, service: Service
) -> None:
    person = make_user(organisation, name="责任示例员")
    client.force_login(person)
    client.post("/obligations/in-charge/", {"subject": f"sponsor:{service.sponsor_id}", "person": str(person.pk)})
    client.force_login(make_user(make_organisation(kind="administration", province="京"), "officer"))
    for address in ("/obligations/", "/sponsors/", f"/sponsors/{service.sponsor_id}/", f"/services/{service.pk}/"):
        assert "责任示例员" not in page(client, address)


def test_the_calendar_names_who_is_in_charge_to_the_organisation(
    mine: Client, organisation: Organisation, service: Service
) -> None:
    month = "/calendar/?month=2026-04"
    assert "责任人：" not in page(mine, month)
    person = make_user(organisation, name="责任示例员")
    mine.post("/obligations/in-charge/", {"subject": f"sponsor:{service.sponsor_id}", "person": str(person.pk)})
    assert "责任人：责任示例员" in page(mine, month)

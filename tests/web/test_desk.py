"""The review desk in the browser's own terms: what a reviewer sees, presses and gets."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from openbeian.accounts.models import User
from openbeian.cases.actions.turn_case import turn_case
from openbeian.journal.models import Entry
from openbeian.kernel.actor import Actor
from tests.accounts.factories import make_actor, make_organisation
from tests.cases.factories import World, make_sponsor_values, make_submitted_case, make_world
from tests.documents.hostile_files import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def sign_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def test_the_queue_shows_submitted_cases_with_the_days_left(world: World) -> None:
    case = make_submitted_case(world)
    page = sign_in(world.reviewer).get("/desk/").content.decode()
    assert case.reference in page
    assert case.title in page
    assert "还剩" in page or "今天到期" in page


def test_the_queue_of_another_provider_is_empty(world: World) -> None:
    case = make_submitted_case(world)
    stranger = make_actor(make_organisation("access_provider"), "first_reviewer")
    client = sign_in(stranger)
    assert case.reference not in client.get("/desk/").content.decode()
    assert client.get(f"/desk/{case.pk}/").status_code == 404
    assert client.post(f"/desk/{case.pk}/turn/", {"verb": "take", "revision": case.revision}).status_code == 404


def test_an_applicant_has_no_desk(world: World) -> None:
    assert sign_in(world.applicant).get("/desk/").status_code == 403


def test_personal_data_is_masked_until_asked_for_and_asking_is_journalled(world: World) -> None:
    sponsor = make_sponsor_values()
    mobile = sponsor["person"]["mobile"]
    case = make_submitted_case(world, sponsor=sponsor)
    client = sign_in(world.reviewer)
    page = client.get(f"/desk/{case.pk}/").content.decode()
    assert mobile not in page
    assert f"{mobile[:3]}****{mobile[-4:]}" in page
    shown = client.post(f"/desk/{case.pk}/reveal/", {"path": "sponsor.person.mobile"})
    assert mobile in shown.content.decode()
    entry = Entry.objects.get(event="case.personal_revealed")
    assert entry.actor_id == world.reviewer.user_id
    assert mobile not in str(entry.after)
    assert client.post(f"/desk/{case.pk}/reveal/", {"path": "sponsor.name"}).status_code == 404


def test_a_return_with_two_reasons_reaches_the_case_and_opens_the_next(world: World) -> None:
    case, other = make_submitted_case(world), make_submitted_case(world)
    case = turn_case(world.reviewer, case.pk, "take")
    answer = sign_in(world.reviewer).post(
        f"/desk/{case.pk}/turn/",
        {
            "verb": "return",
            "revision": case.revision,
            "reason": ["certificate_unfit", "service_name_unfit"],
            "field_certificate_unfit": "sponsor.certificate_number",
            "note_certificate_unfit": "照片反光",
            "note": "请尽快修改",
        },
    )
    assert answer.status_code == 302
    assert answer["Location"] == f"/desk/{other.pk}/"
    step = case.steps.latest("pk")
    assert step.reasons == [
        {"code": "certificate_unfit", "field": "sponsor.certificate_number", "note": "照片反光"},
        {"code": "service_name_unfit", "field": "", "note": ""},
    ]
    assert step.note == "请尽快修改"


def test_a_second_click_has_one_effect_and_says_what_happened(world: World) -> None:
    case = make_submitted_case(world)
    client = sign_in(world.reviewer)
    form = {"verb": "take", "revision": case.revision}
    assert client.post(f"/desk/{case.pk}/turn/", form).status_code == 302
    again = client.post(f"/desk/{case.pk}/turn/", form)
    assert again.status_code == 409
    assert "初审中" in again.content.decode()
    assert case.steps.filter(verb="take").count() == 1


def test_hostile_names_are_inert_on_the_sheet(world: World) -> None:
    hostile = "<script>alert(1)</script>公司"
    case = make_submitted_case(world, sponsor=make_sponsor_values(name=hostile))
    page = sign_in(world.reviewer).get(f"/desk/{case.pk}/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_decided_case_stays_findable_under_recent(world: World) -> None:
    case = make_submitted_case(world)
    turn_case(world.reviewer, case.pk, "take")
    turn_case(world.reviewer, case.pk, "approve")
    page = sign_in(world.reviewer).get("/desk/?tab=recent").content.decode()
    assert case.reference in page


def test_a_result_from_an_outside_portal_is_recorded_with_its_screenshot(world: World) -> None:
    world.provider.channel = "outside"
    world.provider.save()
    case = make_submitted_case(world)
    turn_case(world.reviewer, case.pk, "take")
    case = turn_case(world.reviewer, case.pk, "approve")
    client = sign_in(world.reviewer)
    post = {"verb": "forward", "revision": case.revision, "stay": "1"}
    assert client.post(f"/desk/{case.pk}/turn/", post).status_code == 302
    case.refresh_from_db()
    post = {"verb": "confirm", "revision": case.revision, "stay": "1"}
    assert client.post(f"/desk/{case.pk}/turn/", post).status_code == 422
    screenshot = SimpleUploadedFile("结果.png", picture(), "image/png")
    assert client.post(f"/desk/{case.pk}/turn/", {**post, "evidence": screenshot}).status_code == 302
    case.refresh_from_db()
    assert case.state == "administration_review"
    evidence = case.steps.latest("pk").evidence
    assert evidence is not None
    assert evidence.material == "evidence"

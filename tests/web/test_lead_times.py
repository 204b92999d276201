"""The page of lead times: what the rulebook proposes on what ground, what an organisation chose, and what that moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client

from openbeian.accounts.models import Organisation
from openbeian.journal.models import Entry
from openbeian.kernel import clock
from openbeian.obligations.actions.follow_record import follow_record
from openbeian.obligations.actions.recompute_obligations import recompute_obligations
from openbeian.obligations.models import LeadTime, Obligation
from openbeian.registry.actions.record_licence import record_licence
from tests.obligations.facts import noon
from tests.obligations.test_recompute import LICENCE
from tests.registry.factories import make_actor, make_organisation, make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/settings/lead-times/"


@pytest.fixture(autouse=True)
def _held() -> Iterator[None]:
    with clock.hold(noon(date(2025, 6, 2))):
        yield


@pytest.fixture
def organisation() -> Organisation:
    made = make_organisation()
    record_licence(make_actor(made), LICENCE)
    follow_record()
    recompute_obligations()
    return made


def sign_in(client: Client, organisation: Organisation, role: str = "administrator") -> Client:
    client.force_login(make_user(organisation, role))
    return client


def test_the_page_shows_default_ground_and_how_many_are_concerned(client: Client, organisation: Organisation) -> None:
    shown = sign_in(client, organisation).get(ADDRESS).content.decode()
    assert "180, 120, 100, 90 天前" in shown
    assert "电信业务经营许可管理办法" in shown
    assert "/rules/licence.renewal.apply_before_expiry/" in shown
    assert "1 项未了结" in shown


def test_chosen_days_are_kept_move_the_stage_and_can_be_given_back(client: Client, organisation: Organisation) -> None:
    browser = sign_in(client, organisation)
    assert browser.post(ADDRESS, {"kind": "licence.renewal", "days": "365、200，90"}).status_code == 302
    assert LeadTime.objects.get().days == [365, 200, 90]
    assert 'value="365, 200, 90"' in browser.get(ADDRESS).content.decode()
    follow_record()
    assert Obligation.objects.get(kind="licence.renewal").stage == "window_open"
    assert browser.post(ADDRESS, {"kind": "licence.renewal"}).status_code == 302
    follow_record()
    assert Obligation.objects.get(kind="licence.renewal").stage == "far"
    assert not LeadTime.objects.exists()


@pytest.mark.parametrize("typed", ["90, 180", "-1", "1001", "１８０", "90.5", "7,6,5,4,3,2,1", "9" * 70, "<script>"])
def test_what_is_no_lead_time_comes_back_with_the_reason(
    client: Client, organisation: Organisation, typed: str
) -> None:
    response = sign_in(client, organisation).post(ADDRESS, {"kind": "licence.renewal", "days": typed})
    shown = response.content.decode()
    assert response.status_code == 422
    assert "提前天数应由大到小" in shown
    assert "<script>alert" not in shown
    assert not LeadTime.objects.exists()
    assert not Entry.objects.filter(event="lead_times.set").exists()


def test_others_of_the_organisation_see_it_and_change_nothing(client: Client, organisation: Organisation) -> None:
    browser = sign_in(client, organisation, "applicant")
    assert "同默认" in browser.get(ADDRESS).content.decode()
    assert browser.post(ADDRESS, {"kind": "licence.renewal", "days": "90"}).status_code == 403
    assert not LeadTime.objects.exists()


def test_one_organisations_choice_is_not_anothers(client: Client, organisation: Organisation) -> None:
    other = make_organisation()
    LeadTime.objects.create(organisation=other, kind="licence.renewal", days=[333])
    shown = sign_in(client, organisation).get(ADDRESS).content.decode()
    assert 'value="333"' not in shown
    assert 'value=""' in shown
    assert client.post(ADDRESS, {"kind": "no.such", "days": "90"}).status_code == 422

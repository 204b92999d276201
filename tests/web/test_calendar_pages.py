"""The calendar: own dates on their days, holidays and make-up days, provisional years marked."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from openbeian.accounts.acting import actor_of
from openbeian.accounts.models import Membership
from openbeian.agenda.queries import list_dates
from openbeian.cases.actions.start_case import start_case
from openbeian.cases.models import Case
from openbeian.kernel import clock
from openbeian.policies.actions.switch_policy_on import switch_policy_on
from openbeian.wiring import list_date_sources
from tests.accounts.factories import make_member, make_organisation
from tests.cases.factories import make_world
from tests.policies.factories import CYCLE, make_runner
from tests.registry.factories import make_service, make_sponsor
from tests.web.pages import parse, sign_in, text_of
from tests.web.portal import browse

pytestmark = pytest.mark.django_db
IN_2026 = datetime(2026, 4, 10, 4, 0, tzinfo=UTC)


@pytest.fixture
def member() -> Membership:
    return make_member(make_organisation(), "applicant")


def test_certificates_police_filing_and_policy_fall_on_their_days(member: Membership) -> None:
    sponsor = make_sponsor(member.organisation, on=date(2026, 3, 2), certificate_until=date(2026, 4, 20))
    make_service(sponsor, on=date(2026, 3, 20))
    client = browse(member)
    with clock.hold(IN_2026):
        april = text_of(client.get("/calendar/?month=2026-04"))
    assert f"主办单位证件到期：{sponsor.number}" in april
    assert "公安联网备案期限" in april
    assert "信息复核" not in april


def test_reconfirmation_shows_only_by_policy_and_says_it_is_not_law(member: Membership) -> None:
    sponsor = make_sponsor(member.organisation, on=date(2024, 4, 15))
    client = browse(member)
    with clock.hold(IN_2026):
        assert "复核" not in text_of(client.get("/calendar/?month=2026-04")).partition("本月清单")[2]
        switch_policy_on(make_runner(), CYCLE, "two_years")
        said = text_of(client.get("/calendar/?month=2026-04"))
    assert f"备案信息复核（内部政策，并非法律规定）：{sponsor.number}" in said
    assert "本系统内部政策，并非法律规定" in said


def test_dates_of_another_organisation_are_not_there(member: Membership) -> None:
    sponsor = make_sponsor(make_organisation(), certificate_until=date(2026, 4, 20))
    with clock.hold(IN_2026):
        assert sponsor.number not in browse(member).get("/calendar/?month=2026-04").content.decode()


def test_holidays_and_make_up_days_are_marked(member: Membership) -> None:
    tree = parse(browse(member).get("/calendar/?month=2026-02"))
    cells = {cell.css_first("time").attributes["datetime"]: cell for cell in tree.css(".month-grid td")}  # type: ignore[union-attr]
    assert "班" in cells["2026-02-14"].text()
    assert "休" in cells["2026-02-17"].text()
    assert "is-off" in (cells["2026-02-17"].attributes["class"] or "")
    assert "is-off" not in (cells["2026-02-14"].attributes["class"] or "")


def test_a_year_without_an_arrangement_is_marked_provisional(member: Membership) -> None:
    assert "暂定" in text_of(browse(member).get("/calendar/?month=2029-05"))
    assert "暂定" not in text_of(browse(member).get("/calendar/?month=2026-05"))


@pytest.mark.parametrize("month", ["", "2026-13", "x", "-1-1", "99999-01", "2026-02-03", "0000-01", "\x00"])
def test_a_mistyped_month_shows_the_present_one(member: Membership, month: str) -> None:
    with clock.hold(IN_2026):
        response = browse(member).get("/calendar/", {"month": month})
    assert response.status_code == 200
    assert "2026-04" in text_of(response)


def test_the_public_is_sent_to_sign_in() -> None:
    make_runner()
    assert browse().get("/calendar/").status_code == 302


def test_one_sponsor_can_be_asked_for_alone(member: Membership) -> None:
    first, second = (make_sponsor(member.organisation, certificate_until=date(2026, 4, d)) for d in (20, 21))
    found = list_dates(
        list_date_sources(), actor_of(member, "web"), date(2026, 4, 1), date(2026, 4, 30), sponsor_id=second.pk
    )
    assert [d.key for d in found if d.kind == "document"] == [f"certificate:sponsor:{second.pk}"]
    assert first.pk != second.pk


def test_open_cases_stand_on_their_due_day() -> None:
    world = make_world()
    case = start_case(world.applicant, "first_filing")
    due_on = Case.objects.get(pk=case.pk).due_on
    assert due_on is not None
    said = text_of(sign_in(world.applicant).get(f"/calendar/?month={due_on:%Y-%m}"))
    assert case.reference in said

"""The resolver: levels, claims, policies, provinces, and what it refuses."""

from datetime import date

import pytest

from openbeian.rules.deadlines import compute_deadline
from openbeian.rules.errors import ClaimUnknown, DayBeforeAnyLaw, NoRuleInForce, PolicyRefused
from openbeian.rules.resolver import Policy, resolve
from openbeian.rules.rule import Level
from openbeian.rules.rulebook import Rulebook

TODAY = date(2026, 11, 21)
TWO_YEARS = Policy("filing.reconfirmation.cycle", "two_years", "legal department", date(2026, 1, 1))


def test_the_law_is_followed_over_the_regulation_that_also_stands(rulebook: Rulebook) -> None:
    resolution = resolve(rulebook, "logs.retention", TODAY)
    assert (resolution.value, resolution.version.level) == (6, Level.LAW)
    (other,) = resolution.contradicted_by
    assert other.version.level is Level.REGULATION


def test_a_province_outranks_the_providers_practice_in_its_own_area_only(rulebook: Rulebook) -> None:
    assert resolve(rulebook, "service.display.number", TODAY, "粤").value == "sponsor"
    assert resolve(rulebook, "service.display.number", TODAY, "浙").value == "service"
    assert resolve(rulebook, "service.display.number", TODAY).value == "service"


def test_a_policy_is_followed_from_its_day_on_and_says_it_is_no_law(rulebook: Rulebook) -> None:
    before = resolve(rulebook, TWO_YEARS.rule_id, date(2025, 12, 31), policies=[TWO_YEARS])
    after = resolve(rulebook, TWO_YEARS.rule_id, date(2026, 1, 1), policies=[TWO_YEARS])
    assert (before.policy, before.value) == (None, "none")
    assert (after.policy, after.value) == (TWO_YEARS, 2)
    assert after.policy
    assert after.policy.label.en == "policy of this installation, not law"
    assert any(c.version.level is Level.RULE and "set aside" in c.why.en for c in after.contradicted_by)


def test_an_organisations_policy_comes_before_the_installations(rulebook: Rulebook) -> None:
    own = Policy(TWO_YEARS.rule_id, "two_years", "owner", date(2025, 1, 1), "organisation")
    followed = resolve(rulebook, own.rule_id, TODAY, policies=[TWO_YEARS, own]).policy
    assert followed is own
    assert own.label.zh == "本单位内部政策，并非法律规定"


def test_a_policy_for_another_rule_changes_nothing(rulebook: Rulebook) -> None:
    assert resolve(rulebook, "filing.validity", TODAY, policies=[TWO_YEARS]).policy is None


def test_a_policy_looser_than_the_law_is_refused(rulebook: Rulebook) -> None:
    lax = Policy("licence.renewal.apply_before_expiry", "one_month", "somebody", date(2020, 1, 1))
    with pytest.raises(PolicyRefused) as refusal:
        resolve(rulebook, lax.rule_id, TODAY, policies=[lax])
    assert "第27条" in refusal.value.text.zh


def test_a_policy_on_a_claim_nobody_made_is_refused_with_the_choices(rulebook: Rulebook) -> None:
    odd = Policy("filing.validity", "ten_years", "somebody", date(2020, 1, 1))
    with pytest.raises(ClaimUnknown) as refusal:
        resolve(rulebook, odd.rule_id, TODAY, policies=[odd])
    assert "two_years" in refusal.value.text.en


def test_a_day_before_any_law_is_refused(rulebook: Rulebook) -> None:
    with pytest.raises(DayBeforeAnyLaw):
        resolve(rulebook, "filing.validity", date(1949, 10, 1))


def test_an_anchor_before_any_law_is_refused_even_under_todays_law(rulebook: Rulebook) -> None:
    with pytest.raises(DayBeforeAnyLaw):
        compute_deadline("service.police_filing", date(1949, 10, 1), TODAY, rulebook=rulebook)


def test_absence_is_an_error_and_says_when_it_begins(rulebook: Rulebook) -> None:
    with pytest.raises(NoRuleInForce) as refusal:
        resolve(rulebook, "app.filing.required", date(2023, 8, 31))
    assert "2023-09-01" in refusal.value.text.en


def test_a_pilot_asks_for_the_province(rulebook: Rulebook) -> None:
    with pytest.raises(NoRuleInForce) as refusal:
        resolve(rulebook, "filing.sms.window", date(2018, 10, 1))
    assert "name the province" in refusal.value.text.en


def test_the_published_json_has_the_agreed_fields(rulebook: Rulebook) -> None:
    told = compute_deadline("licence.renewal.apply_before_expiry", date(2026, 2, 28), rulebook=rulebook).as_json()
    agreed = {
        "rule": "licence.renewal.apply_before_expiry",
        "anchor_on": "2026-02-28",
        "due_on": "2025-11-30",
        "advised_on": "2025-11-28",
        "window_opens_on": None,
        "unit": "calendar_days",
        "provisional": False,
        "policy": None,
    }
    assert {key: told[key] for key in agreed} == agreed
    source = {key: told["source"][key] for key in ("instrument", "article", "level", "confidence")}
    assert source == {
        "instrument": "telecom_licence_measures_2017",
        "article": "27",
        "level": "rule",
        "confidence": "H",
    }
    assert [c["claim"] for c in told["contradicted_by"]] == [
        "one_month",
        "ninety_working_days",
        "thirty_to_sixty_days",
    ]

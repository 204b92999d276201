"""Policies: switched on only where the law stays whole, by those permitted, and never taken for law."""

from __future__ import annotations

from datetime import date

import pytest
from tests.accounts.factories import make_actor, make_organisation
from tests.policies.factories import CYCLE, make_runner

from openbeian.journal.models import Entry
from openbeian.kernel.actor import Actor, NotPermitted
from openbeian.policies.actions.switch_policy_off import switch_policy_off
from openbeian.policies.actions.switch_policy_on import switch_policy_on
from openbeian.policies.errors import PolicyAlreadyOn, PolicyNotFound
from openbeian.policies.models import PolicySetting
from openbeian.policies.queries import list_policies
from openbeian.rules.deadlines import compute_deadline
from openbeian.rules.errors import ClaimUnknown, PolicyRefused, RuleHasNoLimit, RuleUnknown

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> Actor:
    return make_actor(make_organisation(), "administrator")


def test_without_a_policy_a_filing_never_falls_due() -> None:
    with pytest.raises(RuleHasNoLimit):
        compute_deadline(CYCLE, date(2024, 3, 4), policies=list_policies(None))


def test_a_policy_of_the_installation_gives_a_day_that_says_it_is_not_law() -> None:
    switch_policy_on(make_runner(), CYCLE, "two_years", since=date(2024, 1, 1))
    deadline = compute_deadline(CYCLE, date(2024, 3, 4), policies=list_policies(7))
    assert deadline.due_on == date(2026, 3, 4)
    assert deadline.policy is not None
    assert deadline.policy.label.en == "policy of this installation, not law"


def test_a_policy_of_one_organisation_is_followed_there_and_nowhere_else(administrator: Actor) -> None:
    switch_policy_on(administrator, CYCLE, "two_years", organisation_id=administrator.organisation_id)
    (policy,) = list_policies(administrator.organisation_id)
    assert policy.scope == "organisation"
    assert list_policies(make_organisation().pk) == list_policies(None) == []


def test_a_claim_that_would_lose_a_licence_is_refused_and_leaves_no_trace() -> None:
    with pytest.raises(PolicyRefused):
        switch_policy_on(make_runner(), "licence.renewal.apply_before_expiry", "one_month")
    assert not PolicySetting.objects.exists()
    assert not Entry.objects.filter(event="policy.switched_on").exists()


@pytest.mark.parametrize(("rule", "claim", "refusal"), [("no.such", "x", RuleUnknown), (CYCLE, "x", ClaimUnknown)])
def test_an_unknown_rule_or_claim_is_refused(rule: str, claim: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        switch_policy_on(make_runner(), rule, claim)


def test_an_organisation_cannot_set_the_policy_of_the_installation_or_of_another(administrator: Actor) -> None:
    for organisation_id in (None, make_organisation().pk):
        with pytest.raises(NotPermitted):
            switch_policy_on(administrator, CYCLE, "two_years", organisation_id=organisation_id)
    assert not PolicySetting.objects.exists()


def test_an_applicant_cannot_set_a_policy() -> None:
    applicant = make_actor(make_organisation(), "applicant")
    with pytest.raises(NotPermitted):
        switch_policy_on(applicant, CYCLE, "two_years", organisation_id=applicant.organisation_id)


def test_switching_on_twice_is_refused_and_changes_nothing() -> None:
    runner = make_runner()
    switch_policy_on(runner, CYCLE, "two_years")
    with pytest.raises(PolicyAlreadyOn):
        switch_policy_on(runner, CYCLE, "two_years")
    assert PolicySetting.objects.count() == 1


def test_switching_off_ends_it_and_both_are_in_the_journal() -> None:
    runner = make_runner()
    setting = switch_policy_on(runner, CYCLE, "two_years", note="每两年")
    switch_policy_off(runner, setting.pk)
    switch_policy_off(runner, setting.pk)
    assert list_policies(None) == []
    told = list(Entry.objects.filter(event__startswith="policy.").order_by("sequence").values_list("event", flat=True))
    assert told == ["policy.switched_on", "policy.switched_off"]
    switch_policy_on(runner, CYCLE, "two_years")
    assert len(list_policies(None)) == 1


def test_the_policy_of_another_cannot_be_switched_off(administrator: Actor) -> None:
    setting = switch_policy_on(make_runner(), CYCLE, "two_years")
    with pytest.raises(PolicyNotFound):
        switch_policy_off(administrator, setting.pk)
    assert len(list_policies(None)) == 1

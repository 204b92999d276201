"""API tokens: shown once, bounded in time, revocable."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.accounts.factories import make_actor, make_member, make_organisation

from openbeian.accounts.acting import actor_of
from openbeian.accounts.actions.issue_token import issue_token
from openbeian.accounts.actions.revoke_token import revoke_token
from openbeian.accounts.errors import NotFound, TokenLifetime, ValueMissing
from openbeian.accounts.models import ApiToken
from openbeian.accounts.queries import find_token_membership, list_tokens_visible_to
from openbeian.journal.models import Entry
from openbeian.kernel import clock

pytestmark = pytest.mark.django_db


def test_a_token_finds_its_membership_until_its_day_and_is_kept_as_a_hash() -> None:
    member = make_member(make_organisation(), "applicant")
    token, secret = issue_token(actor_of(member, "web"), "资产同步", 30)
    assert secret.startswith("ob_")
    assert secret not in str(ApiToken.objects.values().get())
    found = find_token_membership(secret)
    assert found is not None
    assert found == (token, member)
    with clock.hold(clock.now() + timedelta(days=31)):
        assert find_token_membership(secret) is None
    assert find_token_membership("ob_guess") is None


def test_a_revoked_token_stops_at_once_and_the_journal_says_who_did_it() -> None:
    member = make_member(make_organisation(), "applicant")
    actor = actor_of(member, "web")
    token, secret = issue_token(actor, "资产同步", 30)
    revoke_token(actor, token.pk)
    revoke_token(actor, token.pk)
    assert find_token_membership(secret) is None
    assert list(Entry.objects.values_list("event", flat=True)) == ["token.issued", "token.revoked"]


def test_colleagues_and_strangers_neither_see_nor_revoke_it_but_the_administrator_does() -> None:
    organisation = make_organisation()
    token, _ = issue_token(actor_of(make_member(organisation, "applicant"), "web"), "资产同步", 30)
    for stranger in (make_actor(organisation, "auditor"), make_actor(make_organisation(), "administrator")):
        assert not list_tokens_visible_to(stranger)
        with pytest.raises(NotFound):
            revoke_token(stranger, token.pk)
    administrator = make_actor(organisation, "administrator")
    revoke_token(administrator, token.pk)
    token.refresh_from_db()
    assert token.revoked_at is not None


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_lifetime_out_of_bounds_is_refused_and_nothing_is_written(days: int) -> None:
    actor = make_actor(make_organisation(), "applicant")
    with pytest.raises(TokenLifetime):
        issue_token(actor, "资产同步", days)
    with pytest.raises(ValueMissing):
        issue_token(actor, "  ", 30)
    assert not ApiToken.objects.exists()
    assert not Entry.objects.exists()

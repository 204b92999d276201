"""Gives a program the rights of one membership until a day; the secret is shown once."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from openbeian.accounts.errors import NotFound, TokenLifetime
from openbeian.accounts.events import TokenIssued
from openbeian.accounts.letters import TOKEN_PREFIX, hash_secret, make_secret
from openbeian.accounts.models import ApiToken, Membership
from openbeian.accounts.values import check_name
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor

LONGEST_DAYS = 366


def issue_token(actor: Actor, name: str, days: int) -> tuple[ApiToken, str]:
    """For oneself in the organisation acted for: the token and its secret, which nobody can read again.

    Raises: ValueMissing, TokenLifetime, NotFound when the actor has no membership.
    """
    name = check_name(name, "name")
    if not 1 <= days <= LONGEST_DAYS:
        raise TokenLifetime(longest=LONGEST_DAYS)
    secret = make_secret(TOKEN_PREFIX)
    with transaction.atomic():
        membership = Membership.objects.filter(
            user_id=actor.user_id or 0, organisation_id=actor.organisation_id or 0, is_active=True
        ).first()
        if membership is None:
            raise NotFound
        now = clock.now()
        token = ApiToken.objects.create(
            membership=membership,
            name=name,
            secret_hash=hash_secret(secret),
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        record_event(
            TokenIssued, actor, ("token", token.pk), after={"name": name, "expires_at": token.expires_at.isoformat()}
        )
    return token, secret

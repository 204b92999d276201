"""Writes down that a person signed in, from where and with which browser."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.events import PersonSignedIn
from openbeian.accounts.models import User
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.kernel.clock import now

LONGEST_BROWSER = 160


def record_sign_in(user: User, *, address: str, browser: str, is_demo: bool = False) -> None:
    """`browser` is what the browser says of itself: cut, and never trusted."""
    memberships = user.memberships.filter(is_active=True)
    actor = Actor(user.pk, user.name, None, "", frozenset(), frozenset(), "web", address)
    with transaction.atomic():
        user.last_login = now()
        user.save(update_fields=["last_login"])
        record_event(
            PersonSignedIn,
            actor,
            ("person", user.pk),
            concerns=memberships.values_list("organisation_id", flat=True),
            after={"browser": browser[:LONGEST_BROWSER], **({"demo": True} if is_demo else {})},
        )

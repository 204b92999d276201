"""Writes down that the operator made a password link for somebody, and finds that person."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.errors import NotFound
from openbeian.accounts.events import ResetLinkMade
from openbeian.accounts.models import User
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor


def make_reset_link(actor: Actor, email: str) -> User:
    """The active person of that address; the door makes the link itself. Raises: NotFound."""
    with transaction.atomic():
        user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
        if user is None:
            raise NotFound
        concerns = list(user.memberships.filter(is_active=True).values_list("organisation_id", flat=True))
        record_event(ResetLinkMade, actor, ("person", user.pk), concerns=concerns)
    return user

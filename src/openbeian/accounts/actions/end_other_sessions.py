"""Signs a person out everywhere; the door that asked renews its own session."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.events import OtherSessionsEnded
from openbeian.accounts.models import User
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor


def end_other_sessions(actor: Actor) -> User:
    """The person, whose sessions have all ended; the caller gives the present one the new hash."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=actor.user_id or 0)
        user.session_epoch += 1
        user.save(update_fields=["session_epoch"])
        record_event(OtherSessionsEnded, actor, ("person", user.pk))
    return user

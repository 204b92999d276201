"""A person changes their own name or language."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.events import PersonChanged
from openbeian.accounts.models import User
from openbeian.accounts.values import check_name
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor


def change_profile(actor: Actor, name: str, language: str) -> User:
    """Only one's own: the person is the actor. Raises: ValueMissing."""
    name = check_name(name, "name")
    language = "en" if language == "en" else "zh"
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=actor.user_id or 0)
        before = {"name": user.name, "language": user.language}
        after = {"name": name, "language": language}
        if before == after:
            return user
        user.name, user.language = name, language
        user.save(update_fields=["name", "language"])
        record_event(PersonChanged, actor, ("person", user.pk), before=before, after=after)
    return user

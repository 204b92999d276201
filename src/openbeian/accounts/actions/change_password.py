"""Sets a person's new password and writes down that it happened, never what it is."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.events import PasswordChanged
from openbeian.accounts.models import User
from openbeian.accounts.passwords import check_password
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor


def change_password(user: User, password: str, *, address: str = "") -> None:
    """The caller has made sure that it is the person: by the old password or by a letter to their mailbox.

    Raises: PasswordWeak.
    """
    check_password(password, user)
    concerns = list(user.memberships.filter(is_active=True).values_list("organisation_id", flat=True))
    actor = Actor(user.pk, user.name, None, "", frozenset(), frozenset(), "web", address)
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        record_event(PasswordChanged, actor, ("person", user.pk), concerns=concerns)

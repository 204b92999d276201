"""A person changes their own name, language, or the mobile by which robots in groups call them."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.events import PersonChanged
from openbeian.accounts.models import User
from openbeian.accounts.values import check_name
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.kernel.contacts import check_mobile
from openbeian.kernel.errors import ValueRefused
from openbeian.privacy.masking import mask_mobile


def change_profile(actor: Actor, name: str, language: str, mobile: str | None = None) -> User:
    """Only one's own: the person is the actor. `mobile` empty takes it away, None leaves it.

    Raises: ValueMissing, ValueRefused for what is no mobile.
    """
    mobile = _read_mobile(mobile) if mobile else mobile
    name = check_name(name, "name")
    language = "en" if language == "en" else "zh"
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=actor.user_id or 0)
        mobile = user.mobile if mobile is None else mobile
        if (user.name, user.language, user.mobile) == (name, language, mobile):
            return user
        before = {"name": user.name, "language": user.language, "mobile": mask_mobile(user.mobile)}
        after = {"name": name, "language": language, "mobile": mask_mobile(mobile)}
        user.name, user.language, user.mobile = name, language, mobile
        user.save(update_fields=["name", "language", "mobile"])
        record_event(PersonChanged, actor, ("person", user.pk), before=before, after=after)
    return user


def _read_mobile(given: str) -> str:
    """The bare eleven digits, as robots want them."""
    try:
        return check_mobile(given).normal.removeprefix("+86")
    except ValueRefused as refusal:
        raise ValueRefused(refusal.problem, given, field="mobile") from None

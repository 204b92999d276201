"""Takes in what an administration put on its blacklist, or took off it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.registry.blacklist import Listed
from openbeian.registry.events import BlacklistNoted
from openbeian.registry.models import Blacklisting


def note_blacklist(
    actor: Actor, province: str, entries: Iterable[Listed], concerns: tuple[int | None, ...] = ()
) -> int:
    """Puts entries on the list of that province's administration, or strikes them; safe to repeat. Returns how many.

    One journal entry for all of them; `concerns` are the organisations that may read it.
    """
    today, count = clock.today(), 0
    with transaction.atomic():
        for entry in entries:
            Blacklisting.objects.update_or_create(
                province=province,
                kind=entry.kind,
                value=entry.value,
                defaults={"shown": entry.shown[:300], "struck_on": None if entry.is_listed else today},
                create_defaults={
                    "shown": entry.shown[:300], "listed_on": today, "struck_on": None if entry.is_listed else today,
                },
            )  # fmt: skip
            count += 1
        if count:
            record_event(BlacklistNoted, actor, ("blacklist", province), concerns=concerns, after={"entries": count})
    return count

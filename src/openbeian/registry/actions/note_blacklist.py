"""Takes in what an administration put on its blacklist, or took off it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.registry.blacklist import Listed
from openbeian.registry.events import BlacklistNoted
from openbeian.registry.models import Blacklisting, Provider


def note_blacklist(actor: Actor, provider: Provider, province: str, entries: Iterable[Listed]) -> int:
    """Puts entries on the list that this provider has from that province's administration, or strikes them; safe to
    repeat. Returns how many. One journal entry for all of them.
    """
    today = clock.today()
    rows = {
        (entry.kind, entry.value): Blacklisting(
            provider=provider,
            province=province,
            kind=entry.kind,
            value=entry.value,
            shown=entry.shown[:300],
            listed_on=today,
            struck_on=None if entry.is_listed else today,
        )
        for entry in entries
    }
    count = len(rows)
    with transaction.atomic():
        Blacklisting.objects.bulk_create(
            rows.values(),
            batch_size=500,
            update_conflicts=True,
            unique_fields=["provider", "province", "kind", "value"],
            update_fields=["shown", "struck_on"],  # the day it was first listed stays
        )
        if count:
            record_event(
                BlacklistNoted,
                actor,
                ("blacklist", province),
                concerns=(provider.organisation_id,),
                after={"entries": count},
            )
    return count

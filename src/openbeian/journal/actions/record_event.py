"""Appends one fact to the journal, inside the transaction of the change it tells of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

from openbeian.journal.decisions import Written
from openbeian.journal.events import Event
from openbeian.journal.models import Concern, Entry, Head
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor


def record_event(
    event: Event,
    actor: Actor,
    subject: tuple[str, object],
    *,
    concerns: Iterable[int | None] = (),
    before: Any = None,
    after: Any = None,
) -> Entry:
    """Writes who did what to which subject, from where, with the values before and after.

    `before` and `after` are JSON and hold no personal data in the clear: pass masked values or fingerprints.
    `concerns` are the organisations that may read the entry, besides the actor's own.
    Call it last in an action: it locks the head of the chain until the transaction ends.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an event is recorded in the transaction of its change")
    # The head row is made by the first migration. select_for_update is a no-op on SQLite, where the immediate
    # transaction already is the only writer.
    head = Head.objects.select_for_update().get(pk=1)
    readers = sorted({i for i in (*concerns, actor.organisation_id) if i is not None})
    written = Written(
        sequence=head.sequence + 1,
        at=clock.now(),
        event=event.name,
        actor_id=actor.user_id,
        actor_name=actor.name,
        organisation_id=actor.organisation_id,
        door=actor.door,
        address=actor.address,
        subject_kind=subject[0],
        subject_id=str(subject[1]),
        concerns=readers,
        before=before,
        after=after,
        previous_hash=head.hash,
    )
    entry = Entry(
        **{f: getattr(written, f) for f in Written.__slots__},
        hash=written.compute_hash(),
    )
    entry.save(force_insert=True)
    Concern.objects.bulk_create(Concern(entry=entry, organisation_id=i) for i in readers)
    head.sequence, head.hash = entry.sequence, entry.hash
    head.save(update_fields=["sequence", "hash"])
    return entry

"""Appends many facts to the journal under one lock of its head, for work that records thousands at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from openbeian.journal.bulk_insert import EncodedJSON, insert_many, make_object
from openbeian.journal.decisions import Written, canonise
from openbeian.journal.events import Event
from openbeian.journal.models import Concern, Entry, Head
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact to record; its values are those of `record_event`."""

    event: Event
    subject: tuple[str, object]
    concerns: tuple[int | None, ...] = ()
    before: Any = None
    after: Any = None


def record_events(actor: Actor, facts: Sequence[Fact]) -> int:
    """Writes an entry for each fact, in order, exactly as `record_event` would; returns how many.

    Call it last in the transaction of the changes.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("events are recorded in the transaction of their changes")
    if not facts:
        return 0
    head = Head.objects.select_for_update().get(pk=1)
    now = clock.now()
    entries: list[Entry] = []
    concerns: list[Concern] = []
    for fact in facts:
        entry = Written(
            sequence=head.sequence + 1,
            at=now,
            event=fact.event.name,
            actor_id=actor.user_id,
            actor_name=actor.name,
            organisation_id=actor.organisation_id,
            door=actor.door,
            address=actor.address,
            subject_kind=fact.subject[0],
            subject_id=str(fact.subject[1]),
            concerns=sorted({i for i in (*fact.concerns, actor.organisation_id) if i is not None}),
            before=fact.before,
            after=fact.after,
            previous_hash=head.hash,
        )
        before, after = canonise(fact.before), canonise(fact.after)
        head.sequence, head.hash = entry.sequence, entry.compute_hash_over(before, after)
        values = {f: getattr(entry, f) for f in _COPIED}
        values |= {"before": _column(fact.before, before), "after": _column(fact.after, after), "hash": head.hash}
        entries.append(make_object(Entry, values))
        concerns += [make_object(Concern, {"entry_id": entry.sequence, "organisation_id": i}) for i in entry.concerns]
    insert_many(entries)
    insert_many(concerns)
    head.save(update_fields=["sequence", "hash"])
    return len(entries)


_COPIED = tuple(name for name in Written.__slots__ if name not in {"before", "after"})


def _column(value: Any, canonical: str) -> EncodedJSON | None:
    """What was canonised for the hash goes into the column as it is."""
    return None if value is None else EncodedJSON(canonical)

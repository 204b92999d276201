"""Appends many facts to the journal under one lock of its head, for work that records thousands at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from openbeian.journal.bulk_insert import insert_rows, prepare_value
from openbeian.journal.decisions import Canonical, canonise, canonise_fixed, compute_link
from openbeian.journal.events import Event
from openbeian.journal.models import Concern, Entry, Head
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor


class Fact(NamedTuple):
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
    at = prepare_value(Entry, "at", now)
    who = (actor.user_id, actor.name, actor.organisation_id, actor.door, actor.address)
    fixed: dict[tuple[str, str], str] = {}
    readers: dict[tuple[int | None, ...], tuple[list[int], str]] = {}
    entries: list[tuple[Any, ...]] = []
    concerns: list[tuple[int, int]] = []
    sequence, last = head.sequence, head.hash
    for fact in facts:
        sequence += 1
        name, (kind, subject_id) = fact.event.name, fact.subject
        if (name, kind) not in fixed:
            fixed[name, kind] = canonise_fixed(now, name, who, kind)
        if fact.concerns not in readers:
            ids = sorted({i for i in (*fact.concerns, actor.organisation_id) if i is not None})
            readers[fact.concerns] = ids, canonise(ids)
        ids, listed = readers[fact.concerns]
        before, after, subject = _canonise(fact.before), _canonise(fact.after), str(subject_id)
        previous, last = last, compute_link(sequence, fixed[name, kind], subject, listed, before, after, last)
        # A missing value is NULL in its column and null in the hash.
        stands_before = None if fact.before is None else before
        stands_after = None if fact.after is None else after
        entries.append((sequence, at, name, *who, kind, subject, listed, stands_before, stands_after, previous, last))
        concerns += [(sequence, i) for i in ids]
    insert_rows(Entry, _COLUMNS, entries)
    insert_rows(Concern, ("entry_id", "organisation_id"), concerns)
    head.sequence, head.hash = sequence, last
    head.save(update_fields=["sequence", "hash"])
    return len(entries)


_COLUMNS = (
    "sequence",
    "at",
    "event",
    "actor_id",
    "actor_name",
    "organisation_id",
    "door",
    "address",
    "subject_kind",
    "subject_id",
    "concerns",
    "before",
    "after",
    "previous_hash",
    "hash",
)


def _canonise(value: Any) -> str:
    return str(value) if value.__class__ is Canonical else canonise(value)

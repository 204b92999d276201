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
    common: dict[tuple[str, str, tuple[int | None, ...]], tuple[str, list[int], str]] = {}
    entries: list[tuple[Any, ...]] = []
    concerns: list[tuple[int, int]] = []
    sequence, last = head.sequence, head.hash
    for event, (kind, subject_id), concerned, before, after in facts:
        sequence += 1
        shared = common.get((event.name, kind, concerned))
        if shared is None:
            ids = sorted({i for i in (*concerned, actor.organisation_id) if i is not None})
            fixed = canonise_fixed(now, event.name, who, kind)
            shared = common[event.name, kind, concerned] = fixed, ids, canonise(ids)
        fixed, ids, listed = shared
        told, stands, subject = _canonise(before), _canonise(after), str(subject_id)
        previous, last = last, compute_link(sequence, fixed, subject, listed, told, stands, last)
        # A missing value is NULL in its column and null in the hash.
        stood = None if before is None else told
        stands_now = None if after is None else stands
        entries.append((sequence, at, event.name, *who, kind, subject, listed, stood, stands_now, previous, last))
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

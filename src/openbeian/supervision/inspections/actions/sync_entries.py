"""Takes in what a phone recorded, with or without network in between: each entry once, in any order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.supervision.inspections.checklist import get_checklist
from openbeian.supervision.inspections.conducting import concerned, lock_to_conduct
from openbeian.supervision.inspections.decisions import is_conflict
from openbeian.supervision.inspections.errors import fault
from openbeian.supervision.inspections.events import InspectionSynchronised
from openbeian.supervision.inspections.models import Entry
from openbeian.supervision.inspections.queries import find_standing
from openbeian.supervision.inspections.sending import SentEntry, read_entries


@dataclass(frozen=True, slots=True)
class Synchronised:
    """What became of each entry: newly taken, known already, refused with its faults; and the items in conflict."""

    taken: tuple[str, ...]
    known: tuple[str, ...]
    refused: dict[str, list[Fault]]
    conflicts: tuple[str, ...]


def sync_entries(actor: Actor, inspection_id: int, told: Any) -> Synchronised:
    """`told` is `{"entries": [{uuid, item, answer, note, bases, made_at}]}`; sent again, it changes nothing.

    An entry with a fault is refused by itself: the others are taken, and the phone keeps it until it is put right.

    Raises: NotPermitted, InspectionNotYours, SyncUnfit, and InspectionOver once something new comes after the end.
    """
    sent, refused = read_entries(told, get_checklist())
    with transaction.atomic():
        inspection = lock_to_conduct(actor, inspection_id)
        there = {str(e.uuid): e for e in Entry.objects.filter(uuid__in=[s.uuid for s in sent])}
        fresh: dict[str, SentEntry] = {}
        for one in sent:
            if one.uuid not in there:
                fresh.setdefault(one.uuid, one)
            elif there[one.uuid].inspection_id != inspection.pk:
                message = Text("编号已用于另一次检查。", "The identifier belongs to another inspection.")
                refused[one.uuid] = [fault("uuid", "uuid", message, Text("请重新填写这一项。", "Enter it anew."))]
        if fresh:
            inspection.open()
            now = clock.now()
            Entry.objects.bulk_create(
                Entry(
                    uuid=one.uuid,
                    inspection=inspection.row,
                    item=one.item,
                    answer=one.answer,
                    note=one.note,
                    bases=list(one.bases),
                    made_at=one.made_at,
                    made_by_id=actor.user_id,
                    made_by_name=actor.name,
                    received_at=now,
                )
                for one in fresh.values()
            )
            record_event(
                InspectionSynchronised,
                actor,
                ("inspection", inspection.pk),
                concerns=concerned(inspection.row),
                after={"entries": [{"uuid": o.uuid, "item": o.item, "answer": o.answer} for o in fresh.values()]},
            )
        standing = find_standing(inspection.row)
    known = tuple(o.uuid for o in sent if o.uuid in there and o.uuid not in refused)
    conflicts = tuple(item for item, heads in standing.items() if is_conflict(heads))
    return Synchronised(tuple(fresh), known, refused, conflicts)

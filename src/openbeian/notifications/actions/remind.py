"""Writes the reminders of everything that is due, and tells administrators where nobody has acted on one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Min

from openbeian.kernel import clock
from openbeian.notifications.audience import People
from openbeian.notifications.decisions import DEFAULT_ESCALATION_DAYS
from openbeian.notifications.models import EscalationPolicy, Notice
from openbeian.notifications.ports import DueItem, DueItems
from openbeian.notifications.telling import Occurrence, tell

_BATCH = 200


def remind(
    sources: Iterable[DueItems], progress: Callable[[int, int], Any] = lambda done, total: None
) -> dict[str, int]:
    """Returns how many due items there were and how many notices were new. Safe to repeat: a stage is told once.

    An item that is still listed so many days after it was told goes to the organisation's administrators, once, or
    once in each of the stages that it says are grave enough.
    """
    today, items, notices = clock.today(), 0, 0
    days = dict(EscalationPolicy.objects.values_list("organisation_id", "after_days"))
    due = (item for source in sources for item in source.list_due_items(today))
    while batch := list(islice(due, _BATCH)):
        with transaction.atomic():
            notices += tell(list(_list_occurrences(batch, days)))
        items += len(batch)
        progress(items, 0)
    return {"items": items, "notices": notices}


def _list_occurrences(batch: list[DueItem], days: dict[int, int]) -> Iterator[Occurrence]:
    people = People()
    first_told = _find_first_told(batch)
    for item in batch:
        chosen, owner_id = people.choose(item.organisation_id, item.permission, item.owner_id)
        yield _write(item, f"{item.key}#{item.stage}", item.kind, chosen, owner_id)
        after = days.get(item.organisation_id, DEFAULT_ESCALATION_DAYS)
        if item.escalates_at and item.stage not in item.escalates_at:
            continue
        stage = item.stage if item.escalates_at else ""
        told_at = first_told.get((item.key, stage, item.organisation_id))
        if after and told_at and clock.now() - told_at >= timedelta(days=after):
            administrators = people.list_holders(item.organisation_id, "organisation.manage")
            yield _write(item, f"{item.key}#{stage}+{after}", "escalation", administrators, owner_id)


def _find_first_told(batch: list[DueItem]) -> dict[tuple[str, str, int], datetime]:
    """When an item was first told, in each stage and (under the empty stage) in any."""
    told = Notice.objects.filter(item__in=[i.key for i in batch]).exclude(kind="escalation")
    first: dict[tuple[str, str, int], datetime] = {}
    rows = told.values_list("item", "occurrence", "channel__organisation_id").annotate(at=Min("created_at"))
    for item, occurrence, organisation_id, at in rows.order_by():
        for stage in ("", occurrence.rpartition("#")[2]):
            key = (item, stage, organisation_id)
            first[key] = min(at, first.get(key, at))
    return first


def _write(item: DueItem, name: str, kind: str, people: frozenset[int], owner_id: int | None) -> Occurrence:
    return Occurrence(
        name=name,
        kind=kind,
        organisation_id=item.organisation_id,
        people=people,
        title=item.title,
        title_en=item.title_en,
        subject=item.subject,
        path=item.path,
        item=item.key,
        due_on=item.due_on,
        detail=item.detail,
        owner_id=owner_id,
    )

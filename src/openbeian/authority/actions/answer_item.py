"""Answers a task or a listed unfiled site: the answer goes into the outbox, and the item is closed with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from openbeian.authority.errors import DocumentNotSendable, ItemNotAnswerable
from openbeian.authority.events import ItemClosed
from openbeian.authority.mapping.answers_to_tasks import answer_unfiled, answer_verification
from openbeian.authority.mapping.records import list_singles
from openbeian.authority.messages.reader import read_download
from openbeian.authority.messages.upload import Upload
from openbeian.authority.messages.writer import list_faults
from openbeian.authority.models import Item
from openbeian.authority.operating import check_may_operate
from openbeian.authority.queries import get_item
from openbeian.authority.reporting import begin_report, complete_report
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor

ANSWERABLE = frozenset({"verification_tasks", "unfiled_sites"})


def answer_item(actor: Actor, item_id: int, values: Mapping[str, Any]) -> Item:
    """`values`: outcome (int), verifier, opinion; wrong for a task, due_on for a listed site.

    Raises: NotPermitted, NotYourConnection, ItemNotAnswerable, DocumentNotSendable.
    """
    check_may_operate(actor)
    with transaction.atomic():
        item = Item.objects.select_for_update(of=("self",)).get(pk=get_item(actor, item_id).pk)
        if item.kind not in ANSWERABLE or not item.is_open or not item.content:
            raise ItemNotAnswerable
        upload = _map(item, values)
        if faults := list_faults(upload):
            raise DocumentNotSendable(faults=faults)
        (single,) = list_singles(upload)
        report = begin_report(actor, item.connection, item.title)
        complete_report(actor, report, single.kind, upload, single.keys)
        item.is_open, item.report, item.closed_at = False, report, clock.now()
        item.save()
        record_event(ItemClosed, actor, ("item", item.pk), after={"kind": item.kind, "report": report.pk})
        return item


def _map(item: Item, values: Mapping[str, Any]) -> Upload:
    news = read_download(item.content.encode("gbk")).document.icp
    assert news is not None
    number, today = item.connection.provider_number, clock.today()
    if item.kind == "verification_tasks":
        return answer_verification(news.verification_tasks[0], values, number, today)
    return answer_unfiled(news.unfiled_sites[0], values, number, today)

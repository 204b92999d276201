"""Notes that a person has dealt with something an administration sent."""

from __future__ import annotations

from django.db import transaction

from openbeian.authority.events import ItemClosed
from openbeian.authority.models import Item
from openbeian.authority.operating import check_may_operate
from openbeian.authority.queries import get_item
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor


def close_item(actor: Actor, item_id: int) -> Item:
    """Nothing is reported by this. Raises: NotPermitted, NotYourConnection."""
    check_may_operate(actor)
    with transaction.atomic():
        item = Item.objects.select_for_update(of=("self",)).get(pk=get_item(actor, item_id).pk)
        if item.is_open:
            item.is_open, item.closed_at = False, clock.now()
            item.save(update_fields=["is_open", "closed_at"])
            record_event(ItemClosed, actor, ("item", item.pk), after={"kind": item.kind})
        return item

"""Marks a person's inbox items as read."""

from __future__ import annotations

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.notifications.queries import list_inbox


def read_inbox(actor: Actor, item_id: int | None = None) -> int:
    """One item, or all; returns how many were unread. Somebody else's item is not found and nothing happens."""
    items = list_inbox(actor).filter(read_at=None)
    if item_id is not None:
        items = items.filter(pk=item_id)
    return items.order_by().update(read_at=clock.now())

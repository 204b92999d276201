"""What every page's frame knows of notifications: unread items, and a warning where nobody is being told anything."""

from __future__ import annotations

from openbeian.kernel.actor import Actor
from openbeian.notifications.queries import Standstill, count_unread, find_standstill


def warn_of_standstill(actor: Actor | None) -> Standstill | None:
    """For those who can do something about it: administrators, and who runs the installation."""
    if actor is None or not (actor.may("organisation.manage") or actor.runs_installation):
        return None
    return find_standstill()


def count_unread_for(actor: Actor | None) -> int:
    return count_unread(actor) if actor is not None else 0

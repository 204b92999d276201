"""Ends one of one's own feed addresses at once."""

from __future__ import annotations

from django.db import transaction

from openbeian.agenda.errors import FeedNotFound
from openbeian.agenda.events import FeedRevoked
from openbeian.agenda.queries import list_feeds_of
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor


def revoke_feed(actor: Actor, feed_id: int) -> None:
    """Raises: FeedNotFound, also when it is somebody else's or was revoked before."""
    with transaction.atomic():
        feed = list_feeds_of(actor).select_for_update(of=("self",)).filter(pk=feed_id).first()
        if feed is None:
            raise FeedNotFound
        feed.revoked_at = clock.now()
        feed.save(update_fields=["revoked_at"])
        # What it told is nobody's history.
        feed.entries.all().delete()
        record_event(FeedRevoked, actor, ("feed", feed.pk), before={"sponsor": feed.sponsor_id})

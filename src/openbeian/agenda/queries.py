"""Reading the agenda: what falls when, from all sources, and whose feeds there are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from openbeian.accounts.letters import hash_secret
from openbeian.agenda.errors import FeedNotFound
from openbeian.agenda.models import FeedAddress
from openbeian.agenda.ports import Dated, DateSource
from openbeian.kernel.actor import Actor


def list_dates(
    sources: Iterable[DateSource], actor: Actor, first: date, last: date, *, sponsor_id: int | None = None
) -> list[Dated]:
    """Everything of every source on the days from `first` to `last`, both included, in order."""
    found = [dated for source in sources for dated in source(actor, first, last, sponsor_id=sponsor_id)]
    return sorted(found, key=lambda dated: (dated.on, dated.key))


def list_feeds_of(actor: Actor) -> QuerySet[FeedAddress]:
    """The actor's own live feeds in the organisation acted for."""
    return FeedAddress.objects.filter(
        membership__user_id=actor.user_id or 0,
        membership__organisation_id=actor.organisation_id or 0,
        revoked_at__isnull=True,
    ).select_related("sponsor")


def get_feed(secret: str) -> FeedAddress:
    """The live feed behind a secret, as long as its person still works in the organisation. Raises: FeedNotFound."""
    feed = (
        FeedAddress.objects.filter(
            secret_hash=hash_secret(secret),
            revoked_at__isnull=True,
            membership__is_active=True,
            membership__user__is_active=True,
        )
        .select_related("membership__user", "membership__organisation", "sponsor")
        .first()
    )
    if feed is None:
        raise FeedNotFound
    return feed

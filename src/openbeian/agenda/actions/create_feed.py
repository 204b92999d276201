"""Makes a private address for one's own dates, or for those of one sponsor; the secret is shown once."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.errors import NotFound
from openbeian.accounts.letters import hash_secret, make_secret
from openbeian.accounts.models import Membership
from openbeian.agenda.errors import TooManyFeeds
from openbeian.agenda.events import FeedCreated
from openbeian.agenda.models import FeedAddress
from openbeian.agenda.queries import list_feeds_of
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Language
from openbeian.registry.queries import get_sponsor

MOST_FEEDS = 20


def create_feed(actor: Actor, *, sponsor_id: int | None = None, language: Language = "zh") -> tuple[FeedAddress, str]:
    """The feed and its secret, which nobody can read again.

    Raises: NotFound when the actor has no membership, RecordNotYours, TooManyFeeds.
    """
    secret = make_secret()
    with transaction.atomic():
        membership = (
            Membership.objects.select_for_update()
            .filter(user_id=actor.user_id or 0, organisation_id=actor.organisation_id or 0, is_active=True)
            .first()
        )
        if membership is None:
            raise NotFound
        if sponsor_id is not None:
            get_sponsor(actor, sponsor_id)
        if list_feeds_of(actor).count() >= MOST_FEEDS:
            raise TooManyFeeds(most=MOST_FEEDS)
        feed = FeedAddress.objects.create(
            secret_hash=hash_secret(secret),
            membership=membership,
            sponsor_id=sponsor_id,
            language=language,
            created_at=clock.now(),
        )
        record_event(FeedCreated, actor, ("feed", feed.pk), after={"sponsor": sponsor_id})
    return feed, secret

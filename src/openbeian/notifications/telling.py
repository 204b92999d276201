"""Writes the notices of a batch of occurrences, with the messages and jobs that carry them, in one transaction."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from openbeian.jobs.actions.enqueue_job import enqueue_job
from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.notifications.decisions import MOST_ATTEMPTS, compute_send_at, make_line
from openbeian.notifications.models import Channel, Delivery, InboxItem, Notice
from openbeian.notifications.ports import NOTHING


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something to tell one organisation: its robots and mailboxes, and of its people those named."""

    name: str
    kind: str
    organisation_id: int
    people: frozenset[int]
    title: str
    subject: tuple[str, str]
    path: str = ""
    item: str = ""
    due_on: date | None = None
    detail: Text = NOTHING
    owner_id: int | None = None
    title_en: str = ""


def tell(occurrences: Sequence[Occurrence]) -> int:
    """How many notices were new. Telling the same occurrences again makes none: each is told once per channel.

    Call it in the transaction that moves what the occurrences were read from.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("notices are written in the transaction of what they tell of")
    ensure_inboxes(occurrences)
    wanted = _match(occurrences)
    known = set(
        Notice.objects.filter(occurrence__in={o.name for _, o in wanted}).values_list("channel_id", "occurrence")
    )
    fresh = [(c, o) for c, o in wanted if (c.pk, o.name) not in known]
    notices = [_write(channel, occurrence) for channel, occurrence in fresh]
    at_once = [notice for notice in notices if notice.channel.kind != "inbox" and not notice.channel.is_digest]
    deliveries = Delivery.objects.bulk_create(_begin_delivery(notice.channel) for notice in at_once)
    for notice, delivery in zip(at_once, deliveries, strict=True):
        notice.delivery = delivery
    Notice.objects.bulk_create(notices)
    InboxItem.objects.bulk_create(
        InboxItem(person=n.channel.person, notice=n) for n in notices if n.channel.kind == "inbox"
    )
    for delivery in deliveries:
        _enqueue(delivery)
    return len(notices)


def ensure_inboxes(occurrences: Iterable[Occurrence]) -> None:
    """Every person who is to be told has an inbox, which takes everything until they choose otherwise."""
    members = {(o.organisation_id, person) for o in occurrences for person in o.people}
    organisations = {organisation for organisation, _ in members}
    have = set(
        Channel.objects.filter(kind="inbox", organisation_id__in=organisations).values_list(
            "organisation_id", "person_id"
        )
    )
    Channel.objects.bulk_create(
        (
            Channel(organisation_id=o, person_id=p, kind="inbox", name="站内信 Inbox", created_at=clock.now())
            for o, p in sorted(members - have)
        ),
        ignore_conflicts=True,
    )


def queue_digest(channel: Channel, notices: Sequence[Notice], digest_of: str) -> Delivery:
    """One message that carries all these notices, on its way. `digest_of` names channel and day: one a day."""
    delivery = _begin_delivery(channel)
    delivery.digest_of = digest_of
    delivery.save()
    Notice.objects.filter(pk__in=[n.pk for n in notices], delivery=None).update(delivery=delivery)
    _enqueue(delivery)
    return delivery


def _begin_delivery(channel: Channel) -> Delivery:
    return Delivery(channel=channel, key=secrets.token_hex(16), created_at=clock.now())


def _enqueue(delivery: Delivery) -> None:
    """The job that delivers the message once the channel's quiet hours are over."""
    channel = delivery.channel
    enqueue_job(
        "notifications.deliver",
        str(delivery.pk),
        {"delivery": delivery.pk},
        run_at=compute_send_at(delivery.created_at, channel.quiet_from, channel.quiet_until),
        organisation_id=channel.organisation_id,
        max_attempts=MOST_ATTEMPTS,
    )


def _match(occurrences: Sequence[Occurrence]) -> list[tuple[Channel, Occurrence]]:
    channels = Channel.objects.filter(
        organisation_id__in={o.organisation_id for o in occurrences}, is_active=True
    ).prefetch_related("subscriptions")
    of_organisation: dict[int, list[tuple[Channel, frozenset[str] | None]]] = defaultdict(list)
    for channel in channels.select_related("person").order_by("pk"):
        takes = None if channel.takes_all else frozenset(s.kind for s in channel.subscriptions.all())
        of_organisation[channel.organisation_id].append((channel, takes))
    return [
        (channel, o)
        for o in occurrences
        for channel, takes in of_organisation[o.organisation_id]
        if (channel.person_id is None or channel.person_id in o.people) and (takes is None or o.kind in takes)
    ]


def _write(channel: Channel, o: Occurrence) -> Notice:
    return Notice(
        channel=channel,
        occurrence=o.name,
        item=o.item,
        kind=o.kind,
        title=make_line(o.title, 200),
        title_en=make_line(o.title_en, 200),
        detail_zh=make_line(o.detail.zh, 300),
        detail_en=make_line(o.detail.en, 300),
        due_on=o.due_on,
        path=o.path,
        subject_kind=o.subject[0],
        subject_id=o.subject[1],
        owner_id=o.owner_id,
        created_at=clock.now(),
    )

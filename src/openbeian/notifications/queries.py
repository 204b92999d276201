"""Reading notifications: whose channels, what went to whom with which proof, a person's inbox, whether all runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db.models import Q, QuerySet

from openbeian.jobs.queries import get_worker_fact
from openbeian.journal.models import Cursor, Entry
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.notifications.decisions import DEFAULT_ESCALATION_DAYS
from openbeian.notifications.errors import ChannelNotFound
from openbeian.notifications.models import Channel, Delivery, EscalationPolicy, InboxItem, Notice
from openbeian.privacy.masking import mask_email

_LATE_AFTER = timedelta(minutes=10)


def list_channels_visible_to(actor: Actor) -> QuerySet[Channel]:
    """A person's own, and for administrators those of the organisation; never another person's own."""
    channels = Channel.objects.filter(organisation_id=actor.organisation_id or 0).select_related("person")
    own = Q(person_id=actor.user_id or 0)
    mine = own | Q(person=None) if actor.may("organisation.manage") else own
    return channels.filter(mine).order_by("-is_active", "person_id", "pk")


def get_channel(actor: Actor, channel_id: int, *, lock: bool = False) -> Channel:
    """Raises: ChannelNotFound, also for somebody else's."""
    channels = list_channels_visible_to(actor)
    if lock:
        channels = channels.select_for_update(of=("self",))
    channel = channels.filter(pk=channel_id).first()
    if channel is None:
        raise ChannelNotFound
    return channel


def get_any_channel(channel_id: int) -> Channel:
    """For the operator's command line. Raises: ChannelNotFound."""
    channel = Channel.objects.exclude(kind="inbox").filter(pk=channel_id).first()
    if channel is None:
        raise ChannelNotFound
    return channel


def mask_address(channel: Channel) -> str:
    """Enough of an address to recognise it: the mailbox masked, of a robot the host, whose token is the secret."""
    if channel.kind == "email":
        return mask_email(channel.address)
    return urlsplit(channel.address).hostname or "" if channel.address else ""


def list_whole_log() -> QuerySet[Notice]:
    """Everything that was told, newest first; for the operator's command line."""
    return Notice.objects.select_related("channel__person", "delivery", "inbox_item").order_by("-pk")


def list_log_visible_to(actor: Actor) -> QuerySet[Notice]:
    """What was told, newest first: administrators see all of their organisation, others their own."""
    notices = list_whole_log().filter(channel__organisation_id=actor.organisation_id or 0)
    return notices if actor.may("organisation.manage") else notices.filter(channel__person_id=actor.user_id or 0)


def narrow_log(notices: QuerySet[Notice], *, kind: str = "", channel: str = "", state: str = "") -> QuerySet[Notice]:
    """Of these, the ones asked for; what means nothing is left out."""
    if kind:
        notices = notices.filter(kind=kind[:60])
    if channel.isascii() and channel.isdigit() and len(channel) < 10:
        notices = notices.filter(channel_id=int(channel))
    if state == "waiting":
        return notices.filter(inbox_item=None).filter(Q(delivery=None) | Q(delivery__state__in=["waiting", "sending"]))
    if state == "delivered":
        return notices.filter(Q(inbox_item__isnull=False) | Q(delivery__state="delivered"))
    return notices.filter(delivery__state="failed") if state == "failed" else notices


@dataclass(frozen=True, slots=True)
class Proof:
    """How far a notice came: waiting, delivered or failed; when; and what shows it."""

    state: str
    at: datetime | None
    attempts: int
    evidence: str


def describe_proof(notice: Notice) -> Proof:
    """An inbox item is delivered by being there, and read when it was read."""
    item: InboxItem | None = getattr(notice, "inbox_item", None)
    if item is not None:
        seen = f"read {item.read_at.astimezone(clock.CHINA):%Y-%m-%d %H:%M}" if item.read_at else ""
        return Proof("delivered", notice.created_at, 1, seen)
    delivery = notice.delivery
    if delivery is None:
        return Proof("waiting", None, 0, "")
    state = "waiting" if delivery.state == Delivery.State.SENDING else delivery.state
    repeat = " (repeat)" if delivery.is_repeat else ""
    evidence = f"{delivery.key[:8].upper()}{repeat} {delivery.answer}".strip()
    return Proof(state, delivery.delivered_at or delivery.tried_at, delivery.attempts, evidence)


def list_inbox(actor: Actor) -> QuerySet[InboxItem]:
    """A person's own items in the organisation they act for, newest first."""
    items = InboxItem.objects.filter(
        person_id=actor.user_id or 0, notice__channel__organisation_id=actor.organisation_id or 0
    )
    return items.select_related("notice").order_by("-pk")


def count_unread(actor: Actor) -> int:
    return list_inbox(actor).filter(read_at=None).count()


def get_escalation_days(actor: Actor) -> int:
    policy = EscalationPolicy.objects.filter(organisation_id=actor.organisation_id or 0).first()
    return policy.after_days if policy else DEFAULT_ESCALATION_DAYS


@dataclass(frozen=True, slots=True)
class Standstill:
    """That nobody is being told anything: since when (None: never yet), and whether it is the worker that is silent."""

    since: datetime | None
    is_worker_silent: bool


def find_standstill() -> Standstill | None:
    """None while a worker runs and the journal is being read along; else what pages must warn of."""
    worker = get_worker_fact()
    if not worker.is_running:
        return Standstill(worker.seen_at, is_worker_silent=True)
    cursor = Cursor.objects.filter(reader="notifications").first()
    unread = Entry.objects.filter(sequence__gt=cursor.sequence if cursor else 0).order_by("sequence").first()
    if unread is not None and clock.now() - unread.at > _LATE_AFTER:
        return Standstill(unread.at, is_worker_silent=False)
    return None

"""Adds a channel or changes one, with every fault named at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import transaction

from openbeian.accounts.values import check_email, check_name
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.kernel.errors import Fault, OpenBeianError
from openbeian.kernel.text import Text
from openbeian.notifications.decisions import CHANNEL_KINDS
from openbeian.notifications.errors import ChannelFaulty, ChannelNotFound
from openbeian.notifications.events import ChannelAdded, ChannelChanged
from openbeian.notifications.kinds import KINDS
from openbeian.notifications.models import Channel, Subscription
from openbeian.notifications.queries import get_channel

_SHORTEST_SECRET = 16
_LONGEST_SECRET = 200
_MENTION = re.compile(r"[A-Za-z0-9_+-]{1,64}")
_MOST_MENTIONS = 20


@dataclass(frozen=True, slots=True)
class ChannelValues:
    """What a person fills in. An empty address or secret keeps what a saved channel has. Hours are China time."""

    kind: str
    name: str
    address: str = ""
    secret: str = ""
    mention: str = ""
    language: str = "zh"
    is_digest: bool = False
    digest_hour: int = 9
    quiet_from: int | None = None
    quiet_until: int | None = None
    takes_all: bool = True
    kinds: Iterable[str] = field(default_factory=tuple)
    is_active: bool = True
    is_own: bool = False


def save_channel(
    actor: Actor, values: ChannelValues, check_address: Callable[[str], None], *, channel_id: int | None = None
) -> Channel:
    """`check_address` refuses what the installation will not contact. Kind and owner of a saved channel stay.

    Raises: NotPermitted for an organisation's channel, ChannelNotFound, ChannelFaulty with every fault.
    """
    with transaction.atomic():
        channel = get_channel(actor, channel_id, lock=True) if channel_id else _begin(actor, values)
        before = _describe(channel) if channel.pk else None
        _fill_in(channel, values)
        faults = list(_list_faults(channel, values, check_address))
        if faults:
            raise ChannelFaulty(faults=faults)
        channel.save()
        channel.subscriptions.all().delete()
        if not channel.takes_all:
            Subscription.objects.bulk_create(Subscription(channel=channel, kind=k) for k in sorted(set(values.kinds)))
        record_event(
            ChannelChanged if channel_id else ChannelAdded,
            actor,
            ("channel", channel.pk),
            before=before,
            after=_describe(channel),
        )
    return channel


def _begin(actor: Actor, values: ChannelValues) -> Channel:
    if actor.organisation_id is None:
        raise ChannelNotFound
    if not values.is_own:
        check_permitted(actor, "organisation.manage")
    return Channel(
        organisation_id=actor.organisation_id,
        person_id=actor.user_id if values.is_own else None,
        kind=values.kind,
        created_at=clock.now(),
    )


def _fill_in(channel: Channel, values: ChannelValues) -> None:
    channel.name, channel.mention = values.name, " ".join(values.mention.split())
    channel.address = values.address.strip() or channel.address
    channel.secret = values.secret.strip() or channel.secret
    channel.language = "en" if values.language == "en" else "zh"
    channel.is_digest, channel.digest_hour = values.is_digest and channel.kind != "inbox", values.digest_hour
    channel.quiet_from, channel.quiet_until = values.quiet_from, values.quiet_until
    channel.takes_all, channel.is_active = values.takes_all, values.is_active


def _list_faults(channel: Channel, values: ChannelValues, check_address: Callable[[str], None]) -> Iterable[Fault]:
    yield from _try(lambda: check_name(channel.name, "name"), "name")
    if channel.kind not in CHANNEL_KINDS or (channel.kind == "inbox" and channel.pk is None):
        yield _fault("kind", "请选择渠道类型。", "Choose a kind of channel.", "channel.kind")
    elif channel.kind == "email":
        yield from _try(lambda: check_email(channel.address), "address")
    elif channel.kind != "inbox":
        yield from _try(lambda: check_address(channel.address), "address")
    if len(channel.secret) > _LONGEST_SECRET or (channel.kind == "webhook" and len(channel.secret) < _SHORTEST_SECRET):
        yield _fault("secret", "密钥须为 16–200 个字符。", "A secret has 16 to 200 characters.", "channel.secret")
    mentions = channel.mention.split()
    if len(mentions) > _MOST_MENTIONS or not all(_MENTION.fullmatch(m) for m in mentions):
        yield _fault(
            "mention",
            "请填手机号，以空格分隔，或填 all。",
            "Write mobiles with spaces between, or all.",
            "channel.mention",
        )
    for name in ("digest_hour", "quiet_from", "quiet_until"):
        hour = getattr(channel, name)
        if hour is not None and not 0 <= hour <= 23:
            yield _fault(name, "请填 0–23 点。", "Give an hour from 0 to 23.", "channel.hour")
    if (channel.quiet_from is None) != (channel.quiet_until is None):
        yield _fault("quiet_until", "免打扰须同时填起止。", "Give both ends of the quiet hours.", "channel.quiet")
    kinds = set(values.kinds)
    if not channel.takes_all and (not kinds or kinds - set(KINDS)):
        yield _fault("kinds", "请至少选择一类通知。", "Choose at least one kind of notice.", "channel.kinds")


def _try(check: Callable[[], object], name: str) -> Iterable[Fault]:
    try:
        check()
    except OpenBeianError as refusal:
        problem = refusal.faults[0] if refusal.faults else None
        message = problem.message if problem else refusal.text
        yield Fault(name, message, problem.fix if problem else Text("请修改。", "Change it."), refusal.code)


def _fault(name: str, zh: str, en: str, rule: str) -> Fault:
    return Fault(name, Text("填写有误。", "It is not right."), Text(zh, en), rule)


def _describe(channel: Channel) -> dict[str, object]:
    """For the journal: nothing of address, secret or mobiles."""
    names = (
        "kind",
        "name",
        "language",
        "is_digest",
        "digest_hour",
        "quiet_from",
        "quiet_until",
        "takes_all",
        "is_active",
    )
    return {name: getattr(channel, name) for name in names}

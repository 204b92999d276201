"""Puts what a channel has collected since its last digest into one message, once a day from its hour on."""

from __future__ import annotations

from django.db import transaction

from openbeian.kernel import clock
from openbeian.notifications.decisions import is_digest_due
from openbeian.notifications.models import Channel, Delivery, Notice
from openbeian.notifications.telling import queue_digest


def gather_digests() -> int:
    """How many digests were queued. Safe to repeat: a channel has one a day, and each notice goes into one."""
    waiting = Notice.objects.filter(delivery=None, channel__is_active=True).exclude(channel__kind="inbox")
    return sum(_gather(channel_id) for channel_id in waiting.values_list("channel_id", flat=True).distinct().order_by())


def _gather(channel_id: int) -> bool:
    with transaction.atomic():
        channel = Channel.objects.select_for_update().get(pk=channel_id)
        mark = f"{channel_id}:{clock.today().isoformat()}"
        # A channel that was switched from digest to immediate still owes what it had collected.
        if channel.is_digest and not is_digest_due(clock.now(), channel.digest_hour):
            return False
        if Delivery.objects.filter(digest_of=mark).exists():
            return False
        notices = list(Notice.objects.filter(channel=channel, delivery=None).order_by("pk"))
        if not notices:
            return False
        queue_digest(channel, notices, mark)
        return True

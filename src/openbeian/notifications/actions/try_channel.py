"""Sends a test message through a channel now and tells what the other side answered."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from openbeian.kernel import clock
from openbeian.kernel.errors import OpenBeianError
from openbeian.notifications.actions.deliver_notice import deliver_notice
from openbeian.notifications.errors import MessageUndelivered
from openbeian.notifications.models import Channel, Delivery
from openbeian.notifications.ports import ChooseSender


@dataclass(frozen=True, slots=True)
class TrialResult:
    """`answer` is what the other side said, or why nothing could be sent."""

    is_delivered: bool
    answer: str


def try_channel(channel: Channel, choose_sender: ChooseSender, portal_url: str) -> TrialResult:
    """Waits for the answer, up to some seconds. The caller has checked that the channel is the reader's."""
    delivery = Delivery.objects.create(channel=channel, key=secrets.token_hex(16), is_test=True, created_at=clock.now())
    try:
        deliver_notice(delivery.pk, choose_sender, portal_url)
    except (OpenBeianError, MessageUndelivered):
        # Tested by hand: a person decides whether to try again, not the worker.
        Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.FAILED)
    delivery.refresh_from_db()
    return TrialResult(delivery.state == Delivery.State.DELIVERED, delivery.answer)

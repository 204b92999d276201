"""Delivers one message: claim it, hand it over outside of any transaction, note the proof."""

from __future__ import annotations

from django.db import transaction

from openbeian.kernel import clock
from openbeian.notifications.decisions import MOST_ATTEMPTS
from openbeian.notifications.errors import AddressForbidden, MailNotConfigured, MessageRefused, MessageUndelivered
from openbeian.notifications.models import Delivery
from openbeian.notifications.ports import ChooseSender, Way
from openbeian.notifications.rendering import render_message

State = Delivery.State


def deliver_notice(delivery_id: int, choose_sender: ChooseSender, portal_url: str) -> bool:
    """True when this call delivered it; what is settled is left alone, so it is safe to repeat.

    The job's lease keeps a second worker away. If the worker dies between the other side's yes and our note of it,
    the message goes out once more under the same key and says that it may be a repeat: for a reminder of a legal
    day, twice is better than never.

    Raises: MessageUndelivered to be tried again; MessageRefused, AddressForbidden, MailNotConfigured for good.
    """
    delivery = _claim(delivery_id)
    if delivery is None:
        return False
    channel = delivery.channel
    try:
        sender = choose_sender(Way(channel.kind, channel.address, channel.secret))
        answer = sender.deliver_message(render_message(delivery, portal_url))
    except (MessageRefused, AddressForbidden, MailNotConfigured) as refusal:
        _settle(delivery_id, State.FAILED, getattr(refusal, "answer", refusal.text.zh))
        raise
    except MessageUndelivered as trouble:
        is_last = delivery.attempts >= MOST_ATTEMPTS
        _settle(delivery_id, State.FAILED if is_last else State.WAITING, trouble.answer)
        raise
    _settle(delivery_id, State.DELIVERED, answer)
    return True


def _claim(delivery_id: int) -> Delivery | None:
    """Notes the attempt before anything leaves; an attempt found without an end makes this one a repeat."""
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update(of=("self",)).select_related("channel").get(pk=delivery_id)
        if delivery.state in {State.DELIVERED, State.FAILED}:
            return None
        if not delivery.channel.is_active and not delivery.is_test:
            delivery.state, delivery.answer = State.FAILED, "渠道已停用 The channel is switched off"
            delivery.save(update_fields=["state", "answer"])
            return None
        delivery.is_repeat = delivery.is_repeat or delivery.state == State.SENDING
        delivery.state, delivery.attempts, delivery.tried_at = State.SENDING, delivery.attempts + 1, clock.now()
        delivery.save(update_fields=["is_repeat", "state", "attempts", "tried_at"])
        return delivery


def _settle(delivery_id: int, state: Delivery.State, answer: str) -> None:
    """One statement, so that as little as possible lies between the other side's yes and our note of it."""
    delivered_at = clock.now() if state == State.DELIVERED else None
    Delivery.objects.filter(pk=delivery_id, state=State.SENDING).update(
        state=state, answer=answer[:500], delivered_at=delivered_at
    )

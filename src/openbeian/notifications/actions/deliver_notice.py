"""Delivers one message: claim it, hand it over outside of any transaction, note the proof."""

from __future__ import annotations

from django.db import transaction

from openbeian.kernel import clock
from openbeian.notifications.decisions import MOST_ATTEMPTS
from openbeian.notifications.errors import AddressForbidden, MailNotConfigured, MessageRefused, MessageUndelivered
from openbeian.notifications.models import Delivery
from openbeian.notifications.ports import ChooseSender, Sender, Way
from openbeian.notifications.postman.posting import Fate
from openbeian.notifications.rendering import render_message

State = Delivery.State
_SETTLED = frozenset({State.DELIVERED, State.FAILED})


def deliver_notice(delivery_id: int, choose_sender: ChooseSender, portal_url: str) -> bool:
    """True when it is now delivered; what is settled is left alone, so it is safe to repeat.

    The job's lease keeps a second worker away. An attempt that a dead worker left open is first asked after: a
    letter's postman knows what became of it. Where nobody can know, the message goes out once more under the same
    key and says that it may be a repeat: for a reminder of a legal day, twice is better than never.

    Raises: MessageUndelivered to be tried again; MessageRefused, AddressForbidden, MailNotConfigured for good.
    """
    delivery = Delivery.objects.select_related("channel").get(pk=delivery_id)
    if delivery.state in _SETTLED:
        return False
    channel = delivery.channel
    sender = choose_sender(Way(channel.kind, channel.address, channel.secret))
    try:
        answer = _recall(delivery, sender)
        if answer is None:
            if not _claim(delivery, sender.find_postman()):
                return False
            answer = sender.deliver_message(render_message(delivery, portal_url))
    except (MessageRefused, AddressForbidden, MailNotConfigured) as refusal:
        _settle(delivery, State.FAILED, getattr(refusal, "answer", refusal.text.zh))
        raise
    except MessageUndelivered as trouble:
        is_last = delivery.attempts >= MOST_ATTEMPTS
        delivery.is_repeat = delivery.is_repeat or trouble.may_have_arrived
        _settle(delivery, State.FAILED if is_last else State.WAITING, trouble.answer)
        raise
    _settle(delivery, State.DELIVERED, answer)
    return True


def _recall(delivery: Delivery, sender: Sender) -> str | None:
    """The other side's answer to an attempt found without an end; None where the message must (perhaps: still) leave.

    Raises: what the attempt would have raised.
    """
    if delivery.state != State.SENDING:
        return None
    outcome = sender.recall_attempt(delivery.postman, delivery.key, delivery.attempts)
    if outcome.fate is Fate.DELIVERED:
        return outcome.answer
    if outcome.fate is Fate.REFUSED:
        raise MessageRefused(outcome.answer)
    if outcome.fate is Fate.UNDELIVERED:
        raise MessageUndelivered(outcome.answer)
    delivery.is_repeat = delivery.is_repeat or outcome.fate is Fate.UNKNOWN
    return None


def _claim(delivery: Delivery, postman: str) -> bool:
    """Notes the attempt before anything leaves, and who carries it; False when there is nothing to send."""
    with transaction.atomic():
        now = Delivery.objects.select_for_update(of=("self",)).select_related("channel").get(pk=delivery.pk)
        if (now.state, now.attempts) != (delivery.state, delivery.attempts):
            return False
        if not now.channel.is_active and not now.is_test:
            now.state, now.answer = State.FAILED, "渠道已停用 The channel is switched off"
            now.save(update_fields=["state", "answer"])
            return False
        delivery.state, delivery.attempts, delivery.tried_at = State.SENDING, delivery.attempts + 1, clock.now()
        delivery.postman = postman
        delivery.save(update_fields=["is_repeat", "state", "attempts", "tried_at", "postman"])
    return True


def _settle(delivery: Delivery, state: Delivery.State, answer: str) -> None:
    """One statement, so that as little as possible lies between the other side's yes and our note of it."""
    delivered_at = clock.now() if state == State.DELIVERED else None
    Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, attempts=delivery.attempts).update(
        state=state, answer=answer[:500], delivered_at=delivered_at, is_repeat=delivery.is_repeat
    )

"""Delivers one queued text message through the port, the network call outside of any transaction."""

from __future__ import annotations

from django.db import transaction

from openbeian.cases.models import SentMessage
from openbeian.cases.ports import SmsSender
from openbeian.kernel import clock


def deliver_message(message_id: int, sender: SmsSender) -> bool:
    """True when this call delivered it. Safe to repeat: what was delivered is not sent again.

    The job's lease keeps a second worker away. If the worker dies between the gateway's yes and our note of it,
    the message goes out once more under the same key, by which the gateway recognises it.

    Raises: SentMessage.DoesNotExist, SmsUnavailable, SmsRefused.
    """
    message = SentMessage.objects.get(pk=message_id)
    if message.delivered_at is not None:
        return False
    sender.deliver_message(message.mobile, message.body, message.key)
    with transaction.atomic():
        return bool(
            SentMessage.objects.filter(pk=message_id, delivered_at__isnull=True).update(delivered_at=clock.now())
        )

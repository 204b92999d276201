"""Sets after how many days without anybody acting an organisation's administrators hear of it."""

from __future__ import annotations

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.notifications.errors import ChannelFaulty, ChannelNotFound
from openbeian.notifications.events import EscalationChanged
from openbeian.notifications.models import EscalationPolicy
from openbeian.notifications.queries import get_escalation_days

MOST_DAYS = 90


def change_escalation(actor: Actor, after_days: int) -> None:
    """0 is never. Raises: NotPermitted, ChannelNotFound without an organisation, ChannelFaulty."""
    check_permitted(actor, "organisation.manage")
    if actor.organisation_id is None:
        raise ChannelNotFound
    if not 0 <= after_days <= MOST_DAYS:
        wrong, fix = Text("天数有误。", "No such number of days."), Text("请填 0–90。", "Give 0 to 90.")
        raise ChannelFaulty(faults=[Fault("after_days", wrong, fix, "escalation.days")])
    with transaction.atomic():
        before = get_escalation_days(actor)
        EscalationPolicy.objects.update_or_create(
            organisation_id=actor.organisation_id, defaults={"after_days": after_days}
        )
        record_event(
            EscalationChanged,
            actor,
            ("organisation", actor.organisation_id),
            before={"after_days": before},
            after={"after_days": after_days},
        )

"""Takes a complaint into the register, with the day by which it is to be answered."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.rules.deadlines import compute_deadline
from openbeian.supervision.reporting.complaint_values import read_complaint
from openbeian.supervision.reporting.events import ComplaintReceived
from openbeian.supervision.reporting.models import Complaint
from openbeian.supervision.reporting.queries import ANSWER_RULE

_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"


def receive_complaint(actor: Actor, raw: Mapping[str, Any]) -> Complaint:
    """`raw`: received_on, channel, subject, content, complainant, licence_number, business.

    Raises: NotPermitted, ComplaintUnfit, NoRuleInForce.
    """
    check_permitted(actor, "case.write")
    if actor.organisation_id is None:
        raise NotPermitted(permission="case.write")
    values = read_complaint(raw, actor.organisation_id, clock.today())
    due = compute_deadline(ANSWER_RULE, values.received_on)
    with transaction.atomic():
        number = f"TS{clock.today():%Y%m%d}-" + "".join(secrets.choice(_ALPHABET) for _ in range(6))
        complaint = Complaint.objects.create(
            organisation_id=actor.organisation_id,
            licence_id=values.licence_id,
            number=number,
            received_on=values.received_on,
            channel=values.channel,
            business=values.business,
            subject=values.subject,
            content=values.content,
            complainant=values.complainant,
            answer_due_on=due.due_on,
            due_is_provisional=due.provisional,
            recorded_at=clock.now(),
        )
        record_event(
            ComplaintReceived,
            actor,
            ("complaint", complaint.pk),
            concerns=(complaint.organisation_id,),
            # Who complains and of what stays sealed in the register.
            after={"number": number, "received_on": values.received_on.isoformat(), "channel": values.channel},
        )
    return complaint

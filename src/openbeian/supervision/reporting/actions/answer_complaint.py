"""Writes down what a complaint was answered, and when."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.supervision.reporting.complaint_values import check_answer
from openbeian.supervision.reporting.events import ComplaintAnswered
from openbeian.supervision.reporting.models import Complaint
from openbeian.supervision.reporting.queries import get_complaint


def answer_complaint(
    actor: Actor, complaint_id: int, answer: str, *, answered_on: date | None = None, is_settled: bool = False
) -> Complaint:
    """The first answer's day counts; a later one adds its words and whether the complainant is content.

    Raises: NotPermitted, ComplaintNotYours, ComplaintUnfit.
    """
    check_permitted(actor, "case.write")
    with transaction.atomic():
        complaint = get_complaint(actor, complaint_id, lock=True)
        on = answered_on or clock.today()
        text = check_answer(answer, on, complaint.received_on, clock.today())
        complaint.answered_on = complaint.answered_on or on
        complaint.answer = f"{complaint.answer}\n{text}".strip()[:8000]
        complaint.is_settled = is_settled
        complaint.save()
        record_event(
            ComplaintAnswered,
            actor,
            ("complaint", complaint.pk),
            concerns=(complaint.organisation_id,),
            after={"number": complaint.number, "answered_on": on.isoformat(), "is_settled": is_settled},
        )
    return complaint

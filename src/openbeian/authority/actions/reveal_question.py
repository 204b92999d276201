"""Shows the personal data of an uploaded record in the clear; the journal says who asked."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from openbeian.authority.events import QuestionRevealed
from openbeian.authority.queries import get_question
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor, check_permitted


def reveal_question(actor: Actor, question_id: int) -> list[dict[str, Any]]:
    """The record's sections with nothing masked. Raises: NotPermitted, NotYourConnection."""
    check_permitted(actor, "personal.reveal")
    with transaction.atomic():
        question = get_question(actor, question_id)
        record_event(QuestionRevealed, actor, ("question", question.pk))
        sections: list[dict[str, Any]] = question.content
        return sections

"""An officer decides about a record that came over the interface; the bureau sends the decision back."""

from __future__ import annotations

from django.db import transaction

from openbeian.authority.errors import OpinionMissing, QuestionSettled
from openbeian.authority.events import QuestionDecided
from openbeian.authority.models import Question
from openbeian.authority.queries import get_question
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, check_permitted

_LONGEST_OPINION = 500


def decide_question(actor: Actor, question_id: int, *, approved: bool, opinion: str = "") -> Question:
    """Once, for ever. A refusal's opinion is what the reporting unit reads.

    Raises: NotPermitted, NotYourConnection, QuestionSettled, OpinionMissing.
    """
    check_permitted(actor, "case.decide")
    words = " ".join(opinion.split())[:_LONGEST_OPINION]
    with transaction.atomic():
        question = Question.objects.select_for_update().get(pk=get_question(actor, question_id).pk)
        if question.state != Question.State.WAITING:
            raise QuestionSettled
        if not approved and not words:
            raise OpinionMissing
        question.state = Question.State.APPROVED if approved else Question.State.REFUSED
        question.opinion, question.decided_at = words, clock.now()
        question.reviewer_id, question.reviewer_name = actor.user_id, actor.name
        question.save(update_fields=["state", "opinion", "decided_at", "reviewer", "reviewer_name"])
        record_event(QuestionDecided, actor, ("question", question.pk), after={"state": question.state})
        return question

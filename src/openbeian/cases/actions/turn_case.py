"""Verbs that only move a case: take, release, approve, return, refuse, withdraw, abandon, lapse, accept, inspect."""

from __future__ import annotations

from django.db import transaction

from openbeian.cases.actions.forward_case import forward_case
from openbeian.cases.errors import TurnNotPossible
from openbeian.cases.models import Case
from openbeian.cases.queries import get_procedure
from openbeian.cases.turning import Reasons, begin, finish
from openbeian.documents.models import Document
from openbeian.kernel.actor import Actor

# Verbs with consequences beyond the state have an action of their own.
PLAIN_VERBS = frozenset(
    {
        "take", "release", "approve", "return", "refuse", "withdraw", "abandon", "lapse",
        "accept", "refuse_acceptance", "inspect", "hold_hearing", "resume",
    }
)  # fmt: skip


def turn_case(
    actor: Actor,
    case_id: int,
    verb: str,
    *,
    revision: int | None = None,
    reasons: Reasons = (),
    note: str = "",
    evidence: Document | None = None,
) -> Case:
    """Does the verb if the flow, the actor's side and the revision allow it; one step, one entry.

    An approval that is the last one needed forwards the case in the same transaction, where the provider
    forwards inside this installation.

    Raises: CaseNotYours, CaseMovedOn, TurnNotPossible, SecondPersonNeeded, ReasonsMissing, EvidenceMissing.
    """
    with transaction.atomic():
        turning = begin(actor, case_id, verb, revision)
        if verb not in PLAIN_VERBS:
            state = get_procedure(turning.case.procedure).state(turning.case.state)
            raise TurnNotPossible(state=state.label, verb=turning.procedure.flow.verbs[verb])
        if verb == "take":
            turning.case.first_reviewer_id = actor.user_id
        elif verb == "release":
            turning.case.first_reviewer_id = None
        finish(turning, reasons=reasons, note=note, evidence=evidence)
        if turning.case.state == "awaiting_forwarding" and turning.case.channel == "inside":
            return forward_case(actor, turning.case.pk)
        return turning.case

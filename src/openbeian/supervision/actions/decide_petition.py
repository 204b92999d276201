"""Decides the extension or appeal that waits at a finding."""

from __future__ import annotations

from django.db import transaction

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.supervision.decisions import STATES, ClosedHow, State, Verb, after_grant
from openbeian.supervision.errors import DeciderAsked, TurnNotOpen
from openbeian.supervision.events import AppealGranted, AppealRefused, ExtensionGranted, ExtensionRefused
from openbeian.supervision.finding_turns import close, record_turn
from openbeian.supervision.holding import lock_to_decide, turn
from openbeian.supervision.models import Finding, Petition
from openbeian.supervision.words import read_reason

_EVENTS = {
    ("extension", True): ExtensionGranted,
    ("extension", False): ExtensionRefused,
    ("appeal", True): AppealGranted,
    ("appeal", False): AppealRefused,
}


def decide_petition(actor: Actor, finding_id: int, answer: str, *, grants: bool) -> Finding:
    """A granted extension moves the due day, a granted appeal closes the finding; refused, it goes back to work, or is
    closed where the fault was gone meanwhile. `answer` is the reason.

    Raises: NotPermitted, FindingNotYours, TurnNotOpen, DeciderAsked, ReasonMissing.
    """
    answer = read_reason(answer)
    with transaction.atomic():
        finding = lock_to_decide(actor, finding_id)
        before = finding.state
        back = turn(finding, Verb.GRANT if grants else Verb.REFUSE)
        petition = Petition.objects.filter(finding=finding, decided_at__isnull=True).first()
        if petition is None:
            raise TurnNotOpen(state=STATES[finding.state])
        if petition.asked_by_id == actor.user_id:
            raise DeciderAsked
        _answer(petition, actor, answer, grants=grants)
        finding.state = after_grant(petition.kind) if grants else back
        if grants and petition.until_on:
            finding.due_on, finding.due_is_provisional = petition.until_on, False
        if finding.state == State.CLOSED:
            finding.closed_at, finding.closed_how = clock.now(), ClosedHow.APPEAL_GRANTED
            finding.closed_note = answer
        finding.save()
        record_turn(actor, _EVENTS[petition.kind, grants], finding, before, why=answer)
        if finding.state != State.CLOSED and finding.recovered_at and finding.site.answer == "met":
            close(actor, finding, ClosedHow.RECOVERED, "")
    return finding


def _answer(petition: Petition, actor: Actor, answer: str, *, grants: bool) -> None:
    petition.is_granted, petition.answer = grants, answer
    petition.decided_by_id, petition.decided_by_name = actor.user_id, actor.name
    petition.decided_at = clock.now()
    petition.save()

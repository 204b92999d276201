"""Says that a finding is wrong."""

from __future__ import annotations

from django.db import transaction

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.supervision.decisions import Verb
from openbeian.supervision.events import FindingAppealed
from openbeian.supervision.finding_turns import record_turn
from openbeian.supervision.holding import lock_own, turn
from openbeian.supervision.models import Finding, Petition
from openbeian.supervision.words import read_reason


def appeal_finding(actor: Actor, finding_id: int, why: str) -> Finding:
    """→ 申诉中, until somebody else decides.

    Raises: NotPermitted, FindingNotYours, TurnNotOpen, ReasonMissing.
    """
    why = read_reason(why)
    with transaction.atomic():
        finding = lock_own(actor, finding_id)
        before = finding.state
        finding.state = turn(finding, Verb.APPEAL)
        finding.save()
        Petition.objects.create(
            finding=finding,
            kind="appeal",
            why=why,
            asked_by_id=actor.user_id,
            asked_by_name=actor.name,
            asked_at=clock.now(),
        )
        record_turn(actor, FindingAppealed, finding, before, why=why)
    return finding

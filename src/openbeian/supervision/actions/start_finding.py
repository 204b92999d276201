"""Notes that somebody has begun to put a finding right."""

from __future__ import annotations

from django.db import transaction

from openbeian.kernel.actor import Actor
from openbeian.supervision.decisions import Verb
from openbeian.supervision.events import FindingStarted
from openbeian.supervision.finding_turns import record_turn
from openbeian.supervision.holding import lock_own, turn
from openbeian.supervision.models import Finding


def start_finding(actor: Actor, finding_id: int) -> Finding:
    """待整改 → 整改中; who starts is in charge, unless somebody is.

    Raises: NotPermitted, FindingNotYours, TurnNotOpen.
    """
    with transaction.atomic():
        finding = lock_own(actor, finding_id)
        before = finding.state
        finding.state = turn(finding, Verb.START)
        finding.owner_id = finding.owner_id or actor.user_id
        finding.save()
        record_turn(actor, FindingStarted, finding, before)
    return finding

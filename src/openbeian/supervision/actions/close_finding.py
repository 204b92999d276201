"""Closes a finding by hand, with a reason: it does not apply, or it is settled elsewhere."""

from __future__ import annotations

from django.db import transaction

from openbeian.kernel.actor import Actor
from openbeian.supervision.decisions import ClosedHow, Verb
from openbeian.supervision.finding_turns import close
from openbeian.supervision.holding import lock_to_decide, turn
from openbeian.supervision.models import Finding
from openbeian.supervision.words import read_reason


def close_finding(actor: Actor, finding_id: int, why: str) -> Finding:
    """→ 已关闭, by those who decide. If the fault is still there, the next sweeps confirm it anew.

    Raises: NotPermitted, FindingNotYours, TurnNotOpen, ReasonMissing.
    """
    why = read_reason(why)
    with transaction.atomic():
        finding = lock_to_decide(actor, finding_id)
        turn(finding, Verb.CLOSE)
        close(actor, finding, ClosedHow.BY_HAND, why)
    return finding

"""Asks for more time to put a finding right."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.supervision.decisions import Verb
from openbeian.supervision.errors import DayUnfit
from openbeian.supervision.events import ExtensionAsked
from openbeian.supervision.finding_turns import record_turn
from openbeian.supervision.holding import lock_own, turn
from openbeian.supervision.models import Finding, Petition
from openbeian.supervision.words import read_reason

_FURTHEST = timedelta(days=366)


def ask_extension(actor: Actor, finding_id: int, until_on: date, why: str) -> Finding:
    """→ 已申请延期. The due day stays until somebody else decides.

    Raises: NotPermitted, FindingNotYours, TurnNotOpen, DayUnfit, ReasonMissing.
    """
    why = read_reason(why)
    with transaction.atomic():
        finding = lock_own(actor, finding_id)
        before = finding.state
        finding.state = turn(finding, Verb.ASK_EXTENSION)
        if not max(finding.due_on, clock.today()) < until_on <= finding.due_on + _FURTHEST:
            raise DayUnfit(due=finding.due_on.isoformat())
        finding.save()
        Petition.objects.create(
            finding=finding,
            kind="extension",
            why=why,
            until_on=until_on,
            asked_by_id=actor.user_id,
            asked_by_name=actor.name,
            asked_at=clock.now(),
        )
        record_turn(actor, ExtensionAsked, finding, before, until_on=until_on.isoformat(), why=why)
    return finding

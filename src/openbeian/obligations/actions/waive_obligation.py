"""Sets an obligation aside with a reason: it does not apply, or somebody else meets it."""

from __future__ import annotations

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.obligations.decisions import Stage
from openbeian.obligations.events import ObligationWaived
from openbeian.obligations.models import Obligation
from openbeian.obligations.settling import describe_settled, lock_own, read_reason


def waive_obligation(actor: Actor, obligation_id: int, reason: str) -> Obligation:
    """For this cycle only, by the organisation that owes it. The next cycle is owed again.

    Raises: NotPermitted, ObligationNotYours, ObligationSettled, ReasonMissing.
    """
    reason = read_reason(reason)
    with transaction.atomic():
        row = lock_own(actor, obligation_id)
        before = row.stage
        row.stage, row.settled_at, row.settled_why = Stage.WAIVED, clock.now(), reason
        row.settled_by_id = actor.user_id
        row.save(update_fields=["stage", "settled_at", "settled_why", "settled_by"])
        record_event(
            ObligationWaived,
            actor,
            ("obligation", row.pk),
            concerns=(row.organisation_id,),
            before={"stage": before},
            after=describe_settled(row),
        )
    return row

"""Settling an obligation, done or waived: whose it must be, why, and what the journal keeps."""

from __future__ import annotations

from openbeian.kernel.actor import Actor, check_permitted
from openbeian.obligations.decisions import SETTLED
from openbeian.obligations.errors import ObligationNotYours, ObligationSettled, ReasonMissing
from openbeian.obligations.models import Obligation

LONGEST_REASON = 500
_SHORTEST_REASON = 2


def lock_own(actor: Actor, obligation_id: int) -> Obligation:
    """An open obligation of the actor's own organisation, locked.

    Raises: NotPermitted, ObligationNotYours, ObligationSettled.
    """
    check_permitted(actor, "case.write")
    own = Obligation.objects.select_for_update(of=("self",)).filter(organisation_id=actor.organisation_id or 0)
    row = own.filter(pk=obligation_id).first()
    if row is None:
        raise ObligationNotYours
    if row.stage in SETTLED:
        raise ObligationSettled
    return row


def read_reason(text: str) -> str:
    """Raises: ReasonMissing when it is too short, too long or holds control characters."""
    reason = " ".join(text.split())
    if not _SHORTEST_REASON <= len(reason) <= LONGEST_REASON or not reason.isprintable():
        raise ReasonMissing
    return reason


def describe_settled(row: Obligation) -> dict[str, str]:
    """What the journal keeps of a settled obligation."""
    return {
        "kind": row.kind,
        "cycle": row.cycle,
        "subject": f"{row.subject_kind}:{row.subject_id}",
        "stage": row.stage,
        "why": row.settled_why,
        "due_on": str(row.due_on or ""),
    }

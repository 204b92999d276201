"""Taking a finding in hand: locked, and found to be the actor's to rectify or to decide."""

from __future__ import annotations

from openbeian.kernel.actor import Actor, check_permitted
from openbeian.supervision.decisions import STATES, State, Verb, find_turn
from openbeian.supervision.errors import FindingNotYours, TurnNotOpen
from openbeian.supervision.models import Finding
from openbeian.supervision.queries import get_finding

WRITE, DECIDE = "finding.write", "finding.decide"


def lock_own(actor: Actor, finding_id: int) -> Finding:
    """A finding of the actor's own organisation. Raises: NotPermitted, FindingNotYours."""
    check_permitted(actor, WRITE)
    rows = Finding.objects.select_for_update(of=("self",)).select_related("service", "sponsor", "site")
    found = rows.filter(pk=finding_id, organisation_id=actor.organisation_id or 0).first()
    if found is None:
        raise FindingNotYours
    return found


def lock_to_decide(actor: Actor, finding_id: int) -> Finding:
    """A finding about a service the actor sees. Raises: NotPermitted, FindingNotYours."""
    check_permitted(actor, DECIDE)
    get_finding(actor, finding_id)
    return (
        Finding.objects.select_for_update(of=("self",)).select_related("service", "sponsor", "site").get(pk=finding_id)
    )


def turn(finding: Finding, verb: Verb) -> State:
    """Where the verb leads from here. Raises: TurnNotOpen."""
    target = find_turn(finding.state, verb)
    if target is None:
        raise TurnNotOpen(state=STATES[finding.state])
    return target

"""Says who is in charge of a finding."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.models import Membership
from openbeian.kernel.actor import Actor
from openbeian.supervision.errors import OwnerUnfit
from openbeian.supervision.events import FindingAssigned
from openbeian.supervision.finding_turns import record_turn
from openbeian.supervision.holding import lock_own
from openbeian.supervision.models import Finding


def assign_finding(actor: Actor, finding_id: int, user_id: int | None) -> Finding:
    """An active member of the organisation, or nobody. Raises: NotPermitted, FindingNotYours, OwnerUnfit."""
    with transaction.atomic():
        finding = lock_own(actor, finding_id)
        members = Membership.objects.filter(
            organisation_id=finding.organisation_id, is_active=True, user__is_active=True, user_id=user_id or 0
        )
        if user_id is not None and not members.exists():
            raise OwnerUnfit
        before = finding.owner_id
        finding.owner_id = user_id
        finding.save(update_fields=["owner", "changed_at"])
        record_turn(actor, FindingAssigned, finding, finding.state, owner=user_id, owner_before=before)
    return finding

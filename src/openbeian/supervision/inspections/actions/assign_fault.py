"""Says who is in charge of putting an inspection's finding right."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.models import Membership
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.supervision.errors import OwnerUnfit
from openbeian.supervision.inspections.conducting import concerned
from openbeian.supervision.inspections.events import FaultAssigned
from openbeian.supervision.inspections.models import Fault
from openbeian.supervision.inspections.rectifying import lock_own


def assign_fault(actor: Actor, fault_id: int, user_id: int | None) -> Fault:
    """An active member of the organisation, or nobody. Raises: NotPermitted, InspectionNotYours, OwnerUnfit."""
    with transaction.atomic():
        fault = lock_own(actor, fault_id)
        members = Membership.objects.filter(
            organisation_id=fault.organisation_id, is_active=True, user__is_active=True, user_id=user_id or 0
        )
        if user_id is not None and not members.exists():
            raise OwnerUnfit
        before, fault.owner_id = fault.owner_id, user_id
        fault.save(update_fields=["owner"])
        record_event(
            FaultAssigned,
            actor,
            ("inspection_fault", fault.pk),
            concerns=concerned(fault.inspection),
            before={"owner": before},
            after={"state": fault.state, "item": fault.item, "owner": user_id},
        )
    return fault

"""Takes an announced maintenance window back."""

from __future__ import annotations

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.supervision.errors import MaintenanceNotYours
from openbeian.supervision.events import MaintenanceCancelled
from openbeian.supervision.holding import WRITE
from openbeian.supervision.models import MaintenanceWindow


def cancel_maintenance(actor: Actor, window_id: int) -> MaintenanceWindow:
    """Raises: NotPermitted, MaintenanceNotYours."""
    check_permitted(actor, WRITE)
    with transaction.atomic():
        rows = MaintenanceWindow.objects.select_for_update(of=("self",)).filter(
            pk=window_id, service__sponsor__organisation_id=actor.organisation_id or 0, cancelled_at__isnull=True
        )
        window = rows.first()
        if window is None:
            raise MaintenanceNotYours
        window.cancelled_at = clock.now()
        window.save(update_fields=["cancelled_at"])
        record_event(MaintenanceCancelled, actor, ("service", window.service_id), before={"why": window.why})
    return window

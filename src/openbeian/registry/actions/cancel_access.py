"""Ends a service's access at one provider; the number stays, and without any access the service is a shell."""

from __future__ import annotations

from datetime import date

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.registry.events import AccessCancelled
from openbeian.registry.journal_view import view_access
from openbeian.registry.models import Access, Service
from openbeian.registry.standing import settle_standing


def cancel_access(
    actor: Actor, service_id: int, provider_id: int, on: date, *, concerns: tuple[int | None, ...] = ()
) -> Access:
    """Raises: Access.DoesNotExist when the service has no live access there."""
    service = Service.objects.select_for_update().select_related("sponsor").get(pk=service_id)
    access = service.accesses.get(provider_id=provider_id, cancelled_on__isnull=True)
    before = view_access(access)
    access.cancelled_on = on
    access.save(update_fields=["cancelled_on"])
    readers = (service.sponsor.organisation_id, *concerns)
    record_event(
        AccessCancelled, actor, ("service", service.pk), concerns=readers, before=before, after=view_access(access)
    )
    settle_standing(actor, service, readers)
    return access

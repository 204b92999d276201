"""Ends a service for good: its accesses end, its domains are free, its number is never used again."""

from __future__ import annotations

from datetime import date

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.registry.events import ServiceCancelled
from openbeian.registry.journal_view import view_service
from openbeian.registry.models import Service, Standing
from openbeian.registry.standing import settle_standing


def cancel_service(actor: Actor, service_id: int, on: date, *, concerns: tuple[int | None, ...] = ()) -> Service:
    """The sponsor without live services becomes a shell (空壳主体) until it is cancelled or files another."""
    service = Service.objects.select_for_update(of=("self",)).select_related("sponsor", "person").get(pk=service_id)
    before = view_service(service)
    service.standing, service.cancelled_on = Standing.CANCELLED, on
    service.save(update_fields=["standing", "cancelled_on", "changed_at"])
    service.accesses.filter(cancelled_on__isnull=True).update(cancelled_on=on)
    service.domains.update(is_live=False)
    sponsor = service.sponsor
    record_event(
        ServiceCancelled,
        actor,
        ("service", service.pk),
        concerns=(sponsor.organisation_id, *concerns),
        before=before,
        after=view_service(service),
    )
    settle_standing(actor, sponsor, (sponsor.organisation_id, *concerns))
    return service

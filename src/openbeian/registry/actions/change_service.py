"""Changes what stands on record about a service; its number and kind stay."""

from __future__ import annotations

from datetime import date

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.registry.decisions import ServiceValues
from openbeian.registry.events import ServiceChanged
from openbeian.registry.journal_view import view_service
from openbeian.registry.models import Service
from openbeian.registry.recording import fill_service, save_domains, save_person


def change_service(
    actor: Actor, service_id: int, values: ServiceValues, on: date, *, concerns: tuple[int | None, ...] = ()
) -> Service:
    """Writes the new values and domains in place. Raises: DomainOnRecord."""
    service = Service.objects.select_for_update(of=("self",)).select_related("sponsor", "person").get(pk=service_id)
    before = view_service(service)
    fill_service(service, values)
    save_person(values.person, service.person)
    service.save()
    save_domains(service, values.domains)
    record_event(
        ServiceChanged,
        actor,
        ("service", service.pk),
        concerns=(service.sponsor.organisation_id, *concerns),
        before=before,
        after=view_service(service),
    )
    return service

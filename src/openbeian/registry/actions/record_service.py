"""Puts a service on record under its sponsor's next number."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.kernel.numbers import ServiceNumber, format_service_number, parse_number
from openbeian.registry.decisions import ServiceValues
from openbeian.registry.errors import NumberNotOfService, NumberTaken
from openbeian.registry.events import ServiceRecorded
from openbeian.registry.journal_view import view_service
from openbeian.registry.models import Service, Sponsor
from openbeian.registry.recording import fill_service, save_domains, save_person
from openbeian.registry.standing import settle_standing


def record_service(
    actor: Actor,
    sponsor_id: int,
    values: ServiceValues,
    on: date,
    *,
    number: str = "",
    concerns: tuple[int | None, ...] = (),
) -> Service:
    """Records the service; sites, apps and mini-programs share one sequence, which never goes back.

    Raises: DomainOnRecord, NumberTaken, NumberNotOfService, NumberNotRecognised.
    """
    sponsor = Sponsor.objects.select_for_update().get(pk=sponsor_id)
    if number:
        given = parse_number(number)
        if not isinstance(given, ServiceNumber):
            raise NumberNotOfService(number=number)
        sequence = given.sequence
        if Service.objects.filter(Q(number=number) | Q(sponsor=sponsor, sequence=sequence)).exists():
            raise NumberTaken(number=number)
    else:
        sequence = sponsor.last_service_sequence + 1
        number = format_service_number(sponsor.number, sequence, values.kind)
    sponsor.last_service_sequence = max(sponsor.last_service_sequence, sequence)
    sponsor.save(update_fields=["last_service_sequence", "changed_at"])
    service = Service(
        sponsor=sponsor,
        sequence=sequence,
        number=number,
        kind=values.kind,
        granted_on=on,
        person=save_person(values.person),
    )
    fill_service(service, values)
    service.save()
    save_domains(service, values.domains)
    record_event(
        ServiceRecorded,
        actor,
        ("service", service.pk),
        concerns=(sponsor.organisation_id, *concerns),
        after=view_service(service),
    )
    settle_standing(actor, sponsor, (sponsor.organisation_id, *concerns))
    return service

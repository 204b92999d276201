"""Reads the situation of a sponsor or service for the choice of a procedure."""

from __future__ import annotations

from openbeian.cases.decisions.detection import Situation
from openbeian.cases.queries import find_open_case, get_procedure
from openbeian.kernel.actor import Actor
from openbeian.registry.models import Service, Sponsor, Standing


def read_situation(
    actor: Actor, sponsor: Sponsor | None, service: Service | None, provider_id: int | None
) -> Situation:
    """What is on record for the sponsor and service that the actor named and may see."""
    if sponsor is None:
        return Situation(provider_chosen=provider_id is not None)
    found = find_open_case(sponsor_id=sponsor.pk, certificate_fingerprint=sponsor.certificate_fingerprint)
    accesses = service.accesses.filter(cancelled_on__isnull=True) if service else None
    return Situation(
        sponsor_standing=sponsor.standing,
        live_services=sponsor.services.exclude(standing=Standing.CANCELLED).count(),
        service_standing=service.standing if service else "",
        access_at_provider=bool(accesses and provider_id and accesses.filter(provider_id=provider_id).exists()),
        live_accesses=accesses.count() if accesses is not None else 0,
        provider_chosen=provider_id is not None,
        open_case=(found.reference, get_procedure(found.procedure).label) if found else None,
    )

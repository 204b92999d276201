"""How values become rows of the record; shared by the actions that record and those that change."""

from __future__ import annotations

from datetime import date
from typing import Any

from openbeian.privacy.fields import compute_fingerprint
from openbeian.registry.decisions import AccessValues, PersonValues, ServiceValues, SponsorValues
from openbeian.registry.errors import DomainOnRecord
from openbeian.registry.models import Access, Person, Service, ServiceDomain, Sponsor
from openbeian.registry.record_columns import describe_person, describe_service, describe_sponsor


def save_person(values: PersonValues, person: Person | None = None) -> Person:
    """Writes a person's row, a new one unless given."""
    person = person or Person()
    fill_person(person, values)
    person.save()
    return person


def fill_person(person: Person, values: PersonValues) -> None:
    """Copies values onto a person, without saving."""
    _fill(person, describe_person(values, compute_fingerprint))


def fill_sponsor(sponsor: Sponsor, values: SponsorValues) -> None:
    """Copies values onto a sponsor, without saving; its identity and number are not touched."""
    _fill(sponsor, describe_sponsor(values))


def fill_service(service: Service, values: ServiceValues) -> None:
    """Copies values onto a service, without saving; kind, number and sponsor are not touched."""
    _fill(service, describe_service(values))


def _fill(record: Person | Sponsor | Service, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(record, name, value)


def save_domains(service: Service, domains: tuple[str, ...]) -> None:
    """Makes the service's domains exactly these.

    Raises: DomainOnRecord when another live service holds one of them.
    """
    taken = (
        ServiceDomain.objects.filter(domain__in=domains, is_live=True)
        .exclude(service=service)
        .values_list("domain", flat=True)
        .first()
    )
    if taken:
        raise DomainOnRecord(domain=taken)
    service.domains.exclude(domain__in=domains).delete()
    have = set(service.domains.values_list("domain", flat=True))
    ServiceDomain.objects.bulk_create(ServiceDomain(service=service, domain=d) for d in domains if d not in have)


def save_access(service: Service, values: AccessValues, on: date) -> tuple[Access, bool]:
    """Writes the service's access at one provider; True when it is new."""
    access = service.accesses.filter(provider_id=values.provider_id, cancelled_on__isnull=True).first()
    is_new = access is None
    access = access or Access(service=service, provider_id=values.provider_id, granted_on=on)
    access.mode, access.place, access.ip_ranges = values.mode, values.place, list(values.ip_ranges)
    access.save()
    return access, is_new

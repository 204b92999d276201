"""How values become rows of the record; shared by the actions that record and those that change."""

from __future__ import annotations

from datetime import date
from typing import Any

from openbeian.kernel.initials import compute_initials
from openbeian.privacy.fields import compute_fingerprint
from openbeian.registry.decisions import PERSONAL_NATURE, AccessValues, PersonValues, ServiceValues, SponsorValues
from openbeian.registry.errors import DomainOnRecord
from openbeian.registry.models import Access, Person, Service, ServiceDomain, Sponsor
from openbeian.registry.name_grams import compute_grams


def save_person(values: PersonValues, person: Person | None = None) -> Person:
    """Writes a person's row, a new one unless given."""
    person = person or Person()
    fill_person(person, values)
    person.save()
    return person


def fill_person(person: Person, values: PersonValues) -> None:
    """Copies values onto a person, without saving."""
    for name, value in describe_person(values).items():
        setattr(person, name, value)


def describe_person(values: PersonValues) -> dict[str, Any]:
    """A person's row by attribute name."""
    return {
        "name": values.name,
        "mobile": values.mobile,
        "mobile_fingerprint": compute_fingerprint(values.mobile, "mobile"),
        "emergency_phone": values.emergency_phone,
        "email": values.email,
        "email_fingerprint": compute_fingerprint(values.email.lower(), "email"),
        "certificate_type": values.certificate_type,
        "certificate_number": values.certificate_number,
        "certificate_fingerprint": compute_fingerprint(values.certificate_number, "certificate"),
        "certificate_from": values.certificate_from,
        "certificate_until": values.certificate_until,
    }


def fill_sponsor(sponsor: Sponsor, values: SponsorValues) -> None:
    """Copies values onto a sponsor, without saving; its identity and number are not touched."""
    sponsor.name, sponsor.initials = values.name, compute_initials(values.name)
    # People are not found by parts of their names; see registry/lookup.py.
    sponsor.name_grams = "" if values.nature == PERSONAL_NATURE else compute_grams(values.name)
    sponsor.region, sponsor.address = values.region, values.address
    sponsor.certificate_address = values.certificate_address
    sponsor.certificate_until = values.certificate_until
    sponsor.legal_representative, sponsor.remark = values.legal_representative, values.remark


def fill_service(service: Service, values: ServiceValues) -> None:
    """Copies values onto a service, without saving; kind, number and sponsor are not touched."""
    service.name, service.initials = values.name, compute_initials(values.name)
    service.name_grams = compute_grams(values.name)
    service.home_url, service.remark = values.home_url, values.remark
    service.contents, service.languages = list(values.contents), list(values.languages)
    service.approvals, service.app = [dict(a) for a in values.approvals], dict(values.app)


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

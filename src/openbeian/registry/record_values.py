"""What stands on record, as plain values."""

from __future__ import annotations

from openbeian.registry.decisions import AccessValues, PersonValues, ServiceValues, SponsorValues
from openbeian.registry.models import Person, Service, Sponsor


def person_values(p: Person) -> PersonValues:
    return PersonValues(
        name=p.name,
        certificate_type=p.certificate_type,
        certificate_number=p.certificate_number,
        certificate_from=p.certificate_from,
        certificate_until=p.certificate_until,
        mobile=p.mobile,
        emergency_phone=p.emergency_phone,
        email=p.email,
    )


def sponsor_values(s: Sponsor) -> SponsorValues:
    return SponsorValues(
        nature=s.nature,
        name=s.name,
        region=s.region,
        certificate_type=s.certificate_type,
        certificate_number=s.certificate_number,
        certificate_address=s.certificate_address,
        certificate_until=s.certificate_until,
        address=s.address,
        legal_representative=s.legal_representative,
        remark=s.remark,
        person=person_values(s.person),
    )


def service_values(s: Service) -> ServiceValues:
    return ServiceValues(
        kind=s.kind,
        name=s.name,
        domains=tuple(d.domain for d in s.domains.all()),
        home_url=s.home_url,
        contents=tuple(s.contents),
        languages=tuple(s.languages),
        approvals=tuple(s.approvals),
        remark=s.remark,
        person=person_values(s.person),
        accesses=tuple(
            AccessValues(a.provider_id, a.mode, a.place, tuple(a.ip_ranges))
            for a in s.accesses.all()
            if a.cancelled_on is None
        ),
        app=s.app,
    )

"""What the journal may hold of the record: everything in the clear except personal data, which is masked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from openbeian.privacy.masking import mask_certificate, mask_email, mask_mobile, mask_name
from openbeian.registry.decisions import PERSONAL_NATURE
from openbeian.registry.models import Access, Licence, Person, Service, Sponsor


def view_person(person: Person) -> dict[str, Any]:
    """Masked values and fingerprints: enough to see that something changed, and whether back to what it was."""
    return {
        "name": mask_name(person.name),
        "mobile": mask_mobile(person.mobile),
        "mobile_fingerprint": person.mobile_fingerprint,
        "email": mask_email(person.email),
        "certificate_type": person.certificate_type,
        "certificate_number": mask_certificate(person.certificate_number),
        "certificate_fingerprint": person.certificate_fingerprint,
        "certificate_until": str(person.certificate_until or ""),
    }


def view_sponsor(sponsor: Sponsor) -> dict[str, Any]:
    is_person = sponsor.nature == PERSONAL_NATURE
    return {
        "number": sponsor.number,
        "nature": sponsor.nature,
        "name": mask_name(sponsor.name) if is_person else sponsor.name,
        "region": sponsor.region,
        "certificate_type": sponsor.certificate_type,
        "certificate_number": mask_certificate(sponsor.certificate_number),
        "certificate_fingerprint": sponsor.certificate_fingerprint,
        "certificate_until": str(sponsor.certificate_until or ""),
        "standing": sponsor.standing,
        "confirmed_on": str(sponsor.confirmed_on),
        "person": view_person(sponsor.person),
    }


def view_service(service: Service, domains: Iterable[str] | None = None) -> dict[str, Any]:
    """With `domains` the database is not asked for them."""
    return {
        "number": service.number,
        "kind": service.kind,
        "name": service.name,
        "domains": sorted(d.domain for d in service.domains.all()) if domains is None else sorted(domains),
        "home_url": service.home_url,
        "contents": service.contents,
        "languages": service.languages,
        "approvals": service.approvals,
        "app": service.app,
        "standing": service.standing,
        "person": view_person(service.person),
    }


def view_access(access: Access) -> dict[str, Any]:
    return {
        "service": access.service_id,
        "provider": access.provider_id,
        "mode": access.mode,
        "place": access.place,
        "ip_ranges": access.ip_ranges,
        "cancelled_on": str(access.cancelled_on or ""),
    }


def view_licence(licence: Licence) -> dict[str, Any]:
    return {
        "number": licence.number,
        "holder": licence.holder,
        "certificate_fingerprint": licence.certificate_fingerprint,
        "sponsor": licence.sponsor_id,
        "issued_on": str(licence.issued_on),
        "valid_until": str(licence.valid_until),
        "is_end_printed": licence.is_end_printed,
        "businesses": licence.businesses,
        "areas": licence.areas,
        "authority": licence.authority,
        "standing": licence.standing,
        "special_terms": licence.special_terms,
        "legal_representative": mask_name(licence.legal_representative),
        "capital_yuan": licence.capital_yuan,
        "shareholders": licence.shareholders,
        "people": [{"name": mask_name(str(p["name"])), "role": p["role"]} for p in licence.people],
        "sites": licence.sites,
        "is_deemed": licence.is_deemed,
        "paper_awaited_from": str(licence.paper_awaited_from or ""),
    }

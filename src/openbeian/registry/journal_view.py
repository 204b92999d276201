"""What the journal may hold of the record: everything in the clear except personal data, which is masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from openbeian.privacy.masking import mask_certificate, mask_email, mask_mobile, mask_name
from openbeian.registry.decisions import PERSONAL_NATURE

if TYPE_CHECKING:
    from openbeian.registry.models import Access, Licence, Service, Sponsor


def view_person(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Masked values and fingerprints: enough to see that something changed, and whether back to what it was."""
    return {
        "name": mask_name(columns["name"]),
        "mobile": mask_mobile(columns["mobile"]),
        "mobile_fingerprint": columns["mobile_fingerprint"],
        "email": mask_email(columns["email"]),
        "certificate_type": columns["certificate_type"],
        "certificate_number": mask_certificate(columns["certificate_number"]),
        "certificate_fingerprint": columns["certificate_fingerprint"],
        "certificate_until": str(columns["certificate_until"] or ""),
    }


def view_sponsor(sponsor: Sponsor) -> dict[str, Any]:
    return view_sponsor_columns(vars(sponsor), view_person(vars(sponsor.person)))


def view_sponsor_columns(columns: Mapping[str, Any], person: Mapping[str, Any]) -> dict[str, Any]:
    """The same from a row that is no model yet, and its person as seen."""
    is_person = columns["nature"] == PERSONAL_NATURE
    return {
        "number": columns["number"],
        "nature": columns["nature"],
        "name": mask_name(columns["name"]) if is_person else columns["name"],
        "region": columns["region"],
        "certificate_type": columns["certificate_type"],
        "certificate_number": mask_certificate(columns["certificate_number"]),
        "certificate_fingerprint": columns["certificate_fingerprint"],
        "certificate_until": str(columns["certificate_until"] or ""),
        "standing": columns["standing"],
        "confirmed_on": str(columns["confirmed_on"]),
        "person": person,
    }


def view_service(service: Service) -> dict[str, Any]:
    domains = [d.domain for d in service.domains.all()]
    return view_service_columns(vars(service), domains, view_person(vars(service.person)))


def view_service_columns(
    columns: Mapping[str, Any], domains: Iterable[str], person: Mapping[str, Any]
) -> dict[str, Any]:
    """The same from a row that is no model yet, its domains, and its person as seen."""
    return {
        "number": columns["number"],
        "kind": columns["kind"],
        "name": columns["name"],
        "domains": sorted(domains),
        "home_url": columns["home_url"],
        "contents": columns["contents"],
        "languages": columns["languages"],
        "approvals": columns["approvals"],
        "app": columns["app"],
        "standing": columns["standing"],
        "person": person,
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

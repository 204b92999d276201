"""Between a form and the record: what a grant writes, and what a case that starts from the record begins with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from openbeian.kernel.domains import parse_domain
from openbeian.registry.decisions import AccessValues, PersonValues, ServiceValues, SponsorValues

NO_END = "long_term"
"""长期; a day typed beside the tick stands behind it after a blank, kept for whoever takes the tick away again."""
_APP_FIELDS = ("platforms", "package_name", "public_key", "signature_digest", "platform_name", "app_id", "app_domains")


def read_day(value: str) -> date | None:
    """A stored day; None for empty or 长期."""
    return None if not value or is_endless(value) else date.fromisoformat(value)


def is_endless(value: object) -> bool:
    """Whether a form's end says 长期, with or without a day typed beside it."""
    return isinstance(value, str) and value.partition(" ")[0] == NO_END


def write_day(day: date | None, *, empty: str = "") -> str:
    return day.isoformat() if day else empty


def read_person(values: Mapping[str, Any]) -> PersonValues:
    return PersonValues(
        name=values["name"].strip(),
        certificate_type=values["certificate_type"],
        certificate_number=values["certificate_number"].strip().upper(),
        certificate_from=read_day(values["certificate_from"]),
        certificate_until=read_day(values["certificate_until"]),
        mobile=values["mobile"].strip(),
        emergency_phone=values["emergency_phone"].strip(),
        email=values["email"].strip(),
    )


def read_sponsor(form: Mapping[str, Any]) -> SponsorValues:
    """The sponsor of a checked form."""
    s = form["sponsor"]
    return SponsorValues(
        nature=s["nature"],
        name=s["name"].strip(),
        region=s["region"],
        certificate_type=s["certificate_type"],
        certificate_number=s["certificate_number"].strip().upper(),
        certificate_address=s["certificate_address"].strip(),
        certificate_until=read_day(s["certificate_until"]),
        address=s["address"].strip(),
        legal_representative=(s["legal_representative"] or "").strip(),
        remark=(s["remark"] or "").strip(),
        person=read_person(s["person"]),
    )


def read_services(form: Mapping[str, Any]) -> list[ServiceValues]:
    """The services of a checked form, in the order of the form."""
    return [_read_service(form, service) for service in form["services"]]


def _read_service(form: Mapping[str, Any], s: Mapping[str, Any]) -> ServiceValues:
    person = form["sponsor"]["person"] if s["person_is_sponsor_person"] else s["person"]
    is_site = s["kind"] == "website"
    return ServiceValues(
        kind=s["kind"],
        name=s["name"].strip(),
        domains=tuple(parse_domain(d).registrable for d in s["domains"]) if is_site else (),
        home_url=s["home_url"].strip() if is_site else "",
        contents=tuple(s["contents"]),
        languages=tuple(s["languages"]),
        approvals=tuple({"kind": a["kind"], "number": a["number"]} for a in s["approvals"]["items"]),
        remark=(s["remark"] or "").strip(),
        person=read_person(person),
        accesses=tuple(_read_access(form, a) for a in s["accesses"]),
        app={} if is_site else {f: s[f] for f in _APP_FIELDS if s.get(f)},
    )


def _read_access(form: Mapping[str, Any], a: Mapping[str, Any]) -> AccessValues:
    # An access already on record names its own provider; a new one is the case's.
    provider = a.get("provider_id") or form["provider_id"]
    return AccessValues(int(provider), a["mode"], a["place"], tuple(a["ip_ranges"]))


def write_person(p: PersonValues) -> dict[str, Any]:
    return {
        "name": p.name,
        "certificate_type": p.certificate_type,
        "certificate_number": p.certificate_number,
        "certificate_from": write_day(p.certificate_from),
        "certificate_until": write_day(p.certificate_until, empty=NO_END),
        "mobile": p.mobile,
        "emergency_phone": p.emergency_phone,
        "email": p.email,
    }


def write_sponsor(s: SponsorValues) -> dict[str, Any]:
    return {
        "nature": s.nature,
        "name": s.name,
        "region": s.region,
        "certificate_type": s.certificate_type,
        "certificate_number": s.certificate_number,
        "certificate_address": s.certificate_address,
        "certificate_until": write_day(s.certificate_until, empty=NO_END),
        "address": s.address,
        "legal_representative": s.legal_representative,
        "remark": s.remark,
        "person": write_person(s.person),
    }


def write_service(s: ServiceValues, *, key: str, number: str, sponsor_person: PersonValues) -> dict[str, Any]:
    """A service on record as the form shows it; its key and number tie it to its row."""
    return {
        "key": key,
        "number": number,
        "kind": s.kind,
        "name": s.name,
        "domains": list(s.domains),
        "home_url": s.home_url,
        "contents": list(s.contents),
        "languages": list(s.languages),
        "approvals": {"none": not s.approvals, "items": [dict(a) for a in s.approvals]},
        "remark": s.remark,
        "person_is_sponsor_person": s.person == sponsor_person,
        "person": write_person(s.person),
        "accesses": [
            {
                "key": f"a{a.provider_id}",
                "provider_id": a.provider_id,
                "mode": a.mode,
                "place": a.place,
                "ip_ranges": list(a.ip_ranges),
            }
            for a in s.accesses
        ],
        **{f: s.app.get(f, [] if f in {"platforms", "app_domains"} else "") for f in _APP_FIELDS},
    }

"""How values become the columns of a record, also where they are not models yet. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openbeian.kernel.initials import compute_initials
from openbeian.registry.decisions import PERSONAL_NATURE, PersonValues, ServiceValues, SponsorValues
from openbeian.registry.name_grams import compute_grams

Fingerprint = Callable[[str, str], str]
"""The keyed hash of a value of one kind; empty for an empty value."""


def describe_person(values: PersonValues, fingerprint: Fingerprint) -> dict[str, Any]:
    """A person's row by attribute name."""
    return {
        "name": values.name,
        "mobile": values.mobile,
        "mobile_fingerprint": fingerprint(values.mobile, "mobile"),
        "emergency_phone": values.emergency_phone,
        "email": values.email,
        "email_fingerprint": fingerprint(values.email.lower(), "email"),
        "certificate_type": values.certificate_type,
        "certificate_number": values.certificate_number,
        "certificate_fingerprint": fingerprint(values.certificate_number, "certificate"),
        "certificate_from": values.certificate_from,
        "certificate_until": values.certificate_until,
    }


def describe_sponsor(values: SponsorValues) -> dict[str, Any]:
    """A sponsor's row without its identity (nature and certificate) and its number."""
    return {
        "name": values.name,
        "initials": compute_initials(values.name),
        # People are not found by parts of their names; see registry/lookup.py.
        "name_grams": "" if values.nature == PERSONAL_NATURE else compute_grams(values.name),
        "region": values.region,
        "address": values.address,
        "certificate_address": values.certificate_address,
        "certificate_until": values.certificate_until,
        "legal_representative": values.legal_representative,
        "remark": values.remark,
    }


def describe_service(values: ServiceValues) -> dict[str, Any]:
    """A service's row without its kind, number and sponsor."""
    return {
        "name": values.name,
        "initials": compute_initials(values.name),
        "name_grams": compute_grams(values.name),
        "home_url": values.home_url,
        "remark": values.remark,
        "contents": list(values.contents),
        "languages": list(values.languages),
        "approvals": [dict(a) for a in values.approvals],
        "app": dict(values.app),
    }

"""Administrations' blacklists: entries as they come in, and which of them a filing touches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from openbeian.kernel.domains import parse_domain
from openbeian.kernel.errors import ValueRefused
from openbeian.privacy.fields import compute_fingerprint
from openbeian.registry.models import Blacklisting, ServiceDomain, Sponsor, Standing


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry: `value` as `Blacklisting.value`; `is_listed` False takes it off the list."""

    kind: str
    value: str
    shown: str
    is_listed: bool


@dataclass(frozen=True, slots=True)
class BlacklistHit:
    """An entry in force that a filing touches: whose list, since when it is known here, and what it says."""

    kind: str
    value: str
    shown: str
    province: str
    listed_on: date


def list_domain(text: str, *, is_listed: bool) -> Listed | None:
    """An entry for a domain, kept under its registrable name, since that is what is filed; None for what is none."""
    try:
        registrable = parse_domain(text).registrable
    except ValueRefused:
        return None
    return Listed(Blacklisting.Kind.DOMAIN, registrable, text.strip().lower(), is_listed)


def list_certificate(number: str, name: str, *, is_listed: bool) -> Listed | None:
    """An entry for a sponsor, found by its certificate's number; `name` is what people are shown."""
    normal = "".join(number.split()).upper()
    if not normal:
        return None
    return Listed(Blacklisting.Kind.CERTIFICATE, compute_fingerprint(normal, "certificate"), name, is_listed)


def find_hits(provider_id: int | None, domains: Iterable[str], fingerprints: Iterable[str]) -> list[BlacklistHit]:
    """Entries in force that a provider was sent about these registrable domains and certificates' fingerprints."""
    if provider_id is None:
        return []
    touched = Q(kind=Blacklisting.Kind.DOMAIN, value__in=list(domains))
    touched |= Q(kind=Blacklisting.Kind.CERTIFICATE, value__in=[f for f in fingerprints if f])
    entries = Blacklisting.objects.filter(touched, provider_id=provider_id, struck_on__isnull=True).order_by(
        "province", "pk"
    )
    return [BlacklistHit(e.kind, e.value, e.shown, e.province, e.listed_on) for e in entries]


def list_numbers_touched(entry: Listed, most: int = 5) -> list[str]:
    """Filing numbers on our own record that an entry is about; the first few."""
    if entry.kind == Blacklisting.Kind.DOMAIN:
        services = ServiceDomain.objects.filter(domain=entry.value, is_live=True)
        return list(services.values_list("service__number", flat=True)[:most])
    sponsors = Sponsor.objects.filter(certificate_fingerprint=entry.value).exclude(standing=Standing.CANCELLED)
    return list(sponsors.values_list("number", flat=True)[:most])

"""The record's values as plain data, and the pure rules about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

PERSONAL_NATURE = "individual"
"""The nature of a sponsor who is a person: their name is masked wherever the public or the journal sees it."""


@dataclass(frozen=True, slots=True)
class PersonValues:
    """A responsible person; `certificate_until` None means no end (长期)."""

    name: str
    certificate_type: str
    certificate_number: str
    certificate_from: date | None
    certificate_until: date | None
    mobile: str
    emergency_phone: str
    email: str


@dataclass(frozen=True, slots=True)
class SponsorValues:
    nature: str
    name: str
    region: str
    certificate_type: str
    certificate_number: str
    certificate_address: str
    certificate_until: date | None
    address: str
    legal_representative: str
    remark: str
    person: PersonValues


@dataclass(frozen=True, slots=True)
class AccessValues:
    provider_id: int
    mode: str
    place: str
    ip_ranges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceValues:
    """`app` holds what only apps, mini-programs and quick apps have; `domains` are A-labels."""

    kind: str
    name: str
    domains: tuple[str, ...]
    home_url: str
    contents: tuple[str, ...]
    languages: tuple[str, ...]
    approvals: tuple[Mapping[str, str], ...]
    remark: str
    person: PersonValues
    accesses: tuple[AccessValues, ...]
    app: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AllottedNumbers:
    """Numbers that an outside authority has given; None inside, where this installation allots them."""

    sponsor: str
    services: tuple[str, ...] = ()

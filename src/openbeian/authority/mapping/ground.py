"""What a case is mapped on: the account, the tables, the administration's own numbers, and the papers as pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Any

from openbeian.authority.mapping.codes import Codes
from openbeian.authority.messages.filing import Access, Range
from openbeian.kernel.ip_ranges import IpRange
from openbeian.registry.decisions import ServiceValues

_PARTS_EACH = 10_000


@dataclass(frozen=True, slots=True)
class KnownSite:
    """A site as the administration numbers it."""

    authority_id: int
    domains: Mapping[str, int]
    accesses: tuple[Access, ...]


@dataclass(frozen=True, slots=True)
class RecordedService:
    """A service on our record, with its key in forms and its filing number."""

    key: str
    number: str
    values: ServiceValues


@dataclass(frozen=True, slots=True)
class Picture:
    """A paper as the interface takes it: `format` and `purpose` are its codes; `path` says whose it is."""

    material: str
    path: str
    format: int
    purpose: int | None
    content: bytes


@dataclass(slots=True)
class Numbering:
    """Our own numbers on the wire: unique over all reports of an installation, each remembered with what it stands for."""

    report_id: int
    parts: dict[str, str] = field(default_factory=dict)

    def take(self, path: str) -> int:
        if len(self.parts) >= _PARTS_EACH - 1:
            raise ValueError("a report has more parts than numbers were set aside for")
        number = self.report_id * _PARTS_EACH + len(self.parts) + 1
        self.parts[str(number)] = path
        return number


@dataclass(slots=True)
class Ground:
    """Everything `map_case` needs beside the form."""

    provider_number: int
    provider_id: int
    numbering: Numbering
    codes: Codes
    sponsor_number: str = ""
    sponsor_authority_id: int | None = None
    sites: Mapping[str, KnownSite] = field(default_factory=dict)
    on_record: tuple[RecordedService, ...] = ()
    password_digest: str | None = None
    pictures: tuple[Picture, ...] = ()


def write_access(access: Access) -> dict[str, Any]:
    """An access of the administration as JSON, with its numbers."""
    return {
        "id": access.authority_id,
        "provider": access.provider_id,
        "places": list(access.server_places),
        "modes": list(access.modes),
        "ranges": [[r.authority_id, str(r.first), str(r.last)] for r in access.ranges if r.first and r.last],
    }


def read_access(kept: Mapping[str, Any]) -> Access:
    """What `write_access` wrote."""
    ranges = (
        Range(authority_id=number, first=IPv4Address(first), last=IPv4Address(last))
        for number, first, last in kept["ranges"]
    )
    return Access(
        authority_id=kept["id"],
        provider_id=kept["provider"],
        server_places=tuple(kept["places"]),
        modes=tuple(kept["modes"]),
        ranges=tuple(ranges),
    )


def to_range(found: IpRange, *, own_id: int | None = None, authority_id: int | None = None) -> Range:
    """A range of IPv4 addresses; one of IPv6 has no ends on this wire and is named as an obstacle elsewhere."""
    if isinstance(found.first, IPv4Address) and isinstance(found.last, IPv4Address):
        return Range(own_id=own_id, authority_id=authority_id, first=found.first, last=found.last)
    return Range(own_id=own_id, authority_id=authority_id)

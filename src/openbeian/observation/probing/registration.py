"""Reads a domain's registration (RDAP, RFC 9083): when it ends and, where that is not withheld, who holds it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from openbeian.observation.probing.doors import Doors
from openbeian.observation.probing.record import DomainRegistration

_LARGEST_BYTES = 512 * 1024
_LONGEST = 300
_WITHHELD = ("redacted", "privacy", "withheld", "not disclosed", "data protected", "private")
_GONE = 404


async def ask_registration(domain: str, service: str, doors: Doors) -> DomainRegistration:
    """What the service at a base address says of a registrable domain in ASCII form. Never raises."""
    url = f"{service.rstrip('/')}/domain/{domain}"
    exchange, body = await doors.fetch(url, accept="application/rdap+json, application/json;q=0.8")
    if exchange.status == _GONE:
        return DomainRegistration(domain, source=url, trouble="not_registered")
    if exchange.status != 200 or not body or len(body) > _LARGEST_BYTES:
        return DomainRegistration(domain, source=url, trouble="registration_unreadable")
    try:
        return read_registration(domain, json.loads(body), url)
    except (ValueError, RecursionError):
        return DomainRegistration(domain, source=url, trouble="registration_unreadable")


def read_registration(domain: str, answer: object, source: str) -> DomainRegistration:
    """An RDAP answer as values; parts of another shape than the standard's are passed over.

    Raises: ValueError when it is not about this domain, or says no end.
    """
    if not isinstance(answer, dict) or _word(answer.get("ldhName")).rstrip(".").lower() != domain:
        raise ValueError("not about this domain")
    days = {
        _word(event.get("eventAction")): _instant(event.get("eventDate")) for event in _mappings(answer.get("events"))
    }
    if days.get("expiration") is None:
        raise ValueError("no end")
    people: dict[str, str] = {}
    for entity in _mappings(answer.get("entities")):
        roles = entity.get("roles")
        for role in roles[:20] if isinstance(roles, list) else ():
            people[_word(role)] = _full_name(entity)
    holder = people.get("registrant", "")
    states = answer.get("status")
    return DomainRegistration(
        domain=domain,
        registered_at=days.get("registration"),
        expires_at=days["expiration"],
        registrar=people.get("registrar", ""),
        holder="" if any(word in holder.lower() for word in _WITHHELD) else holder,
        states=tuple(_word(state) for state in states[:20]) if isinstance(states, list) else (),
        source=source,
    )


def _mappings(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value[:100] if isinstance(item, dict))


def _word(value: object) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _instant(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(_word(value))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _full_name(entity: dict[str, Any]) -> str:
    """The `org`, else the `fn`, of a jCard (RFC 7095): ["vcard", [[name, parameters, type, value], …]]."""
    card = entity.get("vcardArray")
    lines = card[1] if isinstance(card, list) and len(card) > 1 and isinstance(card[1], list) else []
    found = {
        line[0]: _word(line[3])
        for line in lines[:100]
        if isinstance(line, list) and len(line) > 3 and isinstance(line[0], str)
    }
    return found.get("org") or found.get("fn") or ""

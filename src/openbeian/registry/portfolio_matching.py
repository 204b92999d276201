"""Whether a portfolio's row says something new, the same or something else than the record, or than an earlier row. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from openbeian.kernel.errors import Problem
from openbeian.kernel.text import Text
from openbeian.registry.decisions import AccessValues, PersonValues, ServiceValues, SponsorValues
from openbeian.registry.portfolio_preparing import ReadyRow
from openbeian.registry.portfolio_rows import HeldService, HeldSponsor

_SPONSOR_FIELDS = ("name", "region", "address", "certificate_address", "certificate_until", "legal_representative")
_PERSON_FIELDS = ("name", "certificate_type", "certificate_number", "mobile", "emergency_phone", "email")
_SERVICE_FIELDS = ("name", "domains", "home_url", "contents", "languages")
FIXED = frozenset({"sponsor.nature", "sponsor.certificate_type", "sponsor.certificate_number", "service.kind"})
"""What no change may touch: another certificate is another sponsor."""

Finding = tuple[str, Problem]


def differ_sponsor(row: HeldSponsor, held: SponsorValues) -> list[str]:
    """The columns in which a filled cell says something else than the record."""
    fields = {f"sponsor.{f}": f for f in (*_SPONSOR_FIELDS, "nature", "certificate_type", "certificate_number")}
    found = [key for key, f in fields.items() if key in row.said and getattr(row.values, f) != getattr(held, f)]
    return found + _differ_person("sponsor.person.", row.said, row.values.person, held.person)


def differ_service(row: HeldService, held: ServiceValues, granted_on: date) -> list[str]:
    """The same for a service; domains, contents and languages in any order. Accesses at other providers are left alone."""
    found = []
    for name in _SERVICE_FIELDS:
        key, mine, theirs = f"service.{name}", getattr(row.values, name), getattr(held, name)
        if isinstance(mine, tuple):
            mine, theirs = sorted(mine), sorted(theirs)
        if key in row.said and mine != theirs:
            found.append(key)
    if row.values.kind != held.kind:
        found.append("service.kind")
    if row.granted_on != granted_on:
        found.append("service.granted_on")
    found += _differ_person("service.person.", row.said, row.values.person, held.person)
    return found + _differ_access(row, held.accesses)


def _differ_person(path: str, said: frozenset[str], mine: PersonValues, held: PersonValues) -> list[str]:
    return [f"{path}{f}" for f in _PERSON_FIELDS if f"{path}{f}" in said and getattr(mine, f) != getattr(held, f)]


def _differ_access(row: HeldService, held: tuple[AccessValues, ...]) -> list[str]:
    if not row.values.accesses:
        return []
    mine = row.values.accesses[0]
    theirs = next((a for a in held if a.provider_id == mine.provider_id), None)
    if theirs is None:
        return ["access.provider"]
    return [
        f"access.{f}"
        for f in ("mode", "place", "ip_ranges")
        if f"access.{f}" in row.said and getattr(mine, f) != getattr(theirs, f)
    ]


def merge_sponsor(row: HeldSponsor, held: SponsorValues) -> SponsorValues:
    """The record with every filled cell written over it."""
    said = {f: getattr(row.values, f) for f in _SPONSOR_FIELDS if f"sponsor.{f}" in row.said}
    return replace(held, **said, person=_merge_person("sponsor.person.", row.said, row.values.person, held.person))


def merge_service(row: HeldService, held: ServiceValues) -> ServiceValues:
    """The record with every filled cell written over it; accesses are recorded on their own."""
    said: dict[str, Any] = {f: getattr(row.values, f) for f in _SERVICE_FIELDS if f"service.{f}" in row.said}
    return replace(held, **said, person=_merge_person("service.person.", row.said, row.values.person, held.person))


def _merge_person(path: str, said: frozenset[str], mine: PersonValues, held: PersonValues) -> PersonValues:
    return replace(held, **{f: getattr(mine, f) for f in _PERSON_FIELDS if f"{path}{f}" in said})


@dataclass(slots=True)
class Claims:
    """What the rows so far have said, so that no later row of the same file says otherwise.

    Keeps numbers, domains and digests, not the rows: the memory for a row stays small.
    """

    sponsors: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    certificates: dict[str, tuple[int, str]] = field(default_factory=dict)
    services: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    domains: dict[str, tuple[int, str]] = field(default_factory=dict)

    def check(self, row: ReadyRow) -> list[Finding]:
        """What contradicts an earlier row."""
        sponsor, service = row.sponsor, row.service
        found: list[Finding] = []
        earlier = self.sponsors.get(sponsor.number)
        if earlier and earlier[1] != sponsor.digest:
            found.append(("sponsor.number", _contradicts(earlier[0], "主体", "sponsor")))
        same = self.certificates.get(sponsor.certificate)
        if same and same[1] != sponsor.number:
            found.append(("sponsor.certificate_number", _contradicts(same[0], "证件号码", "certificate")))
        if service:
            earlier = self.services.get(service.claim)
            if earlier and earlier[1] != service.digest:
                found.append(("service.number", _contradicts(earlier[0], "服务", "service")))
            for domain in service.domains:
                holder = self.domains.get(domain)
                if holder and holder[1] != service.claim:
                    found.append(("service.domains", _contradicts(holder[0], "域名", "domain")))
        return found

    def is_repeated(self, row: ReadyRow) -> bool:
        """Whether an earlier row, accepted, already said all of this one."""
        return row.service.claim in self.services if row.service else row.sponsor.number in self.sponsors

    def accept(self, row: ReadyRow) -> None:
        sponsor, service = row.sponsor, row.service
        self.sponsors.setdefault(sponsor.number, (row.number, sponsor.digest))
        self.certificates.setdefault(sponsor.certificate, (row.number, sponsor.number))
        if service:
            self.services.setdefault(service.claim, (row.number, service.digest))
            for domain in service.domains:
                self.domains.setdefault(domain, (row.number, service.claim))

    def accept_together(self, rows: Sequence[ReadyRow]) -> list[ReadyRow] | None:
        """Accepts rows at once: services that nobody has named yet, under sponsors that each are told of in one way.

        Gives the first row of each sponsor that no earlier row named. None, and nothing accepted, where any row must
        be looked at by itself: what `check` finds and what `is_repeated` is always among those.
        """
        services = [row.service for row in rows if row.service]
        claims, domains = [s.claim for s in services], [d for s in services for d in s.domains]
        if len(services) < len(rows) or not _is_fresh(claims, self.services) or not _is_fresh(domains, self.domains):
            return None
        sponsors: dict[str, ReadyRow] = {}
        for row in rows:
            if sponsors.setdefault(row.sponsor.number, row).sponsor is not row.sponsor:
                return None  # spelled in two ways, perhaps told of in two
        holders = {row.sponsor.certificate: number for number, row in sponsors.items()}
        if len(holders) < len(sponsors):
            return None
        for number, row in sponsors.items():
            earlier, same = self.sponsors.get(number), self.certificates.get(row.sponsor.certificate)
            if (earlier and earlier[1] != row.sponsor.digest) or (same and same[1] != number):
                return None
        new = [row for number, row in sponsors.items() if number not in self.sponsors]
        for row in new:
            self.sponsors[row.sponsor.number] = row.number, row.sponsor.digest
        for row in sponsors.values():
            self.certificates.setdefault(row.sponsor.certificate, (row.number, row.sponsor.number))
        numbers = [row.number for row in rows]
        self.services.update((s.claim, (n, s.digest)) for n, s in zip(numbers, services, strict=True))
        self.domains.update((d, (n, s.claim)) for n, s in zip(numbers, services, strict=True) for d in s.domains)
        return new


def _is_fresh(keys: list[str], known: dict[str, Any]) -> bool:
    return len(set(keys)) == len(keys) and known.keys().isdisjoint(keys)


def _contradicts(row: int, zh: str, en: str) -> Problem:
    return Problem(
        Text("与第 {row} 行的{what}不一致或重复。", "Row {row} says something else about this {what}.").format(
            row=row, what=Text(zh, en)
        ),
        Text("请改成一致，或删去其中一行。", "Make them agree, or delete one of the rows."),
        "portfolio.contradiction",
    )

"""Writes new records of a portfolio, many at once, each with its entry in the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from openbeian.journal.actions.record_events import Fact
from openbeian.journal.bulk_insert import insert_many, make_object
from openbeian.kernel import clock
from openbeian.privacy.fields import compute_fingerprint
from openbeian.registry.decisions import AccessValues, PersonValues
from openbeian.registry.events import ServiceTakenOver, SponsorTakenOver
from openbeian.registry.journal_view import view_service, view_sponsor
from openbeian.registry.models import Access, Person, Service, ServiceDomain, Sponsor
from openbeian.registry.portfolio import HeldService, PortfolioRow
from openbeian.registry.recording import describe_person, fill_service, fill_sponsor


@dataclass(slots=True)
class NewRecords:
    """What a batch of rows adds; sponsors once, however many rows name them."""

    organisation_id: int
    sponsors: dict[str, PortfolioRow] = field(default_factory=dict)
    services: list[tuple[HeldService, str]] = field(default_factory=list)

    def add(self, row: PortfolioRow, *, is_new_sponsor: bool, is_new_service: bool) -> None:
        if is_new_sponsor:
            self.sponsors.setdefault(row.sponsor.number, row)
        if is_new_service and row.service:
            self.services.append((row.service, row.sponsor.number))

    def write(self, ids: dict[str, int]) -> list[Fact]:
        """Inserts everything; `ids` of sponsors on record by number is read and added to."""
        facts = self._write_sponsors(ids)
        return facts + self._write_services(ids)

    def _write_sponsors(self, ids: dict[str, int]) -> list[Fact]:
        rows = list(self.sponsors.values())
        last: dict[str, int] = {}
        for service, number in self.services:
            last[number] = max(last.get(number, 0), service.sequence)
        people = _insert_people([r.sponsor.values.person for r in rows])
        sponsors, now = [], clock.now()
        for row, person in zip(rows, people, strict=True):
            held, values = row.sponsor, row.sponsor.values
            own = {
                "organisation_id": self.organisation_id,
                "number": held.number,
                "province": held.province,
                "nature": values.nature,
                "certificate_type": values.certificate_type,
                "certificate_number": values.certificate_number,
                "certificate_fingerprint": compute_fingerprint(values.certificate_number, "certificate"),
                "last_service_sequence": last.get(held.number, 0),
                "granted_on": row.granted_on,
                "confirmed_on": row.granted_on,
                "changed_at": now,
            }
            sponsor = make_object(Sponsor, own, person=person)
            fill_sponsor(sponsor, values)
            sponsors.append(sponsor)
        insert_many(sponsors)
        for number in last.keys() & ids.keys():
            Sponsor.objects.filter(pk=ids[number], last_service_sequence__lt=last[number]).update(
                last_service_sequence=last[number]
            )
        ids.update((s.number, s.pk) for s in sponsors)
        concerns = (self.organisation_id,)
        return [Fact(SponsorTakenOver, ("sponsor", s.pk), concerns, after=view_sponsor(s)) for s in sponsors]

    def _write_services(self, ids: dict[str, int]) -> list[Fact]:
        people = _insert_people([s.values.person for s, _ in self.services])
        services, now = [], clock.now()
        for (held, number), person in zip(self.services, people, strict=True):
            own = {
                "sponsor_id": ids[number],
                "sequence": held.sequence,
                "number": held.number,
                "kind": held.values.kind,
                "granted_on": held.granted_on,
                "changed_at": now,
            }
            service = make_object(Service, own, person=person)
            fill_service(service, held.values)
            services.append(service)
        insert_many(services)
        pairs = list(zip(services, (s for s, _ in self.services), strict=True))
        insert_many(
            [
                make_object(ServiceDomain, {"service_id": s.pk, "domain": d})
                for s, held in pairs
                for d in held.values.domains
            ]
        )
        insert_many([_make_access(s, a, held.granted_on) for s, held in pairs for a in held.values.accesses])
        return [self._tell(s, held) for s, held in pairs]

    def _tell(self, service: Service, held: HeldService) -> Fact:
        """One entry for the service with its accesses, which came with it."""
        after = view_service(service, held.values.domains)
        after["accesses"] = [
            {"provider": a.provider_id, "mode": a.mode, "place": a.place, "ip_ranges": list(a.ip_ranges)}
            for a in held.values.accesses
        ]
        return Fact(ServiceTakenOver, ("service", service.pk), (self.organisation_id,), after=after)


def _make_access(service: Service, values: AccessValues, granted_on: date) -> Access:
    own = {
        "service_id": service.pk,
        "provider_id": values.provider_id,
        "mode": values.mode,
        "place": values.place,
        "ip_ranges": list(values.ip_ranges),
        "granted_on": granted_on,
    }
    return make_object(Access, own)


def _insert_people(values: Sequence[PersonValues]) -> list[Person]:
    # A sponsor's person answers for most of its services: the same values, each time a row of its own.
    rows = {one: describe_person(one) for one in set(values)}
    people = [make_object(Person, rows[one]) for one in values]
    insert_many(people)
    return people

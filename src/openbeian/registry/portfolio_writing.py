"""Writes new records of a portfolio, many at once, each with its entry in the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from openbeian.journal.actions.record_events import Fact
from openbeian.journal.bulk_insert import insert_rows, prepare_value, reserve_keys
from openbeian.journal.decisions import Canonical
from openbeian.kernel import clock
from openbeian.registry.events import ServiceTakenOver, SponsorTakenOver
from openbeian.registry.models import Access, Person, Service, ServiceDomain, Sponsor
from openbeian.registry.name_index import names_indexed_together
from openbeian.registry.portfolio_preparing import (
    ACCESS_COLUMNS,
    PERSON_COLUMNS,
    SERVICE_COLUMNS,
    SPONSOR_COLUMNS,
    Columns,
    ReadyRow,
    ReadyService,
)

_SPONSOR = (
    "id",
    "organisation_id",
    "person_id",
    "last_service_sequence",
    "granted_on",
    "confirmed_on",
    "changed_at",
    *SPONSOR_COLUMNS,
)
_SERVICE = ("id", "sponsor_id", "person_id", "changed_at", *SERVICE_COLUMNS)


@dataclass(slots=True)
class NewRecords:
    """What a batch of rows adds; sponsors once, however many rows name them."""

    organisation_id: int
    sponsors: dict[str, ReadyRow] = field(default_factory=dict)
    services: list[tuple[ReadyService, str]] = field(default_factory=list)

    def add(self, row: ReadyRow, *, is_new_sponsor: bool, is_new_service: bool) -> None:
        if is_new_sponsor:
            self.sponsors.setdefault(row.sponsor.number, row)
        if is_new_service and row.service:
            self.services.append((row.service, row.sponsor.number))

    def add_together(self, rows: Sequence[ReadyRow], sponsors: Sequence[ReadyRow]) -> None:
        """The services of all these rows, and the sponsors of those."""
        self.sponsors |= {row.sponsor.number: row for row in sponsors}
        self.services += [(row.service, row.sponsor.number) for row in rows if row.service]

    def write(self, ids: dict[str, int]) -> list[Fact]:
        """Inserts everything; `ids` of sponsors on record by number is read and added to."""
        with names_indexed_together():
            facts = self._write_sponsors(ids)
            return facts + self._write_services(ids)

    def _write_sponsors(self, ids: dict[str, int]) -> list[Fact]:
        rows, now = list(self.sponsors.values()), prepare_value(Sponsor, "changed_at", clock.now())
        last: dict[str, int] = {}
        for service, number in self.services:
            last[number] = max(last.get(number, 0), service.sequence)
        for number in last.keys() & ids.keys():
            Sponsor.objects.filter(pk=ids[number], last_service_sequence__lt=last[number]).update(
                last_service_sequence=last[number]
            )
        people = _insert_people([r.sponsor.person for r in rows])
        keys = reserve_keys(Sponsor, len(rows))
        written = [
            (
                key,
                self.organisation_id,
                person,
                last.get(row.sponsor.number, 0),
                row.granted_on,
                row.granted_on,
                now,
                *row.sponsor.columns,
            )
            for row, key, person in zip(rows, keys, people, strict=True)
        ]
        insert_rows(Sponsor, _SPONSOR, written)
        ids.update((row.sponsor.number, key) for row, key in zip(rows, keys, strict=True))
        concerns = (self.organisation_id,)
        return [
            Fact(SponsorTakenOver, ("sponsor", key), concerns, after=Canonical(row.sponsor.tell(row.granted_on)))
            for row, key in zip(rows, keys, strict=True)
        ]

    def _write_services(self, ids: dict[str, int]) -> list[Fact]:
        now = prepare_value(Service, "changed_at", clock.now())
        people = _insert_people([s.person for s, _ in self.services])
        keys = reserve_keys(Service, len(self.services))
        written = [
            (key, ids[number], person, now, *service.columns)
            for (service, number), key, person in zip(self.services, keys, people, strict=True)
        ]
        insert_rows(Service, _SERVICE, written)
        pairs = [(service, key) for (service, _), key in zip(self.services, keys, strict=True)]
        insert_rows(ServiceDomain, ("service_id", "domain"), [(key, d) for s, key in pairs for d in s.domains])
        insert_rows(Access, ("service_id", *ACCESS_COLUMNS), [(key, *a) for s, key in pairs for a in s.accesses])
        concerns = (self.organisation_id,)
        return [Fact(ServiceTakenOver, ("service", key), concerns, after=Canonical(s.after)) for s, key in pairs]


def _insert_people(columns: Sequence[Columns]) -> Sequence[int]:
    keys = reserve_keys(Person, len(columns))
    rows: list[tuple[Any, ...]] = [(key, *own) for key, own in zip(keys, columns, strict=True)]
    insert_rows(Person, ("id", *PERSON_COLUMNS), rows)
    return keys

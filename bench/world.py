"""Makes a world of any size in a data folder of its own: fictional sponsors, services, domains and accesses.

`./openbeian bench world --services 1000000 --sponsors 400000 --out FOLDER`
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

BATCH = 5_000
PEOPLE = 1_000
"""How many responsible persons share all the records: the world is about the record, not about them."""
SEED = 20261121
_AT = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)


def run(arguments: Sequence[str]) -> int:
    """Makes the world and prints its figures as JSON."""
    parser = argparse.ArgumentParser(prog="openbeian bench world", description=__doc__)
    parser.add_argument("--services", type=int, default=1_000_000)
    parser.add_argument("--sponsors", type=int, default=400_000)
    parser.add_argument("--out", type=Path, required=True, help="a new folder, used as OPENBEIAN_HOME")
    chosen = parser.parse_args(arguments)
    if (chosen.out / "openbeian.sqlite3").exists():
        parser.error(f"{chosen.out} holds a database already; choose a new folder")
    chosen.out.mkdir(parents=True, exist_ok=True)
    open_home(chosen.out)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    start = time.perf_counter()
    counts = generate_world(chosen.services, chosen.sponsors)
    print(json.dumps({**counts, "seconds": round(time.perf_counter() - start, 1), "home": str(chosen.out)}))
    return 0


def open_home(home: Path) -> None:
    """Makes a data folder the one that Django works on; before Django is set up."""
    os.environ["OPENBEIAN_HOME"] = str(home.resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openbeian.settings")
    import django

    django.setup()


def generate_world(services: int, sponsors: int, seed: int = SEED) -> dict[str, int]:
    """Fills an empty record; the same seed makes the same names, numbers and domains. Memory stays bounded."""
    from django.db import transaction

    from openbeian.registry.name_index import name_index_built_afterwards

    with transaction.atomic(), name_index_built_afterwards():
        builder = _Builder(Random(seed), sponsors, services)
        builder.build()
    return builder.counts


class _Builder:
    def __init__(self, random: Random, sponsors: int, services: int) -> None:
        from bench.fictional_names import NameMaker

        self.random, self.names = random, NameMaker(random)
        self.sponsors, self.services = sponsors, services
        self.counts = {"sponsors": 0, "services": 0, "domains": 0, "accesses": 0}

    def build(self) -> None:
        from openbeian.kernel.provinces import PROVINCES

        self.provinces = [p.abbreviation for p in PROVINCES]
        self.serials = dict.fromkeys(self.provinces, 0)
        self.prepare()
        made: Iterator[int] = iter(range(self.sponsors))
        while batch := list(islice(made, BATCH)):
            self.build_batch(batch)

    def prepare(self) -> None:
        """What all records share: an organisation, people, providers and sealed values."""
        from openbeian.accounts.models import Organisation
        from openbeian.privacy.fields import compute_fingerprint
        from openbeian.registry.models import Person, Provider, Sponsor

        self.organisation = Organisation.objects.create(name="基准测试世界", kind="owner", created_at=_AT)
        people = [
            Person(
                name=self.names.person().text,
                mobile=f"139{n:08}",
                mobile_fingerprint=compute_fingerprint(f"139{n:08}", "mobile"),
                email=f"person{n}@example.cn",
                email_fingerprint=compute_fingerprint(f"person{n}@example.cn", "email"),
                certificate_type="resident_id",
                certificate_number=f"{n:018}",
                certificate_fingerprint=compute_fingerprint(f"{n:018}", "certificate"),
            )
            for n in range(PEOPLE)
        ]
        self.people = [p.pk for p in Person.objects.bulk_create(people)]
        self.providers = [
            p.pk
            for p in Provider.objects.bulk_create(
                Provider(name=f"示例云{n}", kind="access_provider", provinces=[]) for n in range(20)
            )
        ]
        address = Sponsor._meta.get_field("address").get_prep_value("示例市示例区示例路1号")
        number = Sponsor._meta.get_field("certificate_number").get_prep_value("91110000000000000X")
        self.sealed = {"address": address, "certificate_number": number}

    def build_batch(self, batch: list[int]) -> None:
        from openbeian.registry.models import Access, Service, ServiceDomain, Sponsor

        sponsors, services, domains, accesses = [], [], [], []
        for index in batch:
            sponsor = self.sponsor(index)
            sponsors.append(sponsor)
            # Sponsors share the services evenly to within one, in the order of their ids.
            first, last = (self.services * i // self.sponsors for i in (index, index + 1))
            sponsor["last_service_sequence"] = last - first
            for sequence, number in enumerate(range(first, last), start=1):
                services.append(self.service(number, sequence, sponsor))
                domains.append(
                    {"id": number + 1, "service_id": number + 1, "domain": self.names.domain(number), "is_live": True}
                )
                accesses.append(self.access(number))
        for model, rows in ((Sponsor, sponsors), (Service, services), (ServiceDomain, domains), (Access, accesses)):
            _insert(model, rows)
        for name, made in zip(self.counts, (sponsors, services, domains, accesses), strict=True):
            self.counts[name] += len(made)

    def day(self) -> date:
        return date(2016, 1, 1) + timedelta(days=self.random.randrange(3900))

    def sponsor(self, index: int) -> dict[str, Any]:
        from openbeian.kernel.numbers import format_filing_number
        from openbeian.registry.name_grams import compute_grams

        province = self.random.choice(self.provinces)
        self.serials[province] += 1
        serial = self.serials[province]
        is_person = self.random.random() < 0.2
        name = self.names.person() if is_person else self.names.company()
        day = self.day()
        return {
            "id": index + 1,
            "organisation_id": self.organisation.pk,
            "number": format_filing_number(province, 2016 + serial % 10, serial),
            "province": province,
            "nature": "individual" if is_person else "enterprise",
            "name": name.text,
            "initials": name.initials,
            "name_grams": "" if is_person else compute_grams(name.text),
            "region": "110101",
            "certificate_type": "resident_id" if is_person else "uscc",
            "certificate_fingerprint": f"{self.random.getrandbits(128):032x}",
            "certificate_address": "",
            "legal_representative": "",
            "remark": "",
            "person_id": self.random.choice(self.people),
            "standing": "active",
            "granted_on": day,
            "confirmed_on": day,
            "changed_at": _AT,
            **self.sealed,
        }

    def service(self, number: int, sequence: int, sponsor: dict[str, Any]) -> dict[str, Any]:
        from openbeian.registry.name_grams import compute_grams

        kind, letter = self.random.choice((("website", ""), ("website", ""), ("app", "A"), ("mini_program", "X")))
        name = self.names.site()
        return {
            "id": number + 1,
            "sponsor_id": sponsor["id"],
            "sequence": sequence,
            "number": f"{sponsor['number']}-{sequence}{letter}",
            "kind": kind,
            "name": name.text,
            "initials": name.initials,
            "name_grams": compute_grams(name.text),
            "home_url": "",
            "contents": "[]",
            "languages": "[]",
            "approvals": "[]",
            "app": "{}",
            "remark": "",
            "person_id": sponsor["person_id"],
            "standing": "active",
            "granted_on": sponsor["granted_on"],
            "changed_at": _AT,
        }

    def access(self, number: int) -> dict[str, Any]:
        return {
            "id": number + 1,
            "service_id": number + 1,
            "provider_id": self.random.choice(self.providers),
            "mode": "cloud",
            "place": "110000",
            "ip_ranges": "[]",
            "granted_on": date(2026, 1, 1),
        }


def _insert(model: Any, rows: list[dict[str, Any]]) -> None:
    """Rows as they stand in the table, past Django's objects: five times as fast."""
    from django.db import connection

    if not rows:
        return
    columns = list(rows[0])
    quoted = ", ".join(connection.ops.quote_name(c) for c in columns)
    marks = ", ".join(["%s"] * len(columns))
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({quoted}) VALUES ({marks})", _tuples(rows, columns))


def _tuples(rows: Iterable[dict[str, Any]], columns: list[str]) -> list[tuple[Any, ...]]:
    def plain(value: Any) -> Any:
        return (
            value.isoformat(" ")
            if isinstance(value, datetime)
            else value.isoformat()
            if isinstance(value, date)
            else value
        )

    return [tuple(plain(row[c]) for c in columns) for row in rows]

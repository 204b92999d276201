"""Makes a portfolio's rows ready for the record as far as no record is needed for it: read, checked, sealed, described.

Pure, so that another process can do it (`portfolio_helper`); what it gives is plain tuples that marshal carries.
"""

from __future__ import annotations

import marshal
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from json import dumps
from operator import attrgetter
from typing import Any, NamedTuple

from openbeian.journal.decisions import Canonical, canonise_list, canonise_view
from openbeian.privacy.sealing import Sealer
from openbeian.registry.decisions import AccessValues, PersonValues, SponsorValues
from openbeian.registry.journal_view import view_person, view_service_columns, view_sponsor_columns
from openbeian.registry.portfolio import PortfolioReader
from openbeian.registry.portfolio_rows import HeldService, HeldSponsor, RowProblem
from openbeian.registry.record_columns import describe_person, describe_service, describe_sponsor
from openbeian.rules.code_tables import CodeTables

SPONSOR_COLUMNS = (
    "number",
    "province",
    "nature",
    "certificate_type",
    "certificate_number",
    "certificate_fingerprint",
    "name",
    "initials",
    "name_grams",
    "region",
    "address",
    "certificate_address",
    "certificate_until",
    "legal_representative",
    "remark",
    "standing",
)
PERSON_COLUMNS = (
    "name",
    "mobile",
    "mobile_fingerprint",
    "emergency_phone",
    "email",
    "email_fingerprint",
    "certificate_type",
    "certificate_number",
    "certificate_fingerprint",
    "certificate_from",
    "certificate_until",
)
SERVICE_COLUMNS = (
    "number",
    "sequence",
    "kind",
    "granted_on",
    "name",
    "initials",
    "name_grams",
    "home_url",
    "remark",
    "contents",
    "languages",
    "approvals",
    "app",
    "standing",
)
ACCESS_COLUMNS = ("provider_id", "mode", "place", "ip_ranges", "granted_on")
_SEALED = {
    "registry_person": ("name", "mobile", "emergency_phone", "email", "certificate_number"),
    "registry_sponsor": ("certificate_number", "address", "certificate_address", "legal_representative"),
}
_ACTIVE = "active"
_NO_DAY = '"confirmed_on":""'
"""Where a sponsor's entry lacks its day; a quotation mark within a value is escaped, so this stands there once."""

_NONE, _NOTHING = Canonical("[]"), Canonical("{}")

Columns = tuple[Any, ...]


class ReadySponsor(NamedTuple):
    """A sponsor as its rows tell of it; columns are empty where only a check was asked for.

    `digest` is equal for equal values, `certificate` the fingerprint of its number, `granted_on` an ISO day or empty,
    `after` the canonical JSON of its entry in the journal.
    """

    number: str
    digest: bytes
    certificate: str
    granted_on: str
    person: Columns
    columns: Columns
    after: str

    def tell(self, granted_on: str) -> str:
        """`after` with the day that the sponsor takes from its first service, where it has none of its own."""
        return self.after.replace(_NO_DAY, f'"confirmed_on":"{granted_on}"', 1)


class ReadyService(NamedTuple):
    """A service as its row tells of it; `claim` is its place in its sponsor's sequence, whatever its kind."""

    claim: str
    sequence: int
    granted_on: str
    digest: bytes
    domains: tuple[str, ...]
    person: Columns
    columns: Columns
    accesses: tuple[Columns, ...]
    after: str


class ReadyRow(NamedTuple):
    """A good row: its number in the sheet, its sponsor and its service."""

    number: int
    sponsor: ReadySponsor
    service: ReadyService | None

    @property
    def granted_on(self) -> str:
        """When the sponsor was granted: its own day, else the service's."""
        return self.sponsor.granted_on or (self.service.granted_on if self.service else "")


@dataclass(frozen=True, slots=True)
class ReadyBatch:
    """Some rows of the sheet in its order: the good ones, and what is wrong with each of the others."""

    rows: list[ReadyRow]
    refused: list[list[RowProblem]]

    @property
    def count(self) -> int:
        return len(self.rows) + len(self.refused)


@dataclass(frozen=True, slots=True)
class Setting:
    """What rows are read under: where the columns stand, the code tables, the provider register, and today."""

    heading: int
    placed: Mapping[str, int]
    tables: CodeTables
    providers: Mapping[str, int]
    on: date


class Preparer:
    """Prepares batches of one sheet. `get_sealer` is asked for every batch, as the key may change meanwhile."""

    def __init__(self, setting: Setting, get_sealer: Callable[[], Sealer]) -> None:
        self._heading, self._get_sealer = setting.heading, get_sealer
        self._reader = PortfolioReader(setting.placed, setting.tables, setting.providers, setting.on)

    def prepare(self, first: int, batch: bytes, *, whole: bool, most: int | None = None) -> bytes:
        """A batch of the sheet's rows, numbered from `first`, for `unpack_batch`; `whole` with all that is written.

        Lines above the heading and empty ones do not count; at most the first `most` of the others are read.
        """
        sealer = self._get_sealer()
        describe = _Description(sealer) if whole else _Check(sealer)
        rows: list[tuple[Any, ...]] = []
        refused: list[list[RowProblem]] = []
        sponsors: list[tuple[Any, ...]] = []
        known: dict[int, tuple[int, HeldSponsor]] = {}
        for number, cells in enumerate(marshal.loads(batch), start=first):  # noqa: S302  written by our own processes
            if number <= self._heading or not any(map(str.strip, cells)):
                continue
            if most is not None and len(rows) + len(refused) == most:
                break
            row = self._reader.read(number, cells)
            if isinstance(row, list):
                refused.append(row)
                continue
            # The reader gives the same sponsor for the same cells; held here, so that its id stays its own.
            held = known.get(id(row.sponsor))
            if held is None:
                held = known[id(row.sponsor)] = len(sponsors), row.sponsor
                sponsors.append(describe.sponsor(row.sponsor))
            service = describe.service(row.service, row.sponsor) if row.service else None
            rows.append((number, held[0], service))
        return marshal.dumps((rows, sponsors, pickle.dumps(refused) if refused else b""))


def unpack_batch(packed: bytes) -> ReadyBatch:
    rows, sponsors, refused = marshal.loads(packed)  # noqa: S302  written by our own processes
    known = list(map(ReadySponsor._make, sponsors))
    return ReadyBatch(
        [ReadyRow(n, known[at], service and ReadyService._make(service)) for n, at, service in rows],
        pickle.loads(refused) if refused else [],  # noqa: S301
    )


class _Check:
    """Describes as much as tells whether a row may be written."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def fingerprint(self, plain: str, kind: str) -> str:
        return self._sealer.fingerprint(plain, kind) if plain else ""

    def sponsor(self, held: HeldSponsor) -> tuple[Any, ...]:
        certificate = self.fingerprint(held.values.certificate_number, "certificate")
        return (
            held.number,
            _digest(repr(_list_said(held.values)).encode()),
            certificate,
            _day(held.granted_on) or "",
            (),
            (),
            "",
        )

    def service(self, held: HeldService, sponsor: HeldSponsor) -> tuple[Any, ...]:
        day, digest = held.granted_on.isoformat(), _digest(marshal.dumps(held.cells, 2))  # 2: equal for equal cells
        return (held.claim, held.sequence, day, digest, held.values.domains, (), (), (), "")


class _Description(_Check):
    """Describes all that is written, as the database takes it."""

    def __init__(self, sealer: Sealer) -> None:
        super().__init__(sealer)
        self._seals = {t: {c: sealer.prepare_seal(f"{t}.{c}") for c in columns} for t, columns in _SEALED.items()}
        self._seen: dict[PersonValues, tuple[Columns, Canonical]] = {}

    def sponsor(self, held: HeldSponsor) -> tuple[Any, ...]:
        number, digest, certificate, day, *_ = super().sponsor(held)
        values = held.values
        columns = describe_sponsor(values) | {
            "number": held.number,
            "province": held.province,
            "nature": values.nature,
            "certificate_type": values.certificate_type,
            "certificate_number": values.certificate_number,
            "certificate_fingerprint": certificate,
            "standing": _ACTIVE,
            "confirmed_on": day,
        }
        person, seen = self._see(values.person)
        view = view_sponsor_columns(columns, {})
        view["person"] = seen
        columns["certificate_until"] = _day(values.certificate_until)
        self._seal("registry_sponsor", columns)
        written = tuple(columns[c] for c in SPONSOR_COLUMNS)
        return (number, digest, certificate, day, person, written, str(canonise_view(view)))

    def service(self, held: HeldService, sponsor: HeldSponsor) -> tuple[Any, ...]:
        claim, sequence, day, digest, domains, *_ = super().service(held, sponsor)
        values = held.values
        columns = describe_service(values)
        columns["number"], columns["sequence"], columns["kind"] = held.number, sequence, values.kind
        columns["standing"], columns["granted_on"] = _ACTIVE, day
        person, seen = self._see(values.person)
        view = view_service_columns(columns, domains, {})
        # One entry for the service with its accesses, which came with it.
        accesses = [(a, canonise_list(a.ip_ranges)) for a in values.accesses]
        view["accesses"] = canonise_list(_view_access(*access) for access in accesses)
        view["domains"] = canonise_list(view["domains"])
        view["contents"], view["languages"] = _canonise_several(values.contents), _canonise_several(values.languages)
        view["approvals"], view["app"], view["person"] = _NONE, _NOTHING, seen
        columns["contents"], columns["languages"] = _encode(values.contents), _encode(values.languages)
        columns["approvals"], columns["app"] = "[]", "{}"  # a portfolio has no column for them
        written = tuple(map(columns.__getitem__, SERVICE_COLUMNS))
        reached = tuple((a.provider_id, a.mode, a.place, str(ranges), day) for a, ranges in accesses)
        return (claim, sequence, day, digest, domains, person, written, reached, str(canonise_view(view)))

    def _see(self, person: PersonValues) -> tuple[Columns, Canonical]:
        """A person's columns, sealed, and their view in the journal's JSON.

        A sponsor's person mostly answers for its services too, each of which has a row of its own for them. Those of
        one batch are sealed once: equal seals tell no more than the equal fingerprints beside them.
        """
        seen = self._seen.get(person)
        if seen is None:
            columns = describe_person(person, self.fingerprint)
            view = canonise_view(view_person(columns))
            columns["certificate_from"] = _day(person.certificate_from)
            columns["certificate_until"] = _day(person.certificate_until)
            self._seal("registry_person", columns)
            seen = self._seen[person] = tuple(map(columns.__getitem__, PERSON_COLUMNS)), view
        return seen

    def _seal(self, table: str, columns: dict[str, Any]) -> None:
        for column, seal in self._seals[table].items():
            if columns[column]:
                columns[column] = seal(columns[column])


_list_said = attrgetter(
    *(f.name for f in fields(SponsorValues) if f.name != "person"), *(f"person.{f.name}" for f in fields(PersonValues))
)
"""All values of a sponsor side by side; what a data class shows of itself takes four times as long."""


def _digest(said: bytes) -> bytes:
    return blake2b(said, digest_size=12).digest()


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


@lru_cache(1_000)
def _encode(items: tuple[str, ...]) -> str:
    """For the database."""
    return dumps(items)


_canonise_several = lru_cache(1_000)(canonise_list)


def _view_access(access: AccessValues, ranges: Canonical) -> Canonical:
    provider = Canonical(access.provider_id)
    return canonise_view({"provider": provider, "mode": access.mode, "place": access.place, "ip_ranges": ranges})

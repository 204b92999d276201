"""A portfolio: a sheet with one service on record in each row, read into the record's values. Pure.

A cell left empty says nothing: it is neither compared with the record nor written over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple, cast

from openbeian.kernel.certificates import parse_certificate
from openbeian.kernel.errors import Problem, ValueRefused
from openbeian.kernel.numbers import ServiceKind, ServiceNumber, read_suffix
from openbeian.kernel.text import Text
from openbeian.registry.decisions import AccessValues, PersonValues, ServiceValues, SponsorValues
from openbeian.registry.errors import ColumnsMissing, HeadingMissing
from openbeian.registry.portfolio_cells import Read, accept_doubtful, choose_readers, refuse
from openbeian.registry.portfolio_columns import BY_KEY, COLUMNS, SERVICE_KEYS, SPONSOR_KEYS, place_columns
from openbeian.registry.portfolio_rows import HeldService, HeldSponsor, PortfolioRow, RowProblem, problem_at
from openbeian.rules.code_tables import CodeTables

LONGEST_CELL = 2_000
_REMEMBERED = 5_000
_HEADING_WITHIN = 20
_UNSEEN: Any = object()
_ROUNDED_MARK = "#rounded"
# What hardly ever stands in a second row.
_MOSTLY_UNIQUE = frozenset(
    {
        "sponsor.number",
        "sponsor.certificate_number",
        "sponsor.person.certificate_number",
        "service.number",
        "service.name",
        "service.domains",
        "service.home_url",
        "service.person.certificate_number",
    }
)

_EMPTY = Problem(
    Text("必填，但没有填写。", "This is required and empty."), Text("请填写。", "Fill it in."), "portfolio.empty"
)
_TOO_LONG = Problem(Text("内容过长。", "This is too long."), Text("请缩短。", "Shorten it."), "text.too_long")
_ROUNDED = Problem(
    Text("表格软件把长号码舍入了。", "The sheet program rounded this long number."),
    Text("请把该列设为“文本”格式后重新填写号码。", "Format the column as text and type the number again."),
    "portfolio.rounded",
)


def find_heading(rows: Iterable[tuple[int, Sequence[str]]]) -> tuple[int, dict[str, int]]:
    """The number of the row that holds the heading and where each column stands.

    Raises: HeadingMissing, ColumnsMissing.
    """
    best: tuple[int, dict[str, int]] = (0, {})
    for number, cells in rows:
        if number > _HEADING_WITHIN:
            break
        placed = place_columns(cells)
        if len(placed) > len(best[1]):
            best = number, placed
    number, placed = best
    if len(placed) < 3:
        raise HeadingMissing
    missing = [c.heading for c in COLUMNS if c.required and c.key not in placed]
    if missing:
        raise ColumnsMissing(
            columns=Text("、".join(t.zh for t in missing), ", ".join(t.en for t in missing)), row=number
        )
    return number, placed


class PortfolioReader:
    """Reads rows under one heading; equal cells are read once."""

    def __init__(self, placed: Mapping[str, int], tables: CodeTables, providers: Mapping[str, int], on: date) -> None:
        self._tables, self._on = tables, on
        self._readers = choose_readers(tables, providers, on)
        # The columns that the sheet lacks are read from an empty cell behind the last one.
        self._width = max(placed.values()) + 1
        self._cut_sponsor = itemgetter(*(placed.get(key, self._width) for key in SPONSOR_KEYS))
        self._cut_service = itemgetter(*(placed.get(key, self._width) for key in SERVICE_KEYS))
        self.sponsor_columns, self.service_columns = _list_columns(SPONSOR_KEYS), _list_columns(SERVICE_KEYS)
        self._sponsors: dict[tuple[str, ...], HeldSponsor | tuple[tuple[str, str, Problem], ...]] = {}
        self._shared: dict[tuple[str, ...], _Shared | None] = {}
        self._memos = {key: memo for key, _, memo in self.service_columns}

    def read(self, number: int, cells: Sequence[str]) -> PortfolioRow | list[RowProblem]:
        """The row, or everything wrong with it."""
        padded = list(map(str.strip, cells[: self._width]))
        padded += [""] * (self._width + 1 - len(padded))
        sponsor_cells, service_cells = self._cut_sponsor(padded), self._cut_service(padded)
        sponsor = self._sponsors.get(sponsor_cells)
        if sponsor is None:
            if len(self._sponsors) > _REMEMBERED:
                self._sponsors.clear()
            sponsor = self._sponsors[sponsor_cells] = self._read_sponsor(sponsor_cells)
        found = [] if isinstance(sponsor, HeldSponsor) else list(sponsor)
        service = None
        if isinstance(sponsor, HeldSponsor) and (plain := self._read_plain_service(service_cells, sponsor)):
            service = plain
        elif any(service_cells):
            taken = _Taken(self, self.service_columns, service_cells)
            service = taken.service(sponsor if isinstance(sponsor, HeldSponsor) else None)
            found += taken.problems
        elif isinstance(sponsor, HeldSponsor) and sponsor.granted_on is None:
            found.append(("sponsor.granted_on", "", _EMPTY))
        if found or not isinstance(sponsor, HeldSponsor):
            return [problem_at(number, key, value, problem) for key, value, problem in found]
        return PortfolioRow(number, sponsor, service)

    def _read_plain_service(self, cells: tuple[str, ...], sponsor: HeldSponsor) -> HeldService | None:
        """The service of a good row in its usual spelling; any other gives None and is read cell by cell.

        Cells that are the same in many rows are looked at together, and once.
        """
        key = _cut_shared(cells)
        shared = self._shared.get(key, _UNSEEN)
        if shared is _UNSEEN:
            if len(self._shared) > _REMEMBERED:
                self._shared.clear()
            shared = self._shared[key] = self._share(key)
        number, name, domains, home_url, ranges, granted_on = _cut_own(cells)
        suffix = read_suffix(number, sponsor.number)
        if shared is None or suffix is None or not name or name == _ROUNDED_MARK:
            return None
        sequence, kind = suffix
        day = self._memos["service.granted_on"].get(granted_on)
        if day is None and granted_on:
            day = self.interpret("service.granted_on", granted_on, self._memos["service.granted_on"])
        is_long = len(domains) > LONGEST_CELL or len(ranges) > LONGEST_CELL  # the readers bound the others
        if day.__class__ is not date or shared.kind not in ("", kind.value) or is_long:
            return None
        readers = self._readers
        try:
            ip_ranges = readers["access.ip_ranges"](ranges) if ranges else ()
            values = ServiceValues(
                kind=kind.value,
                name=readers["service.name"](name),
                domains=readers["service.domains"](domains) if domains else (),
                home_url=readers["service.home_url"](home_url) if home_url else "",
                contents=shared.contents,
                languages=shared.languages,
                approvals=(),
                remark="",
                person=sponsor.values.person,
                accesses=(AccessValues(shared.provider, shared.mode, shared.place, ip_ranges),)
                if shared.provider
                else (),
            )
        except ValueRefused:
            return None
        if (kind is ServiceKind.WEBSITE and not values.domains) or (ranges and not shared.provider):
            return None
        return HeldService(number, sponsor.number, sequence, day, values, cells)

    def _share(self, cells: tuple[str, ...]) -> _Shared | None:
        """The values of the cells that many rows share; None where one is wrong, or the service has its own person."""
        if any(cells[len(_SHARED) :]):
            return None
        values = []
        for key, text in zip(_SHARED, cells, strict=False):  # the person's come last
            value = self.interpret(key, text, self._memos[key]) if text else _DEFAULTS[key]
            if value.__class__ is Problem:
                return None
            values.append(value)
        shared = _Shared(*values)
        return shared if shared.provider or not (shared.mode or shared.place) else None

    def _read_sponsor(self, cells: tuple[str, ...]) -> HeldSponsor | tuple[tuple[str, str, Problem], ...]:
        taken = _Taken(self, self.sponsor_columns, cells)
        sponsor = taken.sponsor()
        return tuple(taken.problems) if taken.problems else sponsor

    def interpret(self, key: str, text: str, memo: dict[str, Any]) -> Any:
        """The value of a cell that is not empty, or the Problem with it; `memo` keeps it for the next equal cell."""
        value = self._interpret(self._readers[key], text)
        if key not in _MOSTLY_UNIQUE:
            if len(memo) > _REMEMBERED:
                memo.clear()
            memo[text] = value
        return value

    def interpret_certificate(self, kind: str, text: str) -> Any:
        """The number of a certificate of this kind, or the Problem with it."""
        grammar = self._tables.certificates.get(kind).grammar
        return self._interpret(lambda t: parse_certificate(grammar, t, on=self._on).normal, text)

    def _interpret(self, read: Read, text: str) -> Any:
        if len(text) > LONGEST_CELL:
            return _TOO_LONG
        if text == _ROUNDED_MARK:
            return _ROUNDED
        try:
            return accept_doubtful(read, text)
        except ValueRefused as refusal:
            return refusal.problem


_Columns = Sequence[tuple[str, bool, dict[str, Any]]]
"""Of each column its key, whether every row fills it, and the values of the cells seen before."""


def _list_columns(keys: Sequence[str]) -> _Columns:
    return [(key, BY_KEY[key].required, {}) for key in keys]


class _Taken:
    """The values of one row's cells about its sponsor or its service, and what was wrong with them."""

    def __init__(self, reader: PortfolioReader, columns: _Columns, cells: tuple[str, ...]) -> None:
        """Reads all the cells; one that is empty or wrong has its column's default."""
        self.reader, self.columns, self.cells = reader, columns, cells
        self.problems: list[tuple[str, str, Problem]] = []
        taken = self.taken = _DEFAULTS.copy()
        # Most cells are like one seen before; asked here, without a call.
        for (key, required, memo), text in zip(columns, cells, strict=True):
            if not text:
                if required:
                    self.problems.append((key, "", _EMPTY))
                continue
            value = memo.get(text, _UNSEEN)
            if value is _UNSEEN:
                value = reader.interpret(key, text, memo)
            if value.__class__ is Problem:
                self.problems.append((key, text, value))
            else:
                taken[key] = value

    def take_certificate(self, path: str, default_kind: str = "") -> tuple[str, str]:
        """Type and number of a certificate, whose number is read as its type demands."""
        number_key = f"{path}certificate_number"
        kind, text = self.taken[f"{path}certificate_type"], self.taken[number_key]
        if not text:
            return kind, ""
        if not (kind := kind or default_kind):
            return "", ""
        value = self.reader.interpret_certificate(kind, text)
        if value.__class__ is Problem:
            self.problems.append((number_key, text, value))
            return kind, ""
        return kind, value

    def add(self, key: str, problem: Problem) -> None:
        """Says what is wrong with a cell, unless something was already."""
        if all(key != known for known, _, _ in self.problems):
            at = [k for k, _, _ in self.columns].index(key)
            self.problems.append((key, self.cells[at], problem))

    def sponsor(self) -> HeldSponsor:
        taken = self.taken
        number, province = taken["sponsor.number"]
        certificate_type, certificate_number = self.take_certificate("sponsor.")
        person_certificate = self.take_certificate("sponsor.person.", "resident_id")
        values = SponsorValues(
            nature=taken["sponsor.nature"],
            name=taken["sponsor.name"],
            region=taken["sponsor.region"],
            certificate_type=certificate_type,
            certificate_number=certificate_number,
            certificate_address=taken["sponsor.certificate_address"],
            certificate_until=taken["sponsor.certificate_until"],
            address=taken["sponsor.address"],
            legal_representative=taken["sponsor.legal_representative"],
            remark="",
            person=PersonValues(
                name=taken["sponsor.person.name"],
                certificate_type=person_certificate[0],
                certificate_number=person_certificate[1],
                certificate_from=None,
                certificate_until=None,
                mobile=taken["sponsor.person.mobile"],
                emergency_phone=taken["sponsor.person.emergency_phone"],
                email=taken["sponsor.person.email"],
            ),
        )
        return HeldSponsor(number, province, taken["sponsor.granted_on"], values, self.cells)

    def service(self, sponsor: HeldSponsor | None) -> HeldService | None:
        taken = self.taken
        number = cast(ServiceNumber | None, taken["service.number"])
        base = number.base.normal if number else ""
        values = ServiceValues(
            kind=taken["service.kind"] or (number.service_kind.value if number else ""),
            name=taken["service.name"],
            domains=taken["service.domains"],
            home_url=taken["service.home_url"],
            contents=taken["service.contents"],
            languages=taken["service.languages"],
            approvals=(),
            remark="",
            person=self._service_person(sponsor.values.person if sponsor else _NOBODY),
            accesses=self._access(),
        )
        if number is not None:
            self._check_service(number, base, values, sponsor)
        granted_on = taken["service.granted_on"]
        if number is None or granted_on is None:
            return None
        return HeldService(number.normal, base, number.sequence, granted_on, values, self.cells)

    def _service_person(self, person: PersonValues) -> PersonValues:
        if not any(_cut_person(self.taken)):
            return person
        certificate = self.take_certificate("service.person.", "resident_id")
        given = {k: self.taken[f"service.person.{k}"] for k in ("name", "mobile", "email")}
        if not any((*given.values(), *certificate)):
            return person
        if given["name"] and given["name"] != person.name:
            # Somebody else: nothing of the sponsor's person is theirs.
            return replace(_NOBODY, certificate_type=certificate[0], certificate_number=certificate[1], **given)
        said = {k: v for k, v in given.items() if v}
        if certificate[1]:
            said |= {"certificate_type": certificate[0], "certificate_number": certificate[1]}
        return replace(person, **said)

    def _access(self) -> tuple[AccessValues, ...]:
        provider, mode, place, ranges = _cut_access(self.taken)
        if provider:
            return (AccessValues(provider, mode, place, ranges),)
        if mode or place or ranges:
            zh, en = "填写了接入信息，但没有接入服务商。", "There is an access without its provider."
            refusal = refuse("access", zh, en, "请填写接入服务商。", "Name the access provider.")
            self.add("access.provider", refusal.problem)
        return ()

    def _check_service(
        self, number: ServiceNumber, base: str, values: ServiceValues, sponsor: HeldSponsor | None
    ) -> None:
        if values.kind != number.service_kind.value:
            zh, en = "服务类型与号码的后缀不符。", "The kind does not fit the number's suffix."
            self.add("service.kind", refuse("kind", zh, en, "请核对号码与类型。", "Check number and kind.").problem)
        if sponsor and base != sponsor.number:
            zh, en = (
                "服务备案号不在本行的主体备案号之下。",
                "The service number does not belong to the row's filing number.",
            )
            self.add("service.number", refuse("base", zh, en, "请核对两个号码。", "Check both numbers.").problem)
        if values.kind == "website" and not values.domains:
            self.add("service.domains", _EMPTY)


_DEFAULTS: dict[str, Any] = dict.fromkeys(BY_KEY, "") | {
    "sponsor.number": ("", ""),
    "sponsor.certificate_until": None,
    "sponsor.granted_on": None,
    "service.number": None,
    "service.domains": (),
    "service.contents": (),
    "service.languages": (),
    "service.granted_on": None,
    "access.provider": 0,
    "access.ip_ranges": (),
}


class _Shared(NamedTuple):
    """What services of one portfolio mostly have in common."""

    kind: str
    contents: tuple[str, ...]
    languages: tuple[str, ...]
    provider: int
    mode: str
    place: str


_PERSON = tuple(key for key in SERVICE_KEYS if key.startswith("service.person."))
_OWN = (
    "service.number",
    "service.name",
    "service.domains",
    "service.home_url",
    "access.ip_ranges",
    "service.granted_on",
)
_SHARED = (
    "service.kind",
    "service.contents",
    "service.languages",
    "access.provider",
    "access.mode",
    "access.place",
)
_cut_own = itemgetter(*map(SERVICE_KEYS.index, _OWN))
_cut_shared = itemgetter(*map(SERVICE_KEYS.index, (*_SHARED, *_PERSON)))
_cut_person = itemgetter(*_PERSON)
_cut_access = itemgetter("access.provider", "access.mode", "access.place", "access.ip_ranges")
_NOBODY = PersonValues("", "", "", None, None, "", "", "")

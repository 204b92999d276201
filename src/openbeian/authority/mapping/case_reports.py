"""A case becomes one report: which kind follows from what its procedure changes on record; pure.

Nothing is guessed: a code, a number of the administration or a password that is missing is a fault with its field,
and a fault keeps the case from being sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from openbeian.authority.mapping.ground import Ground, Picture, to_range
from openbeian.authority.messages.carriage import OUTSIDE, Cargo, list_obstacles
from openbeian.authority.messages.conditions import list_condition_faults
from openbeian.authority.messages.filing import (
    Access,
    Address,
    Approval,
    Attachment,
    Certificate,
    Domain,
    Person,
    Site,
    Subject,
)
from openbeian.authority.messages.upload import (
    Cancellation,
    Change,
    FilingReports,
    NewAccess,
    NewFiling,
    NewSites,
    Upload,
)
from openbeian.authority.messages.writer import list_faults
from openbeian.cases.decisions.record_values import read_services, read_sponsor
from openbeian.kernel.errors import Fault
from openbeian.kernel.ip_ranges import parse_ip_range
from openbeian.kernel.text import Text
from openbeian.registry.decisions import AccessValues, PersonValues, ServiceValues, SponsorValues

NEW_FILING, NEW_SITES, NEW_ACCESSES, CHANGES, CANCELLATIONS = (
    "new_filings", "new_sites", "new_accesses", "changes", "cancellations",
)  # fmt: skip
_SUBJECT, _SITE = 1, 2
_SCAN_MATERIAL = "prior_approval"
_UNKNOWN = Text("不知道管局给这条记录的编号", "the administration's own number of this record is not known")
_SYNCHRONISE = Text(
    "等管局下发该备案的数据（BASJ、SJTB）后重试，或改走外部通道。",
    "Try again once the administration has sent this filing (BASJ, SJTB), or take the outside channel.",
)
_PASSWORD = Text(
    "在「对接」页登记该主体的备案密码后重试，或改走外部通道。",
    "Record the sponsor's filing password on the interface's page and try again, or take the outside channel.",
)
# Longest texts on the wire, for fields of the form that go there as they are.
_LENGTHS = {"name": 255, "certificate_address": 1024, "address": 1024, "remark": 1024}


@dataclass(frozen=True, slots=True)
class Mapped:
    """A case as it would travel, under which names answers may come, and every reason why it cannot."""

    kind: str
    upload: Upload
    keys: tuple[tuple[int, str], ...]
    faults: tuple[Fault, ...]


def map_case(outcome: Sequence[str], form: Mapping[str, Any], ground: Ground) -> Mapped:
    """Maps the form of a checked case; `outcome` is what its procedure changes."""
    choose = next((choose for name, choose in _CHOICES if name in outcome), None)
    if choose is None:
        raise ValueError(f"no report for a procedure with the outcomes {outcome}")
    mapping = _Mapping(form, ground)
    kind, record, keys = choose(mapping)
    records: dict[str, Any] = {kind: (record,)}
    reports = FilingReports(**records, reporting_unit=ground.provider_number)
    upload = Upload(icp=reports)
    faults = [*list_obstacles(list_cargo(form)), *mapping.faults, *ground.codes.faults]
    if not faults:  # what the wire's grammar says of a half-made document would only repeat them
        found = (*list_faults(upload), *list_condition_faults(upload))
        faults = [Fault(_place(f.field), f.message, OUTSIDE, f.rule, f.value) for f in found]
    return Mapped(kind, upload, tuple((number, str(value)) for number, value in keys), _without_repeats(faults))


def list_cargo(form: Mapping[str, Any]) -> Iterator[Cargo]:
    """Everything of the form that must travel as it stands."""
    sponsor = form["sponsor"]
    for key, length in _LENGTHS.items():
        yield Cargo(f"sponsor.{key}", "text", sponsor.get(key) or "", length)
    yield from _list_person_cargo(sponsor["person"], "sponsor.person")
    for i, service in enumerate(form.get("services", [])):
        path = f"services.{i}"
        yield Cargo(f"{path}.kind", "service_kind", service["kind"])
        for key, length in (("name", 512), ("home_url", 255), ("remark", 1024)):
            yield Cargo(f"{path}.{key}", "text", service.get(key) or "", length)
        if not service["person_is_sponsor_person"]:
            yield from _list_person_cargo(service["person"], f"{path}.person")
        for j, access in enumerate(service["accesses"]):
            for k, text in enumerate(access["ip_ranges"]):
                yield Cargo(f"{path}.accesses.{j}.ip_ranges.{k}", "address", text.partition("-")[0])


def _list_person_cargo(person: Mapping[str, Any], path: str) -> Iterator[Cargo]:
    for key in ("name", "certificate_number", "email"):
        yield Cargo(f"{path}.{key}", "text", person.get(key) or "", 128)


Record = NewFiling | NewSites | NewAccess | Change | Cancellation
Choice = tuple[str, Record, list[tuple[int, object]]]


class _Mapping:
    """One run over one form; collects faults instead of stopping at the first."""

    def __init__(self, form: Mapping[str, Any], ground: Ground) -> None:
        self.form = form
        self.ground = ground
        self.faults: list[Fault] = []
        self.services = read_services(form) if form.get("services") else []

    def new_filing(self) -> Choice:
        subject = self._subject(read_sponsor(self.form), own_id=self.ground.numbering.take("sponsor"))
        sites = tuple(self._new_site(i, values) for i, values in enumerate(self.services))
        papers = self._papers({"": Attachment(owner_kind=_SUBJECT, owner_id=subject.own_id)} | self._owners(sites))
        return NEW_FILING, NewFiling(subject=subject, sites=sites, attachments=papers), [(1, subject.own_id)]

    def new_sites(self) -> Choice:
        number = self.ground.sponsor_number
        sites = tuple(self._new_site(i, values) for i, values in enumerate(self.services))
        papers = self._papers({"": Attachment(owner_kind=_SUBJECT, owner_number=number)} | self._owners(sites))
        record = NewSites(
            subject_number=number, sites=sites, attachments=papers, password_digest=self.ground.password_digest
        )
        keys: list[tuple[int, object]] = [(2, number), *((2, site.own_id) for site in sites)]
        if self.ground.sponsor_authority_id:
            keys.append((2, self.ground.sponsor_authority_id))
        return NEW_SITES, record, keys

    def new_access(self) -> Choice:
        service = self.form["services"][0]
        own = self._own_access(self.services[0])
        own_id = self.ground.numbering.take("services.0.accesses.0")
        access = self._access(own, "services.0.accesses.0", own_id=own_id) if own else Access(own_id=own_id)
        if not self.ground.password_digest:
            self._fault("sponsor", Text("新增接入须带备案密码", "a new access needs the filing password"), _PASSWORD)
        number = str(service.get("number") or "")
        record = NewAccess(
            site_number=number,
            own_id=own_id,
            server_places=access.server_places,
            modes=access.modes,
            ranges=access.ranges,
            attachments=self._papers({}),
            password_digest=self.ground.password_digest,
        )
        return NEW_ACCESSES, record, [(3, own_id), (3, number)]

    def change(self) -> Choice:
        subject_id = self._sponsor_id()
        subject = self._subject(read_sponsor(self.form), authority_id=subject_id)
        typed = [(i, str(s["key"]), str(s.get("number") or "")) for i, s in enumerate(self.form.get("services", []))]
        sites = [self._known_site(key, number, self.services[i], f"services.{i}") for i, key, number in typed]
        if not sites:
            recorded = [s for s in self.ground.on_record if s.values.kind == "website"]
            sites = [self._known_site(s.key, s.number, s.values, "services") for s in recorded]
        if not sites:
            message = Text("V3.0 的变更须带至少一个网站", "a change over V3.0 carries at least one website")
            self._fault("services", message, OUTSIDE)
        owners = {"": Attachment(owner_kind=_SUBJECT, owner_id=subject_id)}
        owners |= {f"services.{i}": Attachment(owner_kind=_SITE, owner_id=s.authority_id) for i, s in enumerate(sites)}
        record = Change(
            subject=subject,
            sites=tuple(sites),
            attachments=self._papers(owners),
            password_digest=self.ground.password_digest,
        )
        return CHANGES, record, [(4, subject_id), (4, self.ground.sponsor_number)]

    def cancel_sponsor(self) -> Choice:
        if not self.ground.password_digest:
            self._fault("sponsor", Text("注销主体须带备案密码", "cancelling a sponsor needs the password"), _PASSWORD)
        return self._cancel(0, 6, self._sponsor_id())

    def cancel_service(self) -> Choice:
        known = self.ground.sites.get(str(self.form["services"][0]["key"]))
        if known is None:
            self._fault("services.0", _UNKNOWN, _SYNCHRONISE)
        return self._cancel(1, 7, known.authority_id if known else None)

    def cancel_access(self) -> Choice:
        known = self.ground.sites.get(str(self.form["services"][0]["key"]))
        accesses = known.accesses if known else ()
        own = next((a.authority_id for a in accesses if a.provider_id == self.ground.provider_number), None)
        if own is None:
            self._fault("services.0.accesses.0", _UNKNOWN, _SYNCHRONISE)
        return self._cancel(2, 5, own)

    def _cancel(self, scope: int, operation: int, record_id: int | None) -> Choice:
        record = Cancellation(
            scope=scope,
            record_id=record_id,
            reason=self.ground.codes.find_reason("reason"),
            reason_note=(self.form.get("reason") or "").strip() or None,
            password_digest=self.ground.password_digest,
        )
        return CANCELLATIONS, record, [(operation, record_id)]

    def _sponsor_id(self) -> int | None:
        if self.ground.sponsor_authority_id is None:
            self._fault("sponsor", _UNKNOWN, _SYNCHRONISE)
        return self.ground.sponsor_authority_id

    def _subject(self, values: SponsorValues, *, own_id: int | None = None, authority_id: int | None = None) -> Subject:
        codes = self.ground.codes
        return Subject(
            own_id=own_id,
            authority_id=authority_id,
            number=self.ground.sponsor_number or None,
            name=values.name,
            nature=codes.find("natures", values.nature, "sponsor.nature"),
            address=_address(values.region, values.address),
            certificate=Certificate(
                kind=codes.find("certificate_kinds", values.certificate_type, "sponsor.certificate_type"),
                number=values.certificate_number,
                registered_address=values.certificate_address,
            ),
            person=self._person(values.person, "sponsor.person"),
            reported_by_provider=True,
            note=values.remark or None,
        )

    def _person(self, values: PersonValues, path: str) -> Person:
        """The emergency phone stands in for the office phone, which forms of today no longer ask."""
        return Person(
            name=values.name,
            office_phone=values.emergency_phone or None,
            mobile=values.mobile,
            email=values.email,
            certificate_kind=self.ground.codes.find(
                "certificate_kinds", values.certificate_type, f"{path}.certificate_type"
            ),
            certificate_number=values.certificate_number,
        )

    def _new_site(self, i: int, values: ServiceValues) -> Site:
        path, take = f"services.{i}", self.ground.numbering.take
        own_id = take(path)
        domains = tuple(Domain(own_id=take(f"{path}.domains.{name}"), name=name) for name in values.domains)
        accesses = tuple(
            self._access(access, f"{path}.accesses.{j}", own_id=take(f"{path}.accesses.{j}"))
            for j, access in enumerate(values.accesses)
        )
        return self._site(values, path, own_id=own_id, domains=domains, accesses=accesses)

    def _known_site(self, key: str, number: str, values: ServiceValues, path: str) -> Site:
        """A site as it shall stand: other providers' accesses go back as the administration sent them."""
        known, take = self.ground.sites.get(key), self.ground.numbering.take
        if known is None:
            self._fault(path, _UNKNOWN, _SYNCHRONISE)
            return Site()
        domains = tuple(
            Domain(own_id=take(f"{path}.domains.{name}"), authority_id=known.domains.get(name), name=name)
            for name in values.domains
        )
        accesses = []
        for access in known.accesses:
            typed = self._own_access(values) if access.provider_id == self.ground.provider_number else None
            place = f"{path}.accesses.{access.authority_id}"
            if typed:
                accesses.append(self._access(typed, place, own_id=take(place), known=access))
            else:
                ranges = tuple(replace(r, own_id=take(f"{place}.{n}")) for n, r in enumerate(access.ranges))
                accesses.append(replace(access, own_id=take(place), provider_id=None, ranges=ranges))
        return self._site(
            values, path, authority_id=known.authority_id, number=number, domains=domains, accesses=tuple(accesses)
        )

    def _site(self, values: ServiceValues, path: str, **identity: Any) -> Site:
        codes = self.ground.codes
        scans = tuple(p.content for p in self.ground.pictures if p.material == _SCAN_MATERIAL and p.path == path)
        approvals = tuple(
            Approval(
                kind=codes.find("approval_kinds", str(a["kind"]), f"{path}.approvals"),
                number=str(a["number"]),
                scans=scans[:10],
            )
            for a in values.approvals
        )
        return Site(
            name=values.name,
            approvals=approvals,
            contents=codes.find_all("contents", values.contents, f"{path}.contents"),
            languages=codes.find_all("languages", values.languages, f"{path}.languages"),
            person=self._person(values.person, f"{path}.person"),
            home_page=values.home_url or None,
            note=values.remark or None,
            **identity,
        )

    def _own_access(self, values: ServiceValues) -> AccessValues | None:
        return next((a for a in values.accesses if a.provider_id == self.ground.provider_id), None)

    def _access(self, values: AccessValues, path: str, *, own_id: int, known: Access | None = None) -> Access:
        mode = self.ground.codes.find("access_modes", values.mode, f"{path}.mode")
        place = self.ground.codes.find_place(values.place, f"{path}.place")
        held = {(r.first, r.last): r.authority_id for r in known.ranges} if known else {}
        ranges = []
        for k, text in enumerate(values.ip_ranges):
            found = to_range(parse_ip_range(text), own_id=self.ground.numbering.take(f"{path}.ip_ranges.{k}"))
            ranges.append(replace(found, authority_id=held.get((found.first, found.last))))
        return Access(
            own_id=own_id,
            authority_id=known.authority_id if known else None,
            server_places=() if place is None else (place,),
            modes=() if mode is None else (mode,),
            ranges=tuple(ranges),
        )

    def _owners(self, sites: Sequence[Site]) -> dict[str, Attachment]:
        return {f"services.{i}": Attachment(owner_kind=_SITE, owner_id=site.own_id) for i, site in enumerate(sites)}

    def _papers(self, owners: Mapping[str, Attachment]) -> tuple[Attachment, ...]:
        """Papers with a purpose on the wire, each with its owner; approvals travel inside their site."""
        return tuple(
            _attach(picture, owners[picture.path])
            for picture in self.ground.pictures
            if picture.purpose is not None and picture.path in owners
        )

    def _fault(self, path: str, message: Text, fix: Text) -> None:
        self.faults.append(Fault(path, message, fix, "v3.unknown"))


def _attach(picture: Picture, owner: Attachment) -> Attachment:
    return Attachment(
        format=picture.format,
        purpose=picture.purpose,
        content=picture.content,
        owner_kind=owner.owner_kind,
        owner_id=owner.owner_id,
        owner_number=owner.owner_number,
    )


def _address(region: str, street: str) -> Address:
    """Province, city and county of a six-digit code; a code that ends at the city has no county."""
    county = None if region.endswith("00") else int(region)
    return Address(province=int(region[:2] + "0000"), city=int(region[:4] + "00"), county=county, street=street)


def _place(field: str) -> str:
    """A place in the document as a place in the form, as far as they correspond."""
    words = field.split(".")[3:]
    if words[:1] == ["subject"]:
        return ".".join(["sponsor", *words[1:]])
    if words[:1] == ["sites"]:
        return ".".join(["services", *words[1:]])
    return ".".join(words) or "sponsor"


def _without_repeats(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    seen: dict[tuple[str, str, str], Fault] = {}
    for fault in faults:
        seen.setdefault((fault.field, fault.rule, fault.message.en), fault)
    return tuple(seen.values())


# The first outcome that a procedure has decides: a first filing also records services and accesses.
_CHOICES: tuple[tuple[str, Callable[[_Mapping], Choice]], ...] = (
    ("record_sponsor", _Mapping.new_filing),
    ("record_services", _Mapping.new_sites),
    ("record_accesses", _Mapping.new_access),
    ("cancel_sponsor", _Mapping.cancel_sponsor),
    ("cancel_service", _Mapping.cancel_service),
    ("cancel_access", _Mapping.cancel_access),
    ("change_sponsor", _Mapping.change),
    ("change_service", _Mapping.change),
    ("change_services", _Mapping.change),
    ("change_accesses", _Mapping.change),
)

"""What the simulated bureau's machine checks in a reported record, answered with the specified data-processing code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from openbeian.authority.interface import get_code_table
from openbeian.authority.messages.conditions import list_condition_faults
from openbeian.authority.messages.filing import Access, Site
from openbeian.authority.messages.upload import (
    Cancellation,
    Change,
    FilingReports,
    NewAccess,
    NewFiling,
    NewSites,
    Upload,
)
from openbeian.authority.simulator.desk import Reviewable
from openbeian.authority.simulator.library import Held, Library

_BY_FIELD = {
    "nature": 1014,
    "name": 1044,
    "office_phone": 1010,
    "mobile": 1011,
    "email": 1009,
    "password_digest": 1018,
    "content": 5010,
}


def inspect(record: Reviewable, library: Library) -> int | None:
    """The code of the first thing wrong with a record, or None."""
    return _check_conditions(record) or _INSPECT[type(record)](record, library)


def find_subject(library: Library, record: NewSites) -> Held | None:
    if record.subject_number is not None:
        return library.find("subject_number", record.subject_number)
    return library.find("subject_id", record.subject_id)


def find_site(library: Library, site_id: int | None, number: str | None) -> tuple[Held, Site] | None:
    held = library.find("site_number", number) if number is not None else library.find("site_id", site_id)
    if held is None:
        return None
    return held, next(
        s for s in held.filing.sites if number == s.number or (number is None and site_id == s.authority_id)
    )


def find_cancelled(library: Library, record: Cancellation) -> Held | None:
    return library.find({0: "subject_id", 1: "site_id", 2: "access_id"}[record.scope or 0], record.record_id)


def _check_conditions(record: Reviewable) -> int | None:
    fields = {NewFiling: "new_filings", NewSites: "new_sites", NewAccess: "new_accesses", Change: "changes"}
    reported: dict[str, Any] = {fields.get(type(record), "cancellations"): (record,)}
    reports = FilingReports(**reported)
    for fault in list_condition_faults(Upload(icp=reports)):
        return _BY_FIELD.get(fault.field.rpartition(".")[2], 5010 if fault.rule == "v3.attachment_size" else 5001)
    return None


def _inspect_new_filing(record: NewFiling, library: Library) -> int | None:
    subject = record.subject
    if subject is None or subject.certificate is None:
        return 1008
    if library.find("own_subject", subject.own_id):
        return 1037
    if library.find("certificate", f"{subject.certificate.kind}:{subject.certificate.number}"):
        return 1003
    return _inspect_sites(record.sites, library, None)


def _inspect_new_sites(record: NewSites, library: Library) -> int | None:
    held = find_subject(library, record)
    if held is None:
        return 1058
    if not held.accepts(record.password_digest):
        return 1018
    if any(library.find("own_site", site.own_id) for site in record.sites):
        return 1037
    return _inspect_sites(record.sites, library, None)


def _inspect_new_access(record: NewAccess, library: Library) -> int | None:
    found = find_site(library, record.site_id, record.site_number)
    if found is None:
        return 1059
    if not found[0].accepts(record.password_digest or ""):
        return 1018
    if library.find("own_access", record.own_id):
        return 1038
    return _inspect_accesses([Access(server_places=record.server_places, modes=record.modes, ranges=record.ranges)])


def _inspect_change(record: Change, library: Library) -> int | None:
    subject = record.subject
    held = library.find("subject_id", subject.authority_id if subject else None)
    if held is None or subject is None or subject.number != held.number:
        return 1016
    if not held.accepts(record.password_digest):
        return 1018
    old = held.filing.subject
    if old and old.address and subject.address and old.address.province != subject.address.province:
        return 1046
    known = {site.authority_id: {a.authority_id for a in site.accesses} for site in held.filing.sites}
    for site in record.sites:
        if site.authority_id not in known:
            return 1059
        if any(access.authority_id not in known[site.authority_id] for access in site.accesses):
            return 1016
    return _inspect_sites(record.sites, library, held.subject_id)


def _inspect_cancellation(record: Cancellation, library: Library) -> int | None:
    held = find_cancelled(library, record)
    if held is None:
        return {0: 1058, 1: 1059}.get(record.scope or 0, 1016)
    if not held.accepts(record.password_digest):
        return 1018
    if record.scope == 2:
        site = next(s for s in held.filing.sites if any(a.authority_id == record.record_id for a in s.accesses))
        if len(site.accesses) == 1:
            return 1025
    return None


def _inspect_sites(sites: Sequence[Site], library: Library, subject_id: int | None) -> int | None:
    reported = [(domain.name or "").lower() for site in sites for domain in site.domains]
    if len(set(reported)) != len(reported):
        return 1039
    if any(library.is_domain_taken(name, subject_id) for name in reported):
        return 1005
    for site in sites:
        code = _inspect_site(site)
        if code is not None:
            return code
    return None


def _inspect_site(site: Site) -> int | None:
    names = [(domain.name or "").lower() for domain in site.domains]
    if any("." not in name.strip(".") for name in names):
        return 1004
    for table, codes, answer in (("contents", site.contents, 1034), ("languages", site.languages, 1066)):
        if not set(codes) <= set(get_code_table(table)):
            return answer
    if site.home_page and not _is_home_page_of(site.home_page, names):
        return 1041
    return _inspect_accesses(site.accesses)


def _is_home_page_of(home_page: str, names: Iterable[str]) -> bool:
    try:
        host = (urlsplit(home_page if "//" in home_page else f"//{home_page}").hostname or "").lower()
    except ValueError:
        return False
    return any(host == name or host.endswith(f".{name}") for name in names)


def _inspect_accesses(accesses: Sequence[Access]) -> int | None:
    for access in accesses:
        if not set(access.modes) <= set(get_code_table("access_modes")):
            return 1035
        if not set(access.server_places) <= set(get_code_table("server_places")):
            return 1036
        if any(r.first is None or r.last is None or r.first > r.last for r in access.ranges):
            return 1006
    return None


_INSPECT: dict[type, Callable[..., int | None]] = {
    NewFiling: _inspect_new_filing,
    NewSites: _inspect_new_sites,
    NewAccess: _inspect_new_access,
    Change: _inspect_change,
    Cancellation: _inspect_cancellation,
}

"""Filings as an administration publishes them (BASJ, SJTB, ZXSJ): numbers for our cases, and its numbers of our records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from openbeian.authority.answers import UNANSWERED, find_reports, grant_report, read_waiting
from openbeian.authority.mapping.ground import write_access
from openbeian.authority.messages.download import Cancelled
from openbeian.authority.messages.filing import Filing, Site
from openbeian.authority.messages.reader import read_upload
from openbeian.authority.models import Connection, Counterpart, Report
from openbeian.registry.models import Service, Sponsor

_NEW_FILING, _NEW_SITES = 1, 2
_SCOPES = {0: Counterpart.Kind.SPONSOR, 1: Counterpart.Kind.SERVICE}


def apply_filings(connection: Connection, filings: Iterable[Filing]) -> None:
    """Grants the cases whose numbers these filings bring, then remembers the administration's numbers."""
    filings = [filing for filing in filings if filing.subject is not None]
    own_ids = [part.own_id for filing in filings for part in (filing.subject, *filing.sites) if part is not None]
    waiting = read_waiting(connection, "icp", own_ids)
    for filing in filings:
        if filing.subject is None:
            continue
        names = [(_NEW_FILING, filing.subject.own_id), *((_NEW_SITES, site.own_id) for site in filing.sites)]
        for operation, own_id in names:
            for report_id in find_reports(connection, "icp", operation, own_id, waiting=waiting):
                _grant(Report.objects.select_for_update(of=("self",)).get(pk=report_id), filing)
        learn_numbers(connection, filing)


def learn_numbers(connection: Connection, filing: Filing) -> None:
    """Ties the administration's numbers to our rows, found by filing number; what we do not hold is passed over."""
    subject = filing.subject
    if subject is None or not subject.number or subject.authority_id is None:
        return
    sponsor = Sponsor.objects.filter(number=subject.number).first()
    if sponsor is None:
        return
    _remember(connection, Counterpart.Kind.SPONSOR, sponsor.pk, subject.authority_id, {})
    services = dict(sponsor.services.values_list("number", "pk"))
    for site in filing.sites:
        if site.number in services and site.authority_id is not None:
            details = {
                "domains": {d.name: d.authority_id for d in site.domains if d.name and d.authority_id},
                "accesses": [write_access(access) for access in site.accesses],
            }
            _remember(connection, Counterpart.Kind.SERVICE, services[site.number], site.authority_id, details)


def list_unexpected(connection: Connection, cancelled: Iterable[Cancelled]) -> list[Cancelled]:
    """Forgets the numbers of what was struck; returns what still stands on our record, for a person to see."""
    unexpected = []
    for struck in cancelled:
        kind = _SCOPES.get(struck.scope if struck.scope is not None else -1)
        if kind is None or struck.record_id is None:
            continue
        known = Counterpart.objects.filter(connection=connection, kind=kind, authority_id=struck.record_id).first()
        if known is None:
            continue
        table = Sponsor if kind == Counterpart.Kind.SPONSOR else Service
        record = table.objects.filter(pk=known.record_id).first()
        if record is not None and record.standing != "cancelled":
            unexpected.append(struck)
        known.delete()
    return unexpected


def _grant(report: Report, filing: Filing) -> None:
    """Grants with the numbers in the order of the case's form; with one missing the report waits for a later file."""
    if report.state not in UNANSWERED or filing.subject is None or not filing.subject.number:
        return
    numbers = _sort_numbers(report, filing.sites)
    if numbers and all(numbers):
        grant_report(report, filing.subject.number, numbers)


def _sort_numbers(report: Report, sites: Iterable[Site]) -> list[str]:
    """The number of each site we reported, found by our own number, else by one of its domains."""
    icp = read_upload(report.content.encode("gbk")).document.icp
    if icp is None:
        return []
    reported = (icp.new_filings[0] if icp.new_filings else icp.new_sites[0]).sites
    by_own = {site.own_id: site.number or "" for site in sites if site.own_id}
    by_domain = {(d.name or "").lower(): site.number or "" for site in sites for d in site.domains}
    numbers = []
    for site in reported:
        named = [by_domain.get((d.name or "").lower(), "") for d in site.domains]
        numbers.append(by_own.get(site.own_id or 0) or next(filter(None, named), ""))
    return numbers


def _remember(
    connection: Connection, kind: str, record_id: int, authority_id: int, details: Mapping[str, object]
) -> None:
    # JSON keys are text; what is compared later must be what a reload would give.
    Counterpart.objects.update_or_create(
        connection=connection,
        kind=kind,
        record_id=record_id,
        defaults={"authority_id": authority_id, "details": json.loads(json.dumps(details))},
    )

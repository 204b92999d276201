"""Processes uploaded reports about filings: checks each record, applies what was approved, and writes the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from openbeian.authority.errors import DocumentNotSendable
from openbeian.authority.interface import explain_processing
from openbeian.authority.messages.download import Cancelled, FilingNews, FilingResult, Finding, Review
from openbeian.authority.messages.filing import Access, Filing, Site
from openbeian.authority.messages.upload import Cancellation, Change, FilingReports, NewAccess, NewFiling, NewSites
from openbeian.authority.simulator import inspection
from openbeian.authority.simulator.desk import Reviewable, Verdict
from openbeian.authority.simulator.library import Held, Library, format_now

APPROVED, REFUSED, OTHER = 1001, 1002, 1999
OPERATIONS = {NewFiling: 1, NewSites: 2, NewAccess: 3, Change: 4}
CANCELLATIONS = {0: 6, 1: 7, 2: 5}


@dataclass
class Answers:
    """What goes back to the provider after one file."""

    results: list[FilingResult] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    filings: list[Filing] = field(default_factory=list)
    cancelled: list[Cancelled] = field(default_factory=list)

    def list_news(self) -> Sequence[FilingNews]:
        """One message per kind, results first."""
        news = []
        if self.results or self.reviews:
            news.append(FilingNews(results=tuple(self.results), reviews=tuple(self.reviews)))
        if self.filings:
            news.append(FilingNews(filings=tuple(self.filings)))
        if self.cancelled:
            news.append(FilingNews(cancelled=tuple(self.cancelled)))
        return news


class Registrar:
    """Runs inside the caller's transaction."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._apply: dict[type, Callable[..., int | None]] = {
            NewFiling: self._apply_new_filing,
            NewSites: self._apply_new_sites,
            NewAccess: self._apply_new_access,
            Change: self._apply_change,
            Cancellation: self._apply_cancellation,
        }
        self.answers = Answers()

    def process(self, reports: FilingReports, verdicts: Sequence[Verdict]) -> Answers:
        """Applies each record with its verdict, in the order of `list_reviewable`; other reports are just noted."""
        self.answers = Answers()
        for record, verdict in zip(list_reviewable(reports), verdicts, strict=True):
            self._process_record(record, verdict)
        # The schema bounds the operation at 7, so what has no operation of its own answers as a change; ours.
        for verification in reports.verifications:
            subject_id = verification.subject.authority_id if verification.subject else None
            known = self.library.find("subject_id", subject_id) is not None
            self._add_result(APPROVED if known else 1058, 4, str(subject_id))
        for unfiled in reports.unfiled_results:
            self._add_result(APPROVED, 4, unfiled.domain or "")
        for material in reports.materials:
            self._add_result(1060, 4, material.owner_number or str(material.owner_id))
        return self.answers

    def _process_record(self, record: Reviewable, verdict: Verdict) -> None:
        operation = find_operation(record)
        code = inspection.inspect(record, self.library)
        if code is None and verdict.is_approved:
            # A record that could not be published must leave no trace, though the file's other records stay.
            connection = self.library.store.connection
            connection.execute("SAVEPOINT record")
            try:
                code = self._apply[type(record)](record)
            except DocumentNotSendable:
                connection.execute("ROLLBACK TO record")
                code = OTHER
            connection.execute("RELEASE record")
        if code is not None:
            self._add_result(code, operation, identify(record))
            return
        self._add_result(APPROVED if verdict.is_approved else REFUSED, operation, identify(record))
        self.answers.reviews += [
            Review(
                reviewer=verdict.reviewer,
                reviewed_at=format_now(),
                opinion=verdict.opinion or None,
                outcome=int(verdict.is_approved),
                operation=operation,
                record_id=record_id,
            )
            for record_id in list_reviewed_ids(record)
        ]

    def _add_result(self, code: int, operation: int, record: str) -> None:
        finding = Finding(code=code, text=explain_processing(code).meaning.zh)
        self.answers.results.append(FilingResult(findings=(finding,), operation=operation, record=record[:255] or None))

    def _publish(self, held: Held, filing: Filing) -> None:
        self.library.save(replace(held, filing=filing))
        self.answers.filings.append(filing)

    def _apply_new_filing(self, record: NewFiling) -> None:
        held = self.library.enter(Filing(subject=record.subject, sites=record.sites))
        self.answers.filings.append(held.filing)

    def _apply_new_sites(self, record: NewSites) -> int | None:
        held = inspection.find_subject(self.library, record)
        if held is None:
            return 1058
        added = tuple(self.library.number_site(site, held.subject_id, held.number) for site in record.sites)
        self._publish(held, replace(held.filing, sites=held.filing.sites + added))
        return None

    def _apply_new_access(self, record: NewAccess) -> int | None:
        found = inspection.find_site(self.library, record.site_id, record.site_number)
        if found is None:
            return 1059
        held, site = found
        access = self.library.identify_access(
            Access(own_id=record.own_id, server_places=record.server_places, modes=record.modes, ranges=record.ranges)
        )
        self._publish(held, _with_site(held.filing, replace(site, accesses=(*site.accesses, access))))
        return None

    def _apply_change(self, record: Change) -> int | None:
        held = self.library.find("subject_id", record.subject.authority_id if record.subject else None)
        if held is None or held.filing.subject is None or record.subject is None:
            return 1016
        old = held.filing.subject
        subject = replace(
            record.subject,
            own_id=old.own_id,
            reported_by_provider=old.reported_by_provider,
            first_reported_at=old.first_reported_at,
            last_changed_at=format_now(),
        )
        filing = replace(held.filing, subject=subject)
        for site in record.sites:
            filing = _with_site(filing, self._merge_site(held, site))
        self._publish(held, filing)
        return None

    def _merge_site(self, held: Held, changed: Site) -> Site:
        old = next(site for site in held.filing.sites if site.authority_id == changed.authority_id)
        accesses = {access.authority_id: access for access in old.accesses}
        merged = [
            replace(
                access,
                own_id=accesses[access.authority_id].own_id,
                provider_id=accesses[access.authority_id].provider_id,
            )
            for access in changed.accesses
        ]
        return replace(
            changed,
            own_id=old.own_id,
            number=old.number,
            domains=tuple(self.library.identify_domain(domain) for domain in changed.domains),
            accesses=tuple(self.library.identify_access(access) for access in merged),
            first_reported_at=old.first_reported_at,
            last_changed_at=format_now(),
        )

    def _apply_cancellation(self, record: Cancellation) -> int | None:
        held = inspection.find_cancelled(self.library, record)
        if held is None:
            return 1016
        if record.scope == 2:
            site = next(s for s in held.filing.sites if any(a.authority_id == record.record_id for a in s.accesses))
            kept = tuple(access for access in site.accesses if access.authority_id != record.record_id)
            self._publish(held, _with_site(held.filing, replace(site, accesses=kept)))
            return None
        sites = tuple(s for s in held.filing.sites if record.scope == 1 and s.authority_id != record.record_id)
        if record.scope == 1:
            self.answers.cancelled.append(Cancelled(scope=1, record_id=record.record_id))
        if sites:
            self.library.save(replace(held, filing=replace(held.filing, sites=sites)))
        else:  # a subject without a site would be an empty shell; the bureau of the demo strikes it at once
            self.library.strike(held)
            self.answers.cancelled.append(Cancelled(scope=0, record_id=held.subject_id))
        return None


def list_reviewable(reports: FilingReports) -> Sequence[Reviewable]:
    """The records of a file that somebody must decide about, in a fixed order."""
    return (
        *reports.new_filings,
        *reports.new_sites,
        *reports.new_accesses,
        *reports.changes,
        *reports.cancellations,
    )


def find_operation(record: Reviewable) -> int:
    """The operation code (Czlx) under which a record is answered."""
    if isinstance(record, Cancellation):
        return CANCELLATIONS.get(record.scope or 0, 6)
    return OPERATIONS[type(record)]


def identify(record: Reviewable) -> str:
    """What identifies a record in a result (Bs), as the specification prescribes per operation."""
    if isinstance(record, NewFiling):
        return str(record.subject.own_id) if record.subject else ""
    if isinstance(record, NewSites):
        return record.subject_number or str(record.subject_id)
    if isinstance(record, NewAccess):
        return str(record.own_id)
    if isinstance(record, Change):
        return str(record.subject.authority_id) if record.subject else ""
    return str(record.record_id)


def list_reviewed_ids(record: Reviewable) -> Sequence[int | None]:
    """What identifies a record in a review (Jlid), as the specification prescribes per operation."""
    if isinstance(record, NewSites):
        return [site.own_id for site in record.sites]
    if isinstance(record, NewAccess):
        return [record.own_id]
    if isinstance(record, Cancellation):
        return [record.record_id]
    subject = record.subject
    return [subject.own_id if isinstance(record, NewFiling) else subject.authority_id] if subject else []


def _with_site(filing: Filing, changed: Site) -> Filing:
    sites = tuple(changed if site.authority_id == changed.authority_id else site for site in filing.sites)
    return replace(filing, sites=sites)

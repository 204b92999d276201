"""Takes filings that already have their numbers into the record, from a sheet with one service in each row (认领)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.journal.actions.record_events import record_events
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.registry.actions.change_service import change_service
from openbeian.registry.actions.change_sponsor import change_sponsor
from openbeian.registry.actions.record_access import record_access
from openbeian.registry.events import PortfolioImported
from openbeian.registry.models import Provider
from openbeian.registry.portfolio import PortfolioReader, PortfolioRow, find_heading, problem_at
from openbeian.registry.portfolio_held import Held, Judgement
from openbeian.registry.portfolio_matching import Claims, merge_service, merge_sponsor
from openbeian.registry.portfolio_report import ImportReport
from openbeian.registry.portfolio_writing import NewRecords
from openbeian.registry.record_values import service_values, sponsor_values
from openbeian.registry.sheets.reading import Sheet
from openbeian.registry.standing import settle_standing
from openbeian.rules.code_tables import load_code_tables

CHUNK = 2_000
"""Rows in one transaction: long enough to be cheap, short enough that nobody else waits for it."""

Progress = Callable[[int, int], None]


def import_portfolio(
    actor: Actor,
    sheet: Sheet,
    *,
    partial: bool = False,
    update: bool = False,
    check_only: bool = False,
    first_rows: int | None = None,
    progress: Progress = lambda done, total: None,
) -> ImportReport:
    """Records every row for the actor's organisation, or says of each refused row which cell, why and what to do.

    Unless `partial`, one refused row keeps back all of them. A row that says what stands on record changes nothing;
    one that says otherwise is refused as a conflict, or with `update` written over the record. So a second run
    changes nothing, and a run that was interrupted is simply begun again. Empty rows do not count.
    `check_only` writes nothing and reports what would happen, for the first rows if so many are given.

    Raises: NotPermitted, HeadingMissing, ColumnsMissing.
    """
    check_permitted(actor, "import.run")
    if actor.organisation_id is None:
        raise NotPermitted(permission="import.run")
    run = _Run(actor, actor.organisation_id, sheet, update=update)
    if check_only:
        return run.go(write=False, first_rows=first_rows, progress=progress)
    if not partial:
        report = run.go(write=False, progress=lambda done, total: progress(done, total * 2))
        if report.refused:
            report.hold_back()
            return report
        return run.go(write=True, progress=lambda done, total: progress(total + done, total * 2))
    return run.go(write=True, progress=progress)


class _Run:
    """One import: the heading, what is known of providers and codes, and the passes over the rows."""

    def __init__(self, actor: Actor, organisation_id: int, sheet: Sheet, *, update: bool) -> None:
        self.actor, self.organisation_id, self.sheet, self.update = actor, organisation_id, sheet, update
        self.heading, placed = find_heading(sheet.iterate())
        self.total = sum(1 for _ in self._rows())
        providers = dict(Provider.objects.filter(is_active=True).values_list("name", "pk"))
        self.reader = PortfolioReader(placed, load_code_tables(), providers, clock.today())

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        return ((n, cells) for n, cells in self.sheet.iterate() if n > self.heading and any(map(str.strip, cells)))

    def go(self, *, write: bool, progress: Progress, first_rows: int | None = None) -> ImportReport:
        """One pass over the rows."""
        report, claims, ids = ImportReport(), Claims(), dict[str, int]()
        rows = islice(self._rows(), first_rows)
        while batch := list(islice(rows, CHUNK)):
            good: list[PortfolioRow] = []
            for number, cells in batch:
                row = self.reader.read(number, cells)
                if isinstance(row, PortfolioRow):
                    good.append(row)
                else:
                    report.refuse(row)
            if write:
                with transaction.atomic():
                    self._take(good, claims, ids, report, write=True)
            else:
                self._take(good, claims, ids, report, write=False)
            progress(report.rows, self.total)
        if write:
            self._tell(report)
        report.problems.sort(key=lambda p: p.row)
        return report

    def _take(
        self, rows: list[PortfolioRow], claims: Claims, ids: dict[str, int], report: ImportReport, *, write: bool
    ) -> None:
        held = Held(rows, self.organisation_id, claims.sponsors)
        new = NewRecords(self.organisation_id)
        ids.update((n, s.pk) for n, s in held.sponsors.items())
        grown = []
        for row in rows:
            findings = tuple(claims.check(row))
            if not findings and claims.is_repeated(row):
                report.count("unchanged")
                continue
            judgement = Judgement("refused", findings) if findings else held.judge(row, update=self.update)
            if judgement.verdict == "refused":
                values = _cells_of(row)
                report.refuse(problem_at(row.number, k, values.get(k, ""), p) for k, p in judgement.findings)
                continue
            is_new_sponsor = judgement.sponsor is None and row.sponsor.number not in claims.sponsors
            is_new_service = row.service is not None and judgement.service is None
            claims.accept(row)
            report.count(judgement.verdict)
            report.sponsors += is_new_sponsor
            report.services += is_new_service
            new.add(row, is_new_sponsor=is_new_sponsor, is_new_service=is_new_service)
            if write and judgement.verdict != "unchanged":
                self._change(row, judgement)
            if is_new_service and judgement.sponsor:
                grown.append(judgement.sponsor)
        if write:
            facts = new.write(ids)
            for sponsor in grown:
                settle_standing(self.actor, sponsor, (self.organisation_id,))
            record_events(self.actor, facts)

    def _change(self, row: PortfolioRow, judgement: Judgement) -> None:
        """Writes over the record what the row says otherwise."""
        today = clock.today()
        if judgement.sponsor and judgement.sponsor_changes:
            values = merge_sponsor(row.sponsor, sponsor_values(judgement.sponsor))
            change_sponsor(self.actor, judgement.sponsor.pk, values, today)
        if judgement.service and row.service and judgement.service_changes:
            keys = {k.partition(".")[0] for k in judgement.service_changes}
            if "service" in keys:
                merged = merge_service(row.service, service_values(judgement.service))
                change_service(self.actor, judgement.service.pk, merged, today)
            if "access" in keys:
                record_access(self.actor, judgement.service.pk, row.service.values.accesses[0], today)

    def _tell(self, report: ImportReport) -> None:
        if report.created or report.updated:
            counts = {k: v for k, v in report.as_json().items() if isinstance(v, int)}
            with transaction.atomic():
                record_event(PortfolioImported, self.actor, ("organisation", self.organisation_id), after=counts)


def _cells_of(row: PortfolioRow) -> dict[str, str]:
    """The row's cells as read, for showing beside a problem."""
    sponsor, person = row.sponsor.values, row.sponsor.values.person
    shown = {f"sponsor.{f}": str(getattr(sponsor, f)) for f in ("name", "certificate_number", "region", "address")}
    shown |= {f"sponsor.person.{f}": getattr(person, f) for f in ("name", "mobile", "email", "certificate_number")}
    shown["sponsor.number"] = row.sponsor.number
    if row.service:
        values = row.service.values
        shown |= {
            "service.number": row.service.number,
            "service.name": values.name,
            "service.home_url": values.home_url,
        }
        shown |= {
            "service.domains": "、".join(values.domains),
            "service.granted_on": row.service.granted_on.isoformat(),
        }
        shown |= {f"service.person.{f}": getattr(values.person, f) for f in ("name", "mobile", "email")}
    return shown

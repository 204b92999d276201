"""Takes filings that already have their numbers into the record, from a sheet with one service in each row (认领)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from django.conf import settings
from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.journal.actions.record_events import record_events
from openbeian.journal.bulk_insert import room_for_many
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.registry.actions.change_service import change_service
from openbeian.registry.actions.change_sponsor import change_sponsor
from openbeian.registry.actions.record_access import record_access
from openbeian.registry.events import PortfolioImported
from openbeian.registry.models import Provider, Sponsor
from openbeian.registry.portfolio import PortfolioReader, find_heading
from openbeian.registry.portfolio_held import Held, Judgement
from openbeian.registry.portfolio_matching import Claims, merge_service, merge_sponsor
from openbeian.registry.portfolio_preparing import ReadyRow, Setting
from openbeian.registry.portfolio_processes import Preparation, collected_between
from openbeian.registry.portfolio_report import ImportReport
from openbeian.registry.portfolio_rows import PortfolioRow, problem_at
from openbeian.registry.portfolio_writing import NewRecords
from openbeian.registry.record_values import service_values, sponsor_values
from openbeian.registry.sheets.reading import Sheet
from openbeian.registry.standing import settle_standing
from openbeian.rules.code_tables import load_code_tables

_NEW = Judgement("created")
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
    The sheet may still be being read (`reading_sheet`): nothing is written before all of it has been.

    Raises: NotPermitted, HeadingMissing, ColumnsMissing, SheetUnreadable.
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
        heading, placed = find_heading(sheet.iterate())
        self.heading = heading
        providers = dict(Provider.objects.filter(is_active=True).values_list("name", "pk"))
        setting = Setting(heading, placed, load_code_tables(), providers, clock.today())
        self.preparation = Preparation(setting, settings.KEYRING_FILE)
        self.reader = PortfolioReader(placed, setting.tables, providers, setting.on)

    def go(self, *, write: bool, progress: Progress, first_rows: int | None = None) -> ImportReport:
        """One pass over the rows."""
        report, claims, created = ImportReport(), Claims(), dict[str, int]()
        batches = self.preparation.prepare(self.sheet, whole=write, most=first_rows)
        with closing(batches), room_for_many(), collected_between() as collect:
            for batch in batches:
                for problems in batch.refused:
                    report.refuse(problems)
                if write:
                    with transaction.atomic():
                        self._take(batch.rows, claims, created, report, write=True)
                else:
                    self._take(batch.rows, claims, created, report, write=False)
                progress(report.rows, max(self.sheet.row_count - self.heading, report.rows))
                del batch
                collect()
        if write:
            self._tell(report)
        report.problems.sort(key=lambda p: p.row)
        return report

    def _take(
        self, rows: list[ReadyRow], claims: Claims, created: dict[str, int], report: ImportReport, *, write: bool
    ) -> None:
        held = Held(rows, self.organisation_id, claims.sponsors, created)
        new = NewRecords(self.organisation_id)
        grown: dict[int, Sponsor] = {}
        fresh = claims.accept_together(rows) if held.is_empty else None
        if fresh is None:
            grown = self._judge(rows, held, new, claims, report, write=write)
        else:
            new.add_together(rows, fresh)
            report.count_created(len(rows), len(fresh))
        if write:
            ids = created | {n: s.pk for n, s in held.sponsors.items()}
            facts = new.write(ids)
            created.update((n, ids[n]) for n in new.sponsors)
            for sponsor in grown.values():
                settle_standing(self.actor, sponsor, (self.organisation_id,))
            record_events(self.actor, facts)

    def _judge(
        self, rows: list[ReadyRow], held: Held, new: NewRecords, claims: Claims, report: ImportReport, *, write: bool
    ) -> dict[int, Sponsor]:
        """Each row by itself; gives the sponsors on record that get a service more."""
        said = _Said(self.reader, self.sheet)
        grown: dict[int, Sponsor] = {}
        for row in rows:
            findings = tuple(claims.check(row))
            if not findings and claims.is_repeated(row):
                report.count("unchanged")
                continue
            if findings:
                judgement = Judgement("refused", findings)
            else:
                judgement = _NEW if held.is_new(row) else held.judge(row, said.by(row), update=self.update)
            if judgement.verdict == "refused":
                values = _cells_of(said.by(row))
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
                self._change(said, row, judgement)
            if is_new_service and judgement.sponsor:
                grown[judgement.sponsor.pk] = judgement.sponsor
        return grown

    def _change(self, said: _Said, ready: ReadyRow, judgement: Judgement) -> None:
        """Writes over the record what the row says otherwise."""
        if not judgement.sponsor_changes and not judgement.service_changes:
            return
        row, today = said.by(ready), clock.today()
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
            counts = {k: v for k, v in report.as_json(most=0).items() if isinstance(v, int)}
            with transaction.atomic():
                record_event(PortfolioImported, self.actor, ("organisation", self.organisation_id), after=counts)


class _Said:
    """All that single rows say: read anew, for those that touch the record or are refused."""

    def __init__(self, reader: PortfolioReader, sheet: Sheet) -> None:
        self._reader, self._sheet = reader, sheet
        self._rows: dict[int, PortfolioRow] = {}
        self._cells: tuple[int, list[list[str]]] = (0, [])

    def by(self, ready: ReadyRow) -> PortfolioRow:
        row = self._rows.get(ready.number)
        if row is None:
            first, cells = self._cells
            if not first <= ready.number < first + len(cells):
                first, cells = self._cells = self._sheet.read_batch(ready.number)
            read = self._reader.read(ready.number, cells[ready.number - first])
            if not isinstance(read, PortfolioRow):
                raise RuntimeError(f"row {ready.number} reads otherwise than a moment ago")
            row = self._rows[ready.number] = read
        return row


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

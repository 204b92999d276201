"""A large sheet is prepared in processes of its own: the same record, report and journal as without them."""

from __future__ import annotations

import gc
import marshal
from collections.abc import Iterator

import pytest
from tests.registry.factories import make_actor, make_organisation, make_provider
from tests.registry.portfolios import INDEX, changed, make_rows, make_sheet

from openbeian.journal.models import Entry
from openbeian.journal.queries import verify_journal
from openbeian.kernel.actor import Actor
from openbeian.kernel.initials import compute_initials
from openbeian.registry import portfolio_processes
from openbeian.registry.actions.import_portfolio import import_portfolio
from openbeian.registry.errors import SheetUnreadable
from openbeian.registry.journal_view import view_service, view_sponsor
from openbeian.registry.models import Access, Service, ServiceDomain, Sponsor
from openbeian.registry.name_grams import compute_grams
from openbeian.registry.name_index import filter_by_name
from openbeian.registry.portfolio_matching import Claims
from openbeian.registry.record_values import service_values, sponsor_values
from openbeian.registry.sheets.reading import Batch, Sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor() -> Actor:
    for n in range(20):
        make_provider(name=f"示例云{n}")
    return make_actor(make_organisation())


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portfolio_processes, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(portfolio_processes.os, "cpu_count", lambda: 2)


def cut(sheet: Sheet, size: int) -> Sheet:
    """The same sheet in smaller batches."""
    rows = [cells for _, cells in sheet.iterate()]
    batches = tuple((n + 1, marshal.dumps(rows[n : n + size])) for n in range(0, len(rows), size))
    return Sheet.of(batches, len(rows))


@pytest.mark.parametrize("size", [1, 4, 100])
def test_entries_and_columns_are_those_of_the_records_they_tell_of(actor: Actor, size: int) -> None:
    import_portfolio(actor, cut(make_sheet(make_rows(12)), size))
    for service in Service.objects.select_related("person"):
        after = Entry.objects.get(subject_kind="service", subject_id=str(service.pk)).after
        (access,) = Access.objects.filter(service=service)
        ranges = {"provider": access.provider_id, "mode": access.mode, "place": access.place}
        assert after == view_service(service) | {"accesses": [ranges | {"ip_ranges": access.ip_ranges}]}
        assert (service.initials, service.name_grams) == (compute_initials(service.name), compute_grams(service.name))
        assert service in filter_by_name(Service.objects.all(), service.name)
    for sponsor in Sponsor.objects.select_related("person"):
        assert Entry.objects.get(subject_kind="sponsor", subject_id=str(sponsor.pk)).after == view_sponsor(sponsor)
        assert sponsor.last_service_sequence == sponsor.services.count()
    assert verify_journal() == Entry.objects.count()


@pytest.mark.usefixtures("processes")
def test_processes_put_the_same_on_record(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = cut(make_sheet(make_rows(11)), 3)
    report = import_portfolio(actor, sheet)
    assert (report.created, report.services, report.sponsors) == (11, 11, 5)
    people = {s.number: s.person.mobile for s in Sponsor.objects.select_related("person")}
    assert len(set(people.values())) == 5
    assert {s.person.mobile == people[s.sponsor.number] for s in Service.objects.select_related("sponsor")} == {True}
    assert ServiceDomain.objects.count() == Access.objects.count() == 11
    monkeypatch.undo()
    again = import_portfolio(actor, sheet)
    assert (again.unchanged, again.created, again.refused) == (11, 0, 0)
    assert verify_journal() == Entry.objects.count() == 11 + 5 + 1


@pytest.mark.usefixtures("processes")
def test_processes_find_the_same_faults_in_the_same_order(actor: Actor) -> None:
    rows = make_rows(11)
    rows[1] = changed(rows[1], service__granted_on="不知道")
    rows[7] = changed(rows[7], service__domains=rows[0][INDEX["service.domains"]])
    rows[9] = changed(rows[9], sponsor__person__mobile="10086")
    sheet = cut(make_sheet(rows), 2)
    beside = import_portfolio(actor, sheet).as_json()
    assert not Entry.objects.exists()
    here = import_portfolio(actor, sheet, check_only=True, first_rows=100).as_json()
    assert beside["problems"] == here["problems"]
    assert (beside["refused"], beside["held_back"]) == (3, 8)


@pytest.mark.usefixtures("processes")
def test_a_process_that_dies_ends_the_import_and_what_was_not_written_can_be_begun_again(
    actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = cut(make_sheet(make_rows(11)), 3)
    with monkeypatch.context() as broken:
        broken.setattr(portfolio_processes, "_START", "import sys; sys.stdin.buffer.read(1000); {path!r}")
        with pytest.raises(RuntimeError, match="ended with 0"):
            import_portfolio(actor, sheet, partial=True)
    written = Service.objects.count()
    assert 0 < written < 11
    monkeypatch.undo()
    again = import_portfolio(actor, sheet, partial=True)
    assert (again.unchanged, again.created) == (written, 11 - written)


def test_values_come_back_as_the_sheet_said_them(actor: Actor) -> None:
    rows = make_rows(3)
    import_portfolio(actor, make_sheet(rows))
    service = Service.objects.get(number=rows[0][INDEX["service.number"]])
    values = service_values(service)
    assert values.domains == (rows[0][INDEX["service.domains"]],)
    assert values.accesses[0].ip_ranges == (rows[0][INDEX["access.ip_ranges"]],)
    assert values.person.mobile == rows[0][INDEX["sponsor.person.mobile"]]
    assert values.person == sponsor_values(service.sponsor).person
    assert values.person.certificate_until is None


@pytest.mark.parametrize("at", [0, 1, 3])
@pytest.mark.usefixtures("processes")
def test_a_sheet_that_breaks_off_while_it_is_read_leaves_nothing_on_record(actor: Actor, at: int) -> None:
    whole = tuple(cut(make_sheet(make_rows(11)), 3).batches)

    class Breaking:
        def __iter__(self) -> Iterator[Batch]:
            yield from whole[:at]
            raise SheetUnreadable.because("limits")

    def count_rows() -> int:
        raise SheetUnreadable.because("limits")

    with pytest.raises(SheetUnreadable):
        import_portfolio(actor, Sheet(Breaking(), count_rows), partial=True)
    assert not Entry.objects.exists()
    assert not Sponsor.objects.exists()


def test_rows_accepted_together_are_accepted_as_one_by_one(actor: Actor) -> None:
    rows = make_rows(12)
    variants = [
        rows,
        [*rows, rows[3]],
        [*rows[:5], changed(rows[5], service__domains=rows[0][INDEX["service.domains"]]), *rows[6:]],
        [*rows[:5], changed(rows[5], sponsor__name="另一个名称"), *rows[6:]],
        [*rows[:5], changed(rows[5], sponsor__number=rows[0][INDEX["sponsor.number"]]), *rows[6:]],
        [*rows[:5], changed(rows[5], sponsor__name=f" {rows[5][INDEX['sponsor.name']]} "), *rows[6:]],
    ]
    for variant in variants:
        for size in (3, 20):
            sheet = cut(make_sheet(variant), size)
            together = import_portfolio(actor, sheet, check_only=True)
            with pytest.MonkeyPatch.context() as alone:
                alone.setattr(Claims, "accept_together", lambda claims, rows: None)
                assert import_portfolio(actor, sheet, check_only=True).as_json() == together.as_json()


def test_the_collector_runs_again_after_an_import(actor: Actor) -> None:
    import_portfolio(actor, make_sheet(make_rows(3)))
    assert gc.isenabled()

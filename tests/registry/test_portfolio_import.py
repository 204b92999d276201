"""Importing a portfolio: all or nothing, twice is once, nobody else's record, an entry for every record."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.registry.factories import make_actor, make_organisation, make_provider
from tests.registry.portfolios import INDEX, changed, make_rows, make_sheet, without_access

from openbeian.journal.models import Entry
from openbeian.journal.queries import verify_journal
from openbeian.kernel.actor import Actor, NotPermitted
from openbeian.registry import portfolio_report
from openbeian.registry.actions.allot_number import allot_number
from openbeian.registry.actions.import_portfolio import import_portfolio
from openbeian.registry.lookup import look_up
from openbeian.registry.models import Access, Person, Service, Sponsor
from openbeian.registry.portfolio_report import ImportReport

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor() -> Actor:
    return make_actor(make_organisation())


def conserved(report: ImportReport) -> bool:
    return report.rows == (report.created + report.updated + report.unchanged + report.refused + report.held_back)


def test_good_rows_are_on_record_with_their_own_numbers_and_found_by_the_public(actor: Actor) -> None:
    for n in range(5):
        make_provider(name=f"示例云{n}")
    rows = make_rows(5)
    report = import_portfolio(actor, make_sheet(rows))
    assert (report.rows, report.created, report.sponsors, report.services) == (5, 5, 2, 5)
    assert set(Service.objects.values_list("number", flat=True)) == {r[INDEX["service.number"]] for r in rows}
    assert Access.objects.count() == 5
    assert Sponsor.objects.get(number=rows[0][INDEX["sponsor.number"]]).last_service_sequence == 3
    (found,) = look_up(rows[0][INDEX["service.domains"]]).records
    assert found.number == rows[0][INDEX["service.number"]]
    assert look_up(rows[0][INDEX["service.name"]]).records


def test_every_record_has_its_entry_and_the_chain_holds(actor: Actor) -> None:
    import_portfolio(actor, make_sheet(without_access(make_rows(5))))
    events = list(Entry.objects.order_by("sequence").values_list("event", flat=True))
    assert events == ["sponsor.taken_over"] * 2 + ["service.taken_over"] * 5 + ["portfolio.imported"]
    assert verify_journal() == 8
    text = "".join(str(e.after) for e in Entry.objects.all())
    assert "13800000001" not in text


def test_a_second_run_changes_nothing(actor: Actor) -> None:
    sheet = make_sheet(without_access(make_rows(5)))
    import_portfolio(actor, sheet)
    entries, people = Entry.objects.count(), Person.objects.count()
    report = import_portfolio(actor, sheet)
    assert (report.unchanged, report.created) == (5, 0)
    assert (Entry.objects.count(), Person.objects.count()) == (entries, people)


def test_one_bad_row_keeps_back_all_unless_partial(actor: Actor) -> None:
    rows = without_access(make_rows(5))
    rows[1] = changed(rows[1], service__granted_on="不知道")
    report = import_portfolio(actor, make_sheet(rows))
    assert (report.refused, report.held_back, report.created) == (1, 4, 0)
    assert (Sponsor.objects.count(), Entry.objects.count()) == (0, 0)
    (problem,) = report.problems
    assert (problem.row, problem.column.zh, problem.value) == (3, "备案日期", "不知道")
    report = import_portfolio(actor, make_sheet(rows), partial=True)
    assert (report.refused, report.created, Service.objects.count()) == (1, 4, 4)


def test_every_bad_row_is_named_however_many_there_are(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portfolio_report, "MOST_PROBLEMS", 3)
    rows = [changed(r, service__granted_on="不知道", service__name="=1") for r in without_access(make_rows(6))]
    report = import_portfolio(actor, make_sheet(rows))
    assert [p.row for p in report.problems] == [2, 2, 3, 4, 5, 6, 7]
    assert (report.problem_count, report.refused) == (12, 6)
    assert len(report.as_json(most=2)["problems"]) == 2


def test_a_row_that_says_otherwise_is_a_conflict_and_writes_over_the_record_only_when_told_to(actor: Actor) -> None:
    rows = without_access(make_rows(3))
    import_portfolio(actor, make_sheet(rows))
    for index, row in enumerate(rows):
        rows[index] = changed(row, sponsor__address="新地址8号") if row[0] == rows[0][0] else row
    rows[0] = changed(rows[0], service__name="新的名字")
    before = Sponsor.objects.get(number=rows[0][0]).address
    report = import_portfolio(actor, make_sheet(rows))
    assert {p.problem.rule for p in report.problems} == {"portfolio.conflict"}
    assert Sponsor.objects.get(number=rows[0][0]).address == before
    report = import_portfolio(actor, make_sheet(rows), update=True)
    assert (report.updated, report.refused) == (1, 0)
    assert Sponsor.objects.get(number=rows[0][0]).address == "新地址8号"
    assert Service.objects.get(number=rows[0][INDEX["service.number"]]).name == "新的名字"
    assert Entry.objects.filter(event="sponsor.changed").count() == 1
    assert import_portfolio(actor, make_sheet(rows), update=True).unchanged == 3


def test_an_empty_cell_says_nothing_about_the_record(actor: Actor) -> None:
    rows = without_access(make_rows(1))
    import_portfolio(actor, make_sheet(rows))
    bare = changed(rows[0], service__home_url="", sponsor__legal_representative="", sponsor__person__email="")
    assert import_portfolio(actor, make_sheet([bare])).unchanged == 1


def test_another_certificate_is_another_sponsor_even_with_update(actor: Actor) -> None:
    rows = without_access(make_rows(4))
    import_portfolio(actor, make_sheet(rows[:1]))
    other = changed(rows[0], sponsor__certificate_number=rows[3][INDEX["sponsor.certificate_number"]])
    report = import_portfolio(actor, make_sheet([other]), update=True)
    assert [p.problem.rule for p in report.problems] == ["portfolio.fixed"]


def test_nothing_is_told_or_taken_of_another_organisations_record(actor: Actor) -> None:
    rows = without_access(make_rows(1))
    import_portfolio(actor, make_sheet(rows))
    stranger = make_actor(make_organisation(name="另一家"))
    mine = changed(rows[0], sponsor__name="我的公司", service__name="我的网站")
    report = import_portfolio(stranger, make_sheet([mine]), update=True)
    assert report.problems[0].problem.rule == "portfolio.elsewhere"
    assert "另一家" not in str(report.as_json())
    assert Sponsor.objects.get().organisation_id == actor.organisation_id


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"sponsor__name": "别的公司"}, "portfolio.contradiction"),
        ({"service__name": "别的网站"}, "portfolio.contradiction"),
        ({"service__number": "京ICP备2099000001号-1"}, "portfolio.base"),
    ],
)
def test_rows_of_one_file_may_not_contradict_each_other(actor: Actor, change: dict[str, str], rule: str) -> None:
    (row,) = without_access(make_rows(1))
    report = import_portfolio(actor, make_sheet([row, changed(row, **change)]))
    assert rule in {p.problem.rule for p in report.problems}
    assert Service.objects.count() == 0


def test_a_row_written_twice_counts_once(actor: Actor) -> None:
    (row,) = without_access(make_rows(1))
    report = import_portfolio(actor, make_sheet([row, row]))
    assert (report.created, report.unchanged, Service.objects.count()) == (1, 1, 1)


def test_two_rows_cannot_share_a_domain(actor: Actor) -> None:
    rows = without_access(make_rows(2))
    rows[1] = changed(rows[1], service__domains=rows[0][INDEX["service.domains"]])
    report = import_portfolio(actor, make_sheet(rows), partial=True)
    assert (report.created, report.refused) == (1, 1)


def test_a_sponsor_without_services_may_stand_alone(actor: Actor) -> None:
    (row,) = without_access(make_rows(1))
    for key, index in INDEX.items():
        if key.startswith("service."):
            row[index] = ""
    report = import_portfolio(actor, make_sheet([row]))
    assert (report.created, Sponsor.objects.count(), Service.objects.count()) == (1, 1, 0)


def test_a_number_taken_over_is_not_allotted_again(actor: Actor) -> None:
    (row,) = without_access(make_rows(1))
    row = changed(row, sponsor__number="京ICP备2026000001号", service__number="京ICP备2026000001号-1")
    import_portfolio(actor, make_sheet([row]))
    assert allot_number("京", 2026) == "京ICP备2026000002号"


def test_who_may_not_import_writes_nothing() -> None:
    auditor = make_actor(make_organisation(), "auditor")
    with pytest.raises(NotPermitted):
        import_portfolio(auditor, make_sheet(make_rows(1)))
    assert Sponsor.objects.count() == 0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from(sorted(INDEX)), st.sampled_from(["", "坏", "=1", "2020-01-01"])),
        max_size=6,
    ),
    partial=st.booleans(),
    update=st.booleans(),
)
def test_every_row_is_counted_exactly_once(
    actor: Actor, changes: list[tuple[int, str, str]], partial: bool, update: bool
) -> None:
    rows = without_access(make_rows(6))
    for index, key, text in changes:
        rows[index][INDEX[key]] = text
    report = import_portfolio(actor, make_sheet(rows), partial=partial, update=update)
    assert conserved(report)
    assert report.rows == 6
    assert report.problem_count >= report.refused

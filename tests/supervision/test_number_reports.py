"""Reports on number resources: whose and when, drawn from the record, checked, returned, late; none for a licence's kind."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from tests.cases.licence_factories import Holder, make_holder, make_licence, on

from openbeian.documents.lookup import verify_paper
from openbeian.journal.models import Entry
from openbeian.obligations.actions.follow_record import follow_record
from openbeian.obligations.actions.recompute_obligations import recompute_obligations
from openbeian.obligations.models import Obligation
from openbeian.registry.actions.record_number_resource import record_number_resource
from openbeian.registry.errors import RecordNotYours
from openbeian.registry.models import Licence, NumberResource
from openbeian.supervision.reporting.actions.issue_receipt import issue_receipt
from openbeian.supervision.reporting.actions.refresh_report import refresh_report
from openbeian.supervision.reporting.actions.save_report import save_report
from openbeian.supervision.reporting.actions.start_number_report import start_number_report
from openbeian.supervision.reporting.actions.start_report import start_report
from openbeian.supervision.reporting.actions.submit_report import submit_report
from openbeian.supervision.reporting.actions.turn_report import turn_report
from openbeian.supervision.reporting.errors import (
    ReportIncomplete,
    ReportNotOwed,
    ReportNotYours,
    ReportOnRecord,
    ReportReasonsMissing,
    WindowClosed,
)
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.queries import find_window, get_report, get_report_rules
from openbeian.supervision.reporting.subjects import find_assigner
from openbeian.supervision.reporting.turning import list_faults

pytestmark = pytest.mark.django_db
RULES = get_report_rules("number")


def make_number(holder: Holder, licence: Licence | None = None, **changes: str) -> NumberResource:
    named = {"licence_number": licence.number} if licence else {}
    raw = {"number": "10621234", "kind": "1062", "assigned_on": "2025-06-15", **named}
    return record_number_resource(holder.applicant, {**raw, **changes})


def make_figures(**changes: str) -> dict[str, str]:
    """Everything that the record does not know; `changes` replace some, with __ for the dots."""
    figures = {
        "holder.certificate_number": "",
        "holder.address": "北京市东城区示例路1号",
        "holder.contact_name": "李示例",
        "holder.contact_phone": "01012345678",
        "number.certificate": "号〔2025〕00001-A011",
        "number.valid_until": "未载明",
        "number.area": "province",
        "number.purpose": "客服短信",
        "use.is_in_use": "yes",
        "use.opened_on": "2025年7月1日",
        "use.opened_provinces": "1",
        "use.carriers": "中国联通",
        "use.sub_numbers": "100",
        "use.sub_numbers_used": "40",
        "use.traffic": "120000",
        "use.users": "3000",
        "use.is_transferred": "no",
        "fee.due_yuan": "1200",
        "fee.paid_yuan": "1200",
        "fee.paid_on": "2025-10-08",
    }
    figures.pop("holder.certificate_number")
    return figures | {k.replace("__", "."): v for k, v in changes.items()}


def fill(holder: Holder, report: AnnualReport, **changes: str) -> AnnualReport:
    return save_report(
        holder.applicant, report.pk, make_figures(**changes), promises=RULES.promises, signed_by="王示例"
    )


def begin(holder: Holder, **changes: str) -> AnnualReport:
    return start_number_report(holder.applicant, make_number(holder, make_licence(holder), **changes).pk, 2025)


def test_it_is_drawn_from_the_record_and_lives_as_the_licences_report_does() -> None:
    holder = make_holder()
    with on("2026-02-02"):
        report = begin(holder)
        licence = report.subject.licence  # type: ignore[union-attr]
        assert licence is not None
        assert [report.figures[p] for p in ("holder.name", "holder.licence_number", "number.number")] == [
            licence.holder, licence.number, "10621234",
        ]  # fmt: skip
        assert report.figures["number.assigned_by"] == "北京市通信管理局"
        assert report.origins["number.assigned_on"] == {
            "kind": "record", "reference": "10621234", "value": "2025-06-15",
        }  # fmt: skip
        # What nothing knows is no zero.
        assert "use.traffic" not in report.figures
        report = submit_report(holder.applicant, fill(holder, report).pk)
        assert report.state == "reported"
        with pytest.raises(ReportReasonsMissing):
            # Reasons of the licence's report are none of this one.
            turn_report(holder.officer, report.pk, "return", reasons=[{"code": "differs_from_licence"}])
        report = turn_report(holder.officer, report.pk, "return", reasons=[{"code": "fee_unpaid"}])
        assert report.state == "returned"
        report = submit_report(holder.applicant, fill(holder, report).pk)
        paper = issue_receipt(holder.applicant, report.pk)
    said = str(verify_paper(paper.code).as_json())  # type: ignore[union-attr]
    assert "10621234" in said
    assert "120000" not in said
    assert Entry.objects.filter(event="report.returned").count() == 1


def test_a_second_report_and_one_of_a_stranger_are_refused() -> None:
    holder, stranger = make_holder(), make_holder(province="沪")
    with on("2026-02-02"):
        report = begin(holder)
        assert report.number_resource_id is not None
        with pytest.raises(ReportOnRecord):
            start_number_report(holder.applicant, report.number_resource_id, 2025)
        with pytest.raises(RecordNotYours):
            start_number_report(stranger.applicant, report.number_resource_id, 2024)
        for foreigner in (stranger.applicant, stranger.officer, holder.officer):
            # An officer sees it once it is handed in.
            with pytest.raises(ReportNotYours):
                get_report(foreigner, report.pk)
        submit_report(holder.applicant, fill(holder, report).pk)
        assert get_report(holder.officer, report.pk).pk == report.pk
        with pytest.raises(ReportNotYours):
            get_report(stranger.officer, report.pk)


@pytest.mark.parametrize(("assigned_on", "year", "owed"), [("2025-12-31", 2025, True), ("2026-01-01", 2025, False), ("2019-01-01", 2019, False)])  # fmt: skip
def test_who_held_it_on_the_last_day_of_the_year_reports_it(assigned_on: str, year: int, owed: bool) -> None:
    holder = make_holder()
    with on("2026-02-02"):
        resource = make_number(holder, assigned_on=assigned_on)
        if owed:
            assert start_number_report(holder.applicant, resource.pk, year).state == "not_reported"
            return
        with pytest.raises(ReportNotOwed):
            start_number_report(holder.applicant, resource.pk, year)
    assert not AnnualReport.objects.exists()


def test_its_window_is_its_own_and_names_no_make_up_days() -> None:
    window = find_window(2025, "number")
    assert (window.opens_on, window.closes_on) == (date(2026, 1, 1), date(2026, 3, 31))
    assert (window.make_up_from, window.make_up_until) == (None, None)
    holder = make_holder()
    with on("2025-12-30"):
        report = fill(holder, begin(holder))
        with pytest.raises(WindowClosed):
            submit_report(holder.applicant, report.pk)
    with on("2026-04-01"):
        assert submit_report(holder.applicant, report.pk).state == "reported_late"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"use__sub_numbers_used": "101"}, "report.sub_numbers_within_plan"),
        ({"number__number": "10621235"}, "report.number_as_on_record"),
        ({"number__assigned_on": "2025-06-16"}, "report.assigned_as_on_record"),
        ({"holder__name": "别的公司"}, "report.holder_as_on_record"),
        ({"use__opened_on": ""}, "report.in_use_since"),
        ({"use__opened_on": "去年夏天"}, "report.day"),
        ({"use__is_in_use": "no"}, "report.not_in_use_why"),
        ({"use__is_transferred": "yes"}, "report.transfer_needs_consent"),
        ({"fee__paid_on": ""}, "report.fee_paid_when"),
        ({"fee__due_yuan": "一千二"}, "report.number"),
    ],
)
def test_what_it_gets_wrong_is_told_with_the_field_and_nothing_is_lost(changes: dict[str, str], rule: str) -> None:
    holder = make_holder()
    with on("2026-02-02"):
        report = fill(holder, begin(holder), **changes)
        with pytest.raises(ReportIncomplete) as refusal:
            submit_report(holder.applicant, report.pk)
    assert rule in {fault.rule for fault in refusal.value.faults}
    report.refresh_from_db()
    assert report.figures.get(next(iter(changes)).replace("__", "."), "") == next(iter(changes.values()))


def test_a_day_written_otherwise_is_the_same_day_and_an_unpaid_fee_is_told_but_stops_nothing() -> None:
    holder = make_holder()
    with on("2026-02-02"):
        report = fill(holder, begin(holder), number__assigned_on="2025年6月15日", fee__paid_yuan="900")
        assert [(f.rule, f.certain) for f in list_faults(report)] == [("report.fee_paid_in_full", False)]
        assert submit_report(holder.applicant, report.pk).state == "reported"


def test_what_was_typed_stays_when_the_figures_are_drawn_again() -> None:
    holder = make_holder()
    with on("2026-02-02"):
        report = save_report(holder.applicant, begin(holder).pk, {"number.assigned_by": "北京管局"})
        report = refresh_report(holder.applicant, report.pk)
    assert report.figures["number.assigned_by"] == "北京管局"


def test_what_seldom_changes_comes_from_the_numbers_own_report_of_the_year_before() -> None:
    holder = make_holder()
    with on("2025-02-03"):
        licence = make_licence(holder)
        number = make_number(holder, licence, assigned_on="2024-06-15")
        other = make_number(holder, licence, number="95013", kind="95", assigned_on="2024-06-15")
        before = start_number_report(holder.applicant, number.pk, 2024)
        submit_report(holder.applicant, fill(holder, before, use__opened_on="2024-07-01", fee__paid_on="2024-10-08").pk)
    with on("2026-02-02"):
        report = start_number_report(holder.applicant, number.pk, 2025)
        assert report.figures["number.purpose"] == "客服短信"
        assert report.origins["number.purpose"]["kind"] == "previous"
        # What differs each year is asked anew, and one number's report says nothing of another.
        assert "use.traffic" not in report.figures
        assert "number.purpose" not in start_number_report(holder.applicant, other.pk, 2025).figures
        report = fill(holder, report, use__traffic="600000")
        assert [f.field for f in list_faults(report) if f.rule == "report.unusual"] == ["use.traffic"]
        assert submit_report(holder.applicant, report.pk).state == "reported"


def test_who_assigned_a_number_is_told_by_its_range_and_not_guessed() -> None:
    holder = make_holder()
    licence = make_licence(holder)
    named = [
        ("95013", "95", licence, "miit"),
        ("10691234", "1069", licence, "miit"),
        ("96123", "96", licence, "京"),
        ("96124", "96", None, ""),
        ("123456", "123", licence, ""),
    ]
    for number, kind, of, authority in named:
        assert find_assigner(make_number(holder, of, number=number, kind=kind)) == authority


def test_handing_it_in_settles_what_was_owed() -> None:
    holder = make_holder()
    with on("2026-02-02"):
        report = begin(holder)
        recompute_obligations(everything=True)
        owed = Obligation.objects.get(kind="number.annual_report", cycle="2025")
        assert (owed.due_on, owed.stage != "done") == (date(2026, 3, 31), True)
        submit_report(holder.applicant, fill(holder, report).pk)
        follow_record()
        owed.refresh_from_db()
        assert (owed.stage, owed.settled_why) == ("done", "2025 年度码号年报已于 2026-02-02 报送")
        assert Obligation.objects.get(kind="licence.annual_report", cycle="2025").stage != "done"


def test_a_report_is_of_a_licence_or_of_a_number() -> None:
    holder = make_holder()
    with on("2026-02-02"):
        licence = make_licence(holder)
        report = start_report(holder.applicant, licence.pk, 2025)
        with pytest.raises(IntegrityError), transaction.atomic():
            AnnualReport.objects.filter(pk=report.pk).update(regime="number")

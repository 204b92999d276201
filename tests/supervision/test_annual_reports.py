"""Annual reports: who owes one and when, figures with origin, checks together, a return, late, listed, removed; complaints."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.cases.licence_factories import Holder, make_holder, make_licence, on
from tests.registry.factories import make_service, make_sponsor

from openbeian.journal.models import Entry
from openbeian.policies.models import PolicySetting
from openbeian.registry.models import Licence
from openbeian.rules.annual_report import load_report_rules
from openbeian.rules.code_tables import find_rulebook
from openbeian.supervision.reporting.actions.answer_complaint import answer_complaint
from openbeian.supervision.reporting.actions.check_report import check_report
from openbeian.supervision.reporting.actions.receive_complaint import receive_complaint
from openbeian.supervision.reporting.actions.refresh_report import refresh_report
from openbeian.supervision.reporting.actions.save_report import save_report
from openbeian.supervision.reporting.actions.start_report import start_report
from openbeian.supervision.reporting.actions.submit_report import submit_report
from openbeian.supervision.reporting.actions.turn_report import turn_report
from openbeian.supervision.reporting.decisions.report_checks import compare
from openbeian.supervision.reporting.errors import (
    ComplaintNotYours,
    ComplaintUnfit,
    ReportFrozen,
    ReportIncomplete,
    ReportMovedOn,
    ReportNotOwed,
    ReportNotYours,
    ReportOnRecord,
    ReportReasonsMissing,
    ReportTurnNotPossible,
    WindowClosed,
)
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.queries import find_regimes, find_window

pytestmark = pytest.mark.django_db
RULES = load_report_rules(find_rulebook())
DOUBT = [{"code": "figures_doubtful", "path": "economy.total_income"}]


def make_figures(report: AnnualReport, **changes: str) -> dict[str, str]:
    """A whole report's figures; `changes` replace some, with __ for the dots."""
    figures = {}
    for path, _, field in RULES.walk(tuple(report.codes)):
        if field.type in {"count", "yuan"}:
            figures[path] = "10"
        elif field.type == "choice":
            figures[path] = field.choices[0][0]
        else:
            figures[path] = "防火墙每日巡检，日志留存一百八十天，内容先审后发，责任人王示例，每季度演练一次。"
    figures |= {p: v for p, v in report.figures.items() if p.startswith("company.") and v}
    figures |= {"economy.total_income": "1000", "economy.telecom_income": "500", "company.domicile": "北京市示例路1号"}
    figures |= {f"business.{code}.is_open": "yes" for code in report.codes}
    return figures | {k.replace("__", "."): v for k, v in changes.items()}


def fill(holder: Holder, report: AnnualReport, **changes: str) -> AnnualReport:
    typed = make_figures(report, **changes)
    return save_report(holder.applicant, report.pk, typed, promises=RULES.promises, signed_by="王示例")


def begin(holder: Holder, licence: Licence, year: int = 2025) -> AnnualReport:
    return start_report(holder.applicant, licence.pk, year)


def rules_of(refusal: pytest.ExceptionInfo[ReportIncomplete]) -> set[str]:
    return {fault.rule for fault in refusal.value.faults}


def test_a_whole_year_with_a_return_in_the_window() -> None:
    holder = make_holder()
    with on("2026-01-12"):
        report = fill(holder, begin(holder, make_licence(holder)))
        check_report(holder.applicant, report.pk)
        report = submit_report(holder.applicant, report.pk)
        assert report.state == "reported"
        with pytest.raises(ReportFrozen):
            save_report(holder.applicant, report.pk, {"economy.tax": "1"})
    with on("2026-02-20"):
        with pytest.raises(ReportReasonsMissing):
            turn_report(holder.officer, report.pk, "return")
        report = turn_report(holder.officer, report.pk, "return", reasons=DOUBT, note="收入与上年差异大")
        assert report.state == "returned"
        report = fill(holder, report, economy__total_income="2000")
        assert submit_report(holder.applicant, report.pk).state == "reported"
    assert [s.verb for s in report.steps.order_by("pk")] == ["submit", "return", "submit"]


@pytest.mark.parametrize(
    ("issued_on", "owes"), [("2025-12-31", True), ("2026-01-01", False), ("2021-03-01", True)]
)  # fmt: skip
def test_who_was_licensed_by_the_last_day_of_the_year_owes_its_report(issued_on: str, owes: bool) -> None:
    holder = make_holder()
    with on("2026-01-12"):
        licence = make_licence(holder, issued_on=issued_on, valid_until="2030-12-31")
        if owes:
            assert begin(holder, licence).state == "not_reported"
            return
        with pytest.raises(ReportNotOwed):
            begin(holder, licence)
    assert not AnnualReport.objects.exists()


def test_a_licence_that_ended_in_the_window_still_reports_and_one_ended_before_the_year_does_not() -> None:
    holder = make_holder()
    with on("2026-03-10"):
        assert begin(holder, make_licence(holder, valid_until="2026-03-01")).year == 2025
        with pytest.raises(ReportNotOwed):
            begin(holder, make_licence(holder, issued_on="2019-01-01", valid_until="2024-12-31"))


def test_the_window_of_2025_and_its_make_up_month() -> None:
    window = find_window(2025)
    assert (window.opens_on, window.closes_on) == (date(2026, 1, 1), date(2026, 3, 31))
    assert [window.find_phase(date(2026, *d)) for d in ((1, 1), (3, 31), (4, 1), (4, 30), (5, 1))] == [
        "open", "open", "make_up", "make_up", "over",
    ]  # fmt: skip
    assert window.find_phase(date(2025, 12, 31)) == "early"


def test_before_the_window_one_may_fill_in_but_not_report() -> None:
    holder = make_holder()
    with on("2025-12-20"):
        report = fill(holder, begin(holder, make_licence(holder)))
        with pytest.raises(WindowClosed):
            submit_report(holder.applicant, report.pk)
    with on("2026-01-01"):
        assert submit_report(holder.applicant, report.pk).state == "reported"


def test_missed_listed_made_up_and_taken_off_the_list() -> None:
    holder = make_holder()
    with on("2026-04-10"):
        licence = make_licence(holder, valid_until="2030-01-01")
        report = fill(holder, begin(holder, licence))
        assert submit_report(holder.applicant, report.pk).state == "reported_late"
    with on("2026-05-20"):
        holder_records = make_holder(with_officers=False)
        elsewhere = {"number": "津B2-20210001", "areas": "津", "valid_until": "2030-01-01"}
        missed = begin(holder_records, make_licence(holder_records, **elsewhere))
        missed = turn_report(holder_records.applicant, missed.pk, "list", reasons=[{"code": "missed"}], note="平台公示")
        assert (missed.state, missed.listed_on) == ("listed", date(2026, 5, 20))
    with on("2026-06-01"):
        missed = fill(holder_records, missed)
        assert submit_report(holder_records.applicant, missed.pk).state == "made_up"
        missed = turn_report(holder_records.applicant, missed.pk, "remove")
    assert (missed.state, missed.removed_on) == ("removed", date(2026, 6, 1))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"quality__answered": "11"}, "report.answered_at_most_received"),
        ({"economy__telecom_income": "1001"}, "report.telecom_income_at_most_total"),
        ({"business__B21__income": "501"}, "report.businesses_at_most_telecom"),
        ({"company__name": "别的公司"}, "report.name_as_on_record"),
        ({"company__legal_representative": "李四"}, "report.representative_as_on_record"),
        ({"security__measures": "已落实"}, "report.security_is_concrete"),
        ({"quality__complaints": "-1"}, "report.number"),
        ({"quality__complaints": "1e9"}, "report.number"),
        ({"quality__outages": ""}, "report.required"),
        ({"business__B21__is_open": "maybe"}, "report.choice"),
    ],
)
def test_what_the_forms_get_wrong_is_told_and_nothing_is_lost(changes: dict[str, str], rule: str) -> None:
    holder = make_holder()
    with on("2026-01-12"):
        report = fill(holder, begin(holder, make_licence(holder)), **changes)
        with pytest.raises(ReportIncomplete) as refusal:
            submit_report(holder.applicant, report.pk)
    assert rule in rules_of(refusal)
    report.refresh_from_db()
    assert report.state == "not_reported"
    assert report.figures.get(next(iter(changes)).replace("__", "."), "") == next(iter(changes.values()))


def test_every_fault_is_listed_together_with_promises_and_signature() -> None:
    holder = make_holder()
    with on("2026-01-12"):
        report = begin(holder, make_licence(holder))
        with pytest.raises(ReportIncomplete) as refusal:
            check_report(holder.applicant, report.pk)
    assert {"report.required", "report.promise", "report.signature"} <= rules_of(refusal)
    assert len(refusal.value.faults) > 15


def test_two_reports_for_one_year_are_refused_and_a_stale_page_overwrites_nothing() -> None:
    holder = make_holder()
    with on("2026-01-12"):
        licence = make_licence(holder)
        report = begin(holder, licence)
        with pytest.raises(ReportOnRecord):
            begin(holder, licence)
        save_report(holder.applicant, report.pk, {"economy.tax": "7"}, revision=1)
        with pytest.raises(ReportMovedOn):
            save_report(holder.applicant, report.pk, {"economy.tax": "8"}, revision=1)
    report.refresh_from_db()
    assert report.figures["economy.tax"] == "7"


def test_a_business_switched_to_unopened_keeps_what_was_typed_and_asks_no_more() -> None:
    holder = make_holder()
    with on("2026-01-12"):
        report = fill(holder, begin(holder, make_licence(holder, businesses="B21, B24")), business__B24__seats="40")
        report = save_report(holder.applicant, report.pk, {"business.B24.is_open": "no", "business.B24.users": ""})
        report = submit_report(holder.applicant, report.pk)
    assert report.state == "reported"
    assert report.figures["business.B24.seats"] == "40"


def test_figures_come_from_record_and_register_with_their_origin_and_typed_ones_stay() -> None:
    holder = make_holder()
    with on("2026-01-12"):
        licence = make_licence(holder)
        late = receive_complaint(holder.applicant, make_complaint(received_on="2025-06-01"))
        answer_complaint(holder.applicant, late.pk, "已退款。", answered_on=date(2025, 7, 1))
        receive_complaint(holder.applicant, make_complaint(received_on="2025-12-31"))
        receive_complaint(holder.applicant, make_complaint(received_on="2026-01-01"))
        report = begin(holder, licence)
    assert report.figures["company.name"] == licence.holder
    assert report.origins["company.name"] == {"kind": "record", "reference": licence.number, "value": licence.holder}
    assert [report.figures[f"quality.{k}"] for k in ("complaints", "answered", "answered_in_time")] == ["2", "1", "0"]
    # Nothing was counted of visits: unknown is no zero.
    assert "business.B21.visits" not in report.figures
    with on("2026-01-13"):
        save_report(holder.applicant, report.pk, {"quality.answered": "2"})
        receive_complaint(holder.applicant, make_complaint(received_on="2025-05-05"))
        report = refresh_report(holder.applicant, report.pk)
    assert [report.figures[f"quality.{k}"] for k in ("complaints", "answered")] == ["3", "2"]


def test_last_year_fills_what_seldom_changes_and_unusual_changes_are_asked_about() -> None:
    holder = make_holder()
    with on("2025-02-01"):
        licence = make_licence(holder)
        before = fill(holder, begin(holder, licence, 2024), company__branches="3", economy__total_income="1000")
        submit_report(holder.applicant, before.pk)
    with on("2026-02-01"):
        report = begin(holder, licence)
        assert report.figures["company.branches"] == "3"
        report = fill(holder, report, economy__total_income="5000")
        from openbeian.supervision.reporting.turning import list_faults

        unusual = [f for f in list_faults(report) if f.rule == "report.unusual"]
        assert [f.field for f in unusual] == ["economy.total_income"]
        assert submit_report(holder.applicant, report.pk).state == "reported"
    assert compare("5000", "1000") == 400
    assert compare("5", "0") is None


def test_until_august_2017_there_was_an_inspection_and_since_then_a_report() -> None:
    assert find_regimes(2015, None) == {"inspection": False}
    assert find_regimes(2016, None) == {"inspection": False}
    assert find_regimes(2017, None) == {"report": False}
    assert find_regimes(1999, None) == {}


def test_the_old_inspection_goes_from_review_over_supplement_and_visit_to_the_certificate() -> None:
    holder = make_holder()
    with on("2017-03-01"):
        licence = make_licence(holder, issued_on="2015-03-01", valid_until="2020-03-01")
        with pytest.raises(ReportNotOwed):
            begin(holder, licence, 2016)
        report = start_report(holder.applicant, licence.pk, 2016, regime="inspection")
        fill(holder, report)
        submit_report(holder.applicant, report.pk)
        turn_report(holder.officer, report.pk, "ask_supplement", reasons=[{"code": "form_incomplete"}])
        submit_report(holder.applicant, report.pk)
        turn_report(holder.officer, report.pk, "check_on_site")
        assert turn_report(holder.officer, report.pk, "certify").state == "certified"


def test_for_later_years_the_inspection_runs_only_as_a_policy_and_says_so() -> None:
    holder = make_holder()
    with on("2026-01-12"):
        licence = make_licence(holder)
        with pytest.raises(ReportNotOwed):
            start_report(holder.applicant, licence.pk, 2025, regime="inspection")
        PolicySetting.objects.create(
            rule_id="licence.annual_inspection.run", claim_id="inspection_beside_report", since=date(2020, 1, 1),
            set_by_name="管理员", organisation=holder.owner, set_at="2020-01-01T00:00:00+00:00",
        )  # fmt: skip
        assert start_report(holder.applicant, licence.pk, 2025, regime="inspection").is_policy
        # The report is owed all the same.
        assert begin(holder, licence).state == "not_reported"


def test_an_officer_sees_what_was_handed_in_and_strangers_nothing() -> None:
    holder, stranger = make_holder(), make_holder(province="沪")
    with on("2026-01-12"):
        report = fill(holder, begin(holder, make_licence(holder)))
        for actor in (holder.officer, stranger.applicant, stranger.officer):
            with pytest.raises(ReportNotYours):
                turn_report(actor, report.pk, "return", reasons=DOUBT)
        submit_report(holder.applicant, report.pk)
        with pytest.raises(ReportTurnNotPossible):
            turn_report(holder.applicant, report.pk, "return", reasons=DOUBT)
        with pytest.raises(ReportTurnNotPossible):
            turn_report(holder.officer, report.pk, "submit")
        turn_report(holder.officer, report.pk, "return", reasons=DOUBT)


def test_the_journal_names_fields_and_holds_no_figure() -> None:
    holder = make_holder()
    with on("2026-01-12"):
        fill(holder, begin(holder, make_licence(holder)), economy__total_income="987654321")
    assert "987654321" not in "".join(str(e.after) + str(e.before) for e in Entry.objects.all())


def make_complaint(**changes: Any) -> dict[str, Any]:
    values = {"received_on": "2025-06-01", "channel": "phone", "subject": "退费", "content": "要求退费", "complainant": "赵先生 13800000000"}  # fmt: skip
    return {**values, **changes}


def test_a_complaint_is_to_be_answered_in_fifteen_days_and_keeps_its_first_answers_day() -> None:
    holder = make_holder()
    with on("2025-06-02"):
        complaint = receive_complaint(holder.applicant, make_complaint())
        assert complaint.answer_due_on == date(2025, 6, 16)
        answer_complaint(holder.applicant, complaint.pk, "正在核实。")
    with on("2025-06-20"):
        complaint = answer_complaint(holder.applicant, complaint.pk, "已退款。", is_settled=True)
    assert complaint.answered_on == date(2025, 6, 2)
    assert complaint.is_settled


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"received_on": "2025-02-30"}, "received_on"),
        ({"received_on": "2025-06-03"}, "received_on"),
        ({"channel": "pigeon"}, "channel"),
        ({"subject": ""}, "subject"),
        ({"business": "B99"}, "business"),
        ({"licence_number": "京B2-19990001"}, "licence_number"),
        ({"content": "长" * 8001}, "content"),
    ],
)
def test_a_complaint_with_a_fault_is_refused_with_its_field(changes: dict[str, Any], field: str) -> None:
    holder = make_holder()
    with on("2025-06-02"), pytest.raises(ComplaintUnfit) as refusal:
        receive_complaint(holder.applicant, make_complaint(**changes))
    assert [f.field for f in refusal.value.faults] == [field]


def test_an_answer_before_the_complaint_and_a_strangers_complaint_are_refused() -> None:
    holder, stranger = make_holder(), make_holder(province="沪")
    with on("2025-06-02"):
        complaint = receive_complaint(holder.applicant, make_complaint())
        with pytest.raises(ComplaintUnfit):
            answer_complaint(holder.applicant, complaint.pk, "已退款。", answered_on=date(2025, 5, 31))
        with pytest.raises(ComplaintNotYours):
            answer_complaint(stranger.applicant, complaint.pk, "已退款。")


def test_a_sponsors_live_services_are_counted_from_the_record() -> None:
    holder = make_holder()
    service = make_service(sponsor=make_sponsor(holder.owner))
    with on("2026-01-12"):
        licence = make_licence(holder, sponsor_number=service.sponsor.number)
        assert begin(holder, licence).figures["business.B21.sites"] == "1"

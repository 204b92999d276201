"""An officer lists a holder whose report never came here: only on their own statement, after an order, with harm shown."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.cases.licence_factories import Holder, make_holder, make_licence, on
from tests.supervision.test_annual_reports import RULES, make_figures
from tests.web.pages import sign_in, text_of

from openbeian.journal.models import Entry
from openbeian.kernel import clock
from openbeian.kernel.actor import NotPermitted
from openbeian.notifications.actions.follow_journal import follow_journal
from openbeian.notifications.models import Notice
from openbeian.obligations.actions.follow_record import follow_record
from openbeian.obligations.models import Obligation
from openbeian.registry.errors import RecordNotYours
from openbeian.registry.models import Licence
from openbeian.supervision.reporting.actions.list_missing_report import list_missing_report
from openbeian.supervision.reporting.actions.save_report import save_report
from openbeian.supervision.reporting.actions.start_report import start_report
from openbeian.supervision.reporting.actions.submit_report import submit_report
from openbeian.supervision.reporting.actions.turn_report import turn_report
from openbeian.supervision.reporting.errors import ListingUnfit, ReportReasonsMissing
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.queries import list_missing_reports

pytestmark = pytest.mark.django_db
WHY = "京信管责〔2026〕9号；5月6日在管理平台核实未报"
STATED: dict[str, Any] = {"ordered_until": date(2026, 4, 30), "statement": WHY, "is_stated": True}


@pytest.fixture
def holder() -> Holder:
    return make_holder()


@pytest.fixture
def licence(holder: Holder) -> Licence:
    with on("2026-01-12"):
        return make_licence(holder)


def list_it(holder: Holder, licence: Licence, **changes: Any) -> AnnualReport:
    return list_missing_report(holder.officer, licence.pk, 2025, **(STATED | changes))


def test_who_owed_a_report_that_never_came_is_listed_with_the_statement(holder: Holder, licence: Licence) -> None:
    with on("2026-05-08"):
        assert list(list_missing_reports(holder.officer, 2025)) == [licence]
        report = list_it(holder, licence)
        assert list(list_missing_reports(holder.officer, 2025)) == []
    assert (report.state, str(report.listed_on), report.submitted_at) == ("listed", "2026-05-08", None)
    step = report.steps.get()
    assert WHY in step.note
    assert "2026-04-30" in step.note
    assert [r["code"] for r in step.reasons] == ["missed"]
    events = list(Entry.objects.filter(subject_kind="report").order_by("sequence").values_list("event", flat=True))
    assert events == ["report.missed", "report.listed"]


@pytest.mark.parametrize(
    ("day", "changes", "fields"),
    [
        ("2026-03-31", {}, ["year"]),
        ("2026-05-08", {"ordered_until": None}, ["ordered_until"]),
        ("2026-05-08", {"ordered_until": date(2026, 3, 31)}, ["ordered_until"]),
        ("2026-05-08", {"ordered_until": date(2026, 5, 8)}, ["ordered_until"]),
        ("2026-05-08", {"statement": "未报"}, ["statement"]),
        ("2026-05-08", {"is_stated": False}, ["is_stated"]),
        ("2026-05-08", {"statement": "", "is_stated": False, "ordered_until": None}, ["ordered_until", "statement", "is_stated"]),
    ],
)  # fmt: skip
def test_without_window_order_reason_or_statement_nobody_is_listed(
    holder: Holder, licence: Licence, day: str, changes: dict[str, Any], fields: list[str]
) -> None:
    before = Entry.objects.count()
    with on(day), pytest.raises(ListingUnfit) as refused:
        list_it(holder, licence, **changes)
    assert [f.field for f in refused.value.faults] == fields
    assert not AnnualReport.objects.exists()
    assert Entry.objects.count() == before


def test_who_reported_who_owed_nothing_and_who_is_of_another_area_is_not_in_the_list(holder: Holder) -> None:
    with on("2026-01-12"):
        reported, later = make_licence(holder), make_licence(holder)
        report = start_report(holder.applicant, reported.pk, 2025)
        save_report(holder.applicant, report.pk, make_figures(report), promises=RULES.promises, signed_by="王示例")
        submit_report(holder.applicant, report.pk)
    Licence.objects.filter(pk=later.pk).update(issued_on=date(2026, 1, 5))
    with on("2026-05-08"):
        assert list(list_missing_reports(holder.officer, 2025)) == []
        for one in (reported, later):
            with pytest.raises(RecordNotYours):
                list_it(holder, one)
        with pytest.raises(NotPermitted):
            list_missing_report(holder.applicant, reported.pk, 2025, **STATED)
        elsewhere = make_holder(province="沪")
        with pytest.raises(RecordNotYours):
            list_missing_report(elsewhere.officer, make_licence(holder).pk, 2025, **STATED)


def test_a_draft_keeps_what_was_typed_and_the_officer_reads_none_of_it(holder: Holder, licence: Licence) -> None:
    with on("2026-02-01"):
        draft = start_report(holder.applicant, licence.pk, 2025)
        save_report(holder.applicant, draft.pk, {"economy.total_income": "987654"})
    with on("2026-05-08"):
        report = list_it(holder, licence)
        assert report.pk == draft.pk
        assert report.figures["economy.total_income"] == "987654"
        officer = sign_in(holder.officer)
        page = officer.get(f"/reports/{report.pk}/")
        assert "987654" not in page.content.decode()
        assert WHY in text_of(page)
        assert officer.get(f"/reports/{report.pk}/forms/economy/").status_code == 404
        own = sign_in(holder.applicant)
        assert "987654" in own.get(f"/reports/{report.pk}/forms/economy/").content.decode()


def test_the_holder_is_told_sees_the_harm_makes_it_up_and_comes_off(holder: Holder, licence: Licence) -> None:
    with on("2026-05-08"):
        report = list_it(holder, licence)
        follow_journal()
        (notice,) = Notice.objects.filter(kind="report.listed", channel__organisation=holder.owner)
        assert notice.path == f"/reports/{report.pk}/"
        assert WHY in notice.detail_zh
        said = text_of(sign_in(holder.applicant).get(f"/reports/{report.pk}/"))
        for words in ("不良名单", "延续", WHY, "第38条", "未核实"):
            assert words in said, words
        save_report(holder.applicant, report.pk, make_figures(report), promises=RULES.promises, signed_by="王示例")
        assert submit_report(holder.applicant, report.pk).state == "made_up"
        assert turn_report(holder.officer, report.pk, "remove").state == "removed"
        follow_journal()
        assert Notice.objects.filter(kind="report.removed", channel__organisation=holder.owner).exists()


def test_one_listed_although_they_reported_elsewhere_comes_off_with_a_reason(holder: Holder, licence: Licence) -> None:
    with on("2026-05-08"):
        follow_record()
        report = list_it(holder, licence)
        with pytest.raises(ReportReasonsMissing):
            turn_report(holder.officer, report.pk, "remove")
        done = turn_report(holder.officer, report.pk, "remove", reasons=[{"code": "reported_elsewhere"}])
        assert (done.state, done.removed_on) == ("removed", clock.today())
        follow_record()
    owed = Obligation.objects.filter(subject_kind="licence", kind="licence.annual_report", cycle="2025")
    assert [row.stage for row in owed] == ["done"]


def test_the_page_never_says_not_reported_and_keeps_what_was_typed(holder: Holder, licence: Licence) -> None:
    with on("2026-03-01"):
        officer = sign_in(holder.officer)
        assert "窗口还没有结束" in text_of(officer.get("/reports/missing/?year=2025"))
    with on("2026-05-08"):
        officer = sign_in(holder.officer)
        page = officer.get("/reports/missing/?year=2025")
        assert f'href="/reports/missing/{licence.pk}/2025/"' in page.content.decode()
        said = text_of(page)
        assert licence.number in said
        assert "无法判断" in said
        everyone = text_of(officer.get("/reports/?year=2025"))
        assert "无法判断" in everyone
        assert "尚未开始" not in everyone
        assert "尚未开始" in text_of(sign_in(holder.applicant).get("/reports/?year=2025"))
        sheet = b"".join(officer.get("/reports/missing/?year=2025&export=csv").streaming_content)  # type: ignore[attr-defined]
        assert licence.number in sheet.decode()
        address = f"/reports/missing/{licence.pk}/2025/"
        assert "第38条" in text_of(officer.get(address))
        refused = officer.post(address, {"statement": WHY, "ordered_until": "2026-04-30"})
        assert refused.status_code == 422
        assert WHY in refused.content.decode()
        assert "2026-04-30" in refused.content.decode()
        assert officer.post(address, {"statement": WHY, "ordered_until": "32 May"}).status_code == 422
        done = officer.post(address, {"statement": WHY, "ordered_until": "2026-04-30", "is_stated": "on"})
        assert done.headers["Location"] == f"/reports/{AnnualReport.objects.get().pk}/"
        assert officer.get(address).status_code == 404
        assert officer.get(f"/reports/missing/{licence.pk}/99999/").status_code == 404
        assert sign_in(holder.applicant).get("/reports/missing/").status_code == 403

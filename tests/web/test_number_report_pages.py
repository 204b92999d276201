"""Reports on numbers by their pages: listed by year, begun, filled in with grounds and origins, handed in; nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from openbeian.registry.actions.record_number_resource import record_number_resource
from openbeian.registry.models import NumberResource
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.queries import get_report_rules
from tests.accounts.factories import make_member
from tests.cases.licence_factories import Holder, make_holder, make_licence, on
from tests.supervision.test_number_reports import make_figures
from tests.web.pages import text_of
from tests.web.portal import browse, make_operator

pytestmark = pytest.mark.django_db
RULES = get_report_rules("number")


@pytest.fixture(autouse=True)
def installed() -> None:
    make_operator()


def make_number(holder: Holder) -> NumberResource:
    raw = {"number": "10621234", "kind": "1062", "assigned_on": "2025-06-15"}
    return record_number_resource(holder.applicant, {**raw, "licence_number": make_licence(holder).number})


def fill_pages(browser: Any, report: AnnualReport) -> None:
    typed = make_figures()
    for form in RULES.list_forms(()):
        report.refresh_from_db()
        sent = {"revision": str(report.revision), "go": "stash"}
        sent |= {form.path(f): typed.get(form.path(f), report.figures.get(form.path(f), "")) for f in form.fields}
        assert browser.post(f"/reports/{report.pk}/forms/{form.id}/", sent).status_code == 302


def test_a_year_of_a_number_by_its_pages() -> None:
    holder = make_holder()
    with on("2026-02-02"):
        number = make_number(holder)
        browser: Any = browse(make_member(holder.owner, "applicant"))
        listed = text_of(browser.get("/reports/numbers/"))
        assert "10621234" in listed
        assert "未报（尚未开始）" in listed
        assert "2026-01-01 至 2026-03-31 报送" in listed
        assert "没有查到补报期的规定" in listed
        started = browser.post("/reports/numbers/start/", {"number": number.pk, "year": "2025"})
        report = AnnualReport.objects.get()
        assert started["Location"] == f"/reports/{report.pk}/"
        fee = text_of(browser.get(f"/reports/{report.pk}/forms/fee/"))
        assert "电信网码号资源占用费征收管理暂行办法" in fee
        assert "另有说法，未采用" in fee
        assert "判断不了，以原件为准" in fee
        shown = browser.get(f"/reports/{report.pk}/forms/number/")
        assert "来自许可证与备案记录" in text_of(shown)
        fill_pages(browser, report)
        report.refresh_from_db()
        sent = {"revision": report.revision, "promise": list(RULES.promises), "signed_by": "王示例", "go": "submit"}
        assert browser.post(f"/reports/{report.pk}/submission/", sent).status_code == 302
        assert "已报送" in text_of(browser.get("/reports/numbers/?year=2025&q=1062"))
        sheet = b"".join(browser.get("/reports/numbers/?year=2025&export=csv").streaming_content).decode("utf-8-sig")
        assert sheet.splitlines()[1].split(",")[1:7:4] == ["10621234", "已报送"]
        again = browser.post("/reports/numbers/start/", {"number": number.pk, "year": "2025"})
        assert again["Location"] == f"/reports/{report.pk}/"
        officer: Any = browse(make_member(holder.administration, "officer"))
        assert "10621234" in text_of(officer.get(f"/reports/{report.pk}/"))
        stranger: Any = browse(make_member(make_holder(province="沪").owner, "applicant"))
        assert stranger.get(f"/reports/{report.pk}/").status_code == 404
        assert "10621234" not in text_of(stranger.get("/reports/numbers/"))
    assert AnnualReport.objects.count() == 1


def test_an_officer_is_told_nothing_of_numbers_that_another_authority_assigned() -> None:
    holder = make_holder()
    with on("2026-02-02"):
        number = make_number(holder)
        raw = {"number": "95013", "kind": "95", "assigned_on": "2025-06-15"}
        assert number.licence is not None
        record_number_resource(holder.applicant, {**raw, "licence_number": number.licence.number})
        officer: Any = browse(make_member(holder.administration, "officer"))
        said = text_of(officer.get("/reports/numbers/?q=95013"))
        assert "工业和信息化部" in said
        assert "不报本机关" in said
        said = text_of(officer.get("/reports/numbers/?q=1062"))
        assert "无法判断" in said
        assert "尚未开始" not in said
        assert "开始填报" not in said


def test_what_is_no_number_or_year_is_no_page_and_a_year_without_rule_is_refused() -> None:
    holder = make_holder()
    with on("2026-02-02"):
        number = make_number(holder)
        browser: Any = browse(make_member(holder.owner, "applicant"))
        for sent in ({}, {"number": "x", "year": "2025"}, {"number": number.pk, "year": "20255"}):
            assert browser.post("/reports/numbers/start/", sent).status_code == 404
        early = browser.post("/reports/numbers/start/", {"number": number.pk, "year": "2024"})
        assert early.status_code == 409
        assert "2025-06-15 才核配" in text_of(early)
    assert not AnnualReport.objects.exists()

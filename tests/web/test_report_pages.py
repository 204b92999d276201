"""Annual reports and complaints in the browser's eyes: a whole year by pages, faults with links, nothing lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from openbeian.observation.traffic.queries import organisation_folder
from openbeian.observation.traffic.store import save_traffic
from openbeian.policies.models import PolicySetting
from openbeian.rules.annual_report import load_report_rules
from openbeian.rules.code_tables import find_rulebook
from openbeian.supervision.reporting.actions.start_report import start_report
from openbeian.supervision.reporting.models import AnnualReport, Complaint
from tests.accounts.factories import make_member
from tests.cases.licence_factories import Holder, make_holder, make_licence, on
from tests.observation.traffic.generator import Truth, log_text, make_events
from tests.registry.factories import make_service, make_sponsor
from tests.web.pages import parse, sign_in, text_of
from tests.web.portal import browse, make_operator

pytestmark = pytest.mark.django_db
RULES = load_report_rules(find_rulebook())


@pytest.fixture(autouse=True)
def installed() -> None:
    make_operator()


def browser_of(holder: Holder) -> object:
    return browse(make_member(holder.owner, "applicant"))


def fill_pages(browser: object, report: AnnualReport, **changes: str) -> None:
    for form in RULES.list_forms(report.codes):
        report.refresh_from_db()
        sent = {"revision": str(report.revision), "go": "stash"}
        for field in form.fields:
            path = form.path(field)
            known = report.figures.get(path, "")
            typed = {"count": "10", "yuan": "100", "choice": "yes" if field.id == "is_open" else "no"}
            long = "防火墙每日巡检，日志留存一百八十天，内容先审后发，责任人王示例，每季度演练一次。"
            sent[path] = changes.get(path) or known or typed.get(field.type, long)
        answer = browser.post(f"/reports/{report.pk}/forms/{form.id}/", sent)  # type: ignore[attr-defined]
        assert answer.status_code == 302, text_of(answer)


def submit(browser: object, report: AnnualReport) -> object:
    report.refresh_from_db()
    sent = {"revision": str(report.revision), "promise": list(RULES.promises), "signed_by": "王示例", "go": "submit"}
    return browser.post(f"/reports/{report.pk}/submission/", sent)  # type: ignore[attr-defined]


def test_a_whole_year_by_its_pages_with_a_return_from_the_officer() -> None:
    holder = make_holder()
    with on("2026-01-12"):
        licence = make_licence(holder)
        browser = browser_of(holder)
        listed = text_of(browser.get("/reports/"))  # type: ignore[attr-defined]
        assert "未报（尚未开始）" in listed
        assert "2026-01-01 至 2026-03-31 报送" in listed
        browser.post("/reports/start/", {"licence": licence.pk, "year": "2025"})  # type: ignore[attr-defined]
        report = AnnualReport.objects.get()
        first = browser.get(f"/reports/{report.pk}/forms/company/")  # type: ignore[attr-defined]
        assert "来自许可证与备案记录" in text_of(first)
        assert f"/licences/{licence.pk}/" in first.content.decode()
        fill_pages(browser, report, **{"quality.answered": "11"})
        refused = submit(browser, report)
        assert refused.status_code == 422  # type: ignore[attr-defined]
        assert "已答复数大于收到数" in text_of(refused)  # type: ignore[arg-type]
        fill_pages(browser, report, **{"quality.answered": "9", "quality.answered_in_time": "9"})
        assert submit(browser, report).status_code == 302  # type: ignore[attr-defined]
        officer = browse(make_member(holder.administration, "officer"))
        report.refresh_from_db()
        turned = officer.post(
            f"/reports/{report.pk}/turn/return/",
            {"revision": report.revision, "reason": ["figures_doubtful"], "reason_note": "请核对收入"},
        )
        assert turned.status_code == 302
        said = text_of(browser.get(f"/reports/{report.pk}/"))  # type: ignore[attr-defined]
        assert "退回修改：请按下列原因修改" in said
        assert "请核对收入" in said
        assert submit(browser, report).status_code == 302  # type: ignore[attr-defined]
    report.refresh_from_db()
    assert report.state == "reported"


def test_a_stale_page_keeps_what_was_typed_before_the_reader() -> None:
    holder = make_holder()
    with on("2026-01-12"):
        browser = browser_of(holder)
        browser.post("/reports/start/", {"licence": make_licence(holder).pk, "year": "2025"})  # type: ignore[attr-defined]
        report = AnnualReport.objects.get()
        path = f"/reports/{report.pk}/forms/economy/"
        browser.post(path, {"revision": "1", "economy.tax": "7"})  # type: ignore[attr-defined]
        stale = browser.post(path, {"revision": "1", "economy.tax": "8"})  # type: ignore[attr-defined]
    assert stale.status_code == 409
    assert 'value="8"' in stale.content.decode()
    report.refresh_from_db()
    assert report.figures["economy.tax"] == "7"


def test_saving_checks_everything_and_links_to_each_field() -> None:
    holder = make_holder()
    with on("2026-01-12"):
        browser = browser_of(holder)
        browser.post("/reports/start/", {"licence": make_licence(holder).pk, "year": "2025"})  # type: ignore[attr-defined]
        report = AnnualReport.objects.get()
        answer = browser.post(f"/reports/{report.pk}/forms/economy/", {"revision": "1", "go": "check"})  # type: ignore[attr-defined]
        assert answer.status_code == 422
        assert f"/reports/{report.pk}/forms/economy/?check=1#f-economy-total_income" in answer.content.decode()
        assert browser.get(f"/reports/{report.pk}/forms/nonsense/").status_code == 404  # type: ignore[attr-defined]


def test_the_years_table_and_strangers() -> None:
    holder, stranger = make_holder(), make_holder(province="沪")
    with on("2026-01-12"):
        licence = make_licence(holder)
        make_licence(holder, issued_on="2026-01-02", valid_until="2031-01-01")
        browser = browser_of(holder)
        browser.post("/reports/start/", {"licence": licence.pk, "year": "2025"})  # type: ignore[attr-defined]
        report = AnnualReport.objects.get()
        table = browser.get("/reports/?year=2025&export=csv").getvalue().decode()  # type: ignore[attr-defined]
        foreign = browser_of(stranger)
        assert foreign.get(f"/reports/{report.pk}/").status_code == 404  # type: ignore[attr-defined]
        refused = foreign.post("/reports/start/", {"licence": licence.pk, "year": "2025"})  # type: ignore[attr-defined]
        assert refused.status_code == 404
        odd = browser.post("/reports/start/", {"licence": "x", "year": "20²5"})  # type: ignore[attr-defined]
        assert odd.status_code == 404
    assert table.count("\n") == 3
    assert "不需报送" in table


def test_a_complaint_is_taken_in_answered_and_listed_without_names() -> None:
    holder, stranger = make_holder(), make_holder(province="沪")
    with on("2025-06-02"):
        browser = browser_of(holder)
        sent = {"received_on": "2025-06-01", "channel": "phone", "subject": "=退费", "complainant": "赵先生", "content": "<b>"}  # fmt: skip
        assert browser.post("/complaints/new/", sent | {"received_on": "2025-07-01"}).status_code == 422  # type: ignore[attr-defined]
        assert browser.post("/complaints/new/", sent).status_code == 302  # type: ignore[attr-defined]
        one = Complaint.objects.get()
        page = browser.get(f"/complaints/{one.pk}/")  # type: ignore[attr-defined]
        assert "赵先生" in text_of(page)
        assert "&lt;b&gt;" in page.content.decode()
        answered = {"answer": "已退款", "answered_on": "2025-06-02", "is_settled": "on"}
        assert browser.post(f"/complaints/{one.pk}/", answered).status_code == 302  # type: ignore[attr-defined]
        table = browser.get("/complaints/?state=answered&export=csv").getvalue().decode()  # type: ignore[attr-defined]
        assert browser_of(stranger).get(f"/complaints/{one.pk}/").status_code == 404  # type: ignore[attr-defined]
    assert "赵先生" not in table
    assert "'=退费" in table
    assert "2025-06-16" in table


def test_the_day_of_an_answer_is_never_shown_as_certain_while_its_rule_is_open() -> None:
    holder = make_holder()
    with on("2026-01-05"):
        licence = make_licence(holder)
        browser = sign_in(holder.applicant)
        typed = {
            "received_on": "2025-12-20",
            "channel": "phone",
            "subject": "扣费争议",
            "licence_number": licence.number,
        }
        done = browser.post("/complaints/new/", typed, follow=True)
        assert "未核实" in done.content.decode()
        complaint = Complaint.objects.get()
        for address in ("/complaints/", f"/complaints/{complaint.pk}/"):
            assert "答复期限未核实" in text_of(browser.get(address)), address
        sheet = b"".join(browser.get("/complaints/?export=csv").streaming_content).decode()  # type: ignore[attr-defined]
        assert "答复期限（未核实）" in sheet
        browser.post(f"/complaints/{complaint.pk}/", {"answer": "已退费", "answered_on": "2026-01-02"})
        report = start_report(holder.applicant, licence.pk, 2025)
        said = text_of(browser.get(f"/reports/{report.pk}/forms/quality/"))
        assert "按未核实的答复期限计" in said
    with on("2026-02-20"):
        Complaint.objects.update(answered_on=None, answer="")
        late = parse(browser.get("/complaints/")).css("td .badge")
        assert [b.attributes["data-tone"] for b in late] == ["warn"]


def test_visits_come_from_the_logs_with_a_way_back_and_the_days_that_are_missing(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path / "home"
    holder, events = make_holder(), make_events(seed=70, visits=30)
    sponsor = make_sponsor(holder.owner)
    service = make_service(sponsor, domains=("example.cn",))
    log = tmp_path / "access.log"
    log.write_text(log_text("nginx json", events))
    save_traffic([str(log)], folder=organisation_folder(holder.owner.pk))
    with on("2027-01-12"):
        licence = make_licence(holder, valid_until="2030-01-01", businesses="B25", sponsor_number=sponsor.number)
        browser: Any = browser_of(holder)
        browser.post("/reports/start/", {"licence": licence.pk, "year": "2026"})
        report = AnnualReport.objects.get()
        page = browser.get(f"/reports/{report.pk}/forms/business.B25/")
    visits = Truth(events, year=2026).measures("")["visits"]["people"]
    assert report.figures["business.B25.visits"] == str(visits)
    assert report.origins["business.B25.visits"]["kind"] == "traffic"
    covered, uncovered = report.origins["business.B25.visits"]["days"]
    assert covered + uncovered == 365
    assert f"来自访问统计（只有 {covered} 天的日志，缺 {uncovered} 天）" in text_of(page)
    assert f"/services/{service.pk}/traffic/?year=2026" in page.content.decode()


def test_an_inspection_by_policy_stands_beside_the_report_and_hides_nothing() -> None:
    holder = make_holder()
    with on("2026-01-12"):
        licence = make_licence(holder)
        browser: Any = browser_of(holder)
        assert "内部年检" not in text_of(browser.get("/reports/?year=2025"))
        PolicySetting.objects.create(
            rule_id="licence.annual_inspection.run", claim_id="inspection_beside_report", since=date(2020, 1, 1),
            set_by_name="管理员", organisation=holder.owner, set_at="2020-01-01T00:00:00+00:00",
        )  # fmt: skip
        browser.post("/reports/start/", {"licence": licence.pk, "year": "2025", "regime": "inspection"})
        inspection = AnnualReport.objects.get()
        assert "并非法律规定，不代替年报" in text_of(browser.get(f"/reports/{inspection.pk}/"))
        listed = text_of(browser.get("/reports/?year=2025"))
        assert "未报（尚未开始）" in listed
        assert "开始填报" in listed
        assert "打开内部年检（本系统政策）" in listed
        fill_pages(browser, inspection, **{"quality.answered": "9", "quality.answered_in_time": "9"})
        assert submit(browser, inspection).status_code == 302  # type: ignore[attr-defined]
        officer: Any = browse(make_member(holder.administration, "officer"))
        for verb, state in (("check_on_site", "on_site"), ("certify", "certified")):
            inspection.refresh_from_db()
            officer.post(f"/reports/{inspection.pk}/turn/{verb}/", {"revision": inspection.revision})
            inspection.refresh_from_db()
            assert inspection.state == state
        assert "年检合格" in text_of(browser.get(f"/reports/{inspection.pk}/"))
        # The year's report is owed all the same.
        assert "未报（尚未开始）" in text_of(browser.get("/reports/?year=2025"))
        browser.post("/reports/start/", {"licence": licence.pk, "year": "2025"})
    assert set(AnnualReport.objects.values_list("regime", flat=True)) == {"report", "inspection"}

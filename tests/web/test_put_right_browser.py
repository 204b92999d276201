"""What must be put right, ordered inspections and missing reports, on a screen and on a phone, in a real browser."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from openbeian.kernel import clock
from openbeian.obligations.actions.follow_record import follow_record
from openbeian.registry.models import Licence
from openbeian.supervision.inspections.actions.conclude_inspection import conclude_inspection
from openbeian.supervision.inspections.models import Fault, Inspection
from openbeian.supervision.reporting.models import AnnualReport
from tests.accounts.factories import make_actor
from tests.supervision.inspection_factories import NOON, Office, fill_in
from tests.supervision.records import NUMBER_FAULT, make_site, see
from tests.web.test_inspections_browser import PHONE, WIDE, browser, enter, look_at, office

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["browser", "office"]


def test_an_order_becomes_a_finding_that_the_holder_puts_right_from_one_list(
    browser: Browser, live_server: Any, office: Office
) -> None:
    licence = office.licences[0]
    _, officer = enter(browser, live_server, office.officer, WIDE)
    officer.goto(f"/licences/{licence.pk}/")
    officer.get_by_role("link", name="指定检查").click()
    expect(officer.get_by_label("许可证号或备案号")).to_have_value(licence.number)
    officer.get_by_role("button", name="指定检查").click()
    expect(officer.locator("main")).to_contain_text("未填写")
    look_at(officer, "order-refused")
    officer.get_by_label("检查事由").fill("一周内投诉集中，须到场核实")
    officer.get_by_role("button", name="指定检查").click()
    expect(officer.locator("main")).to_contain_text("指定检查")
    look_at(officer, "order-done")

    inspection = Inspection.objects.get()
    inspector = office.inspector_of(inspection)
    with clock.hold(NOON):
        fill_in(inspector, inspection, logs__retention="只留存 30 天")
        conclude_inspection(inspector, inspection.pk)
        site = make_site(licence.organisation, name="示例书店")
        for minutes in (20, 10):
            see(site, NUMBER_FAULT, at=clock.now() - timedelta(minutes=minutes))
    follow_record()

    holder = make_actor(licence.organisation, "applicant")
    for name, size in (("wide", WIDE), ("phone", PHONE)):
        _, page = enter(browser, live_server, holder, size)
        page.goto("/findings/")
        look_at(page, f"findings-{name}")
        page.get_by_role("link", name="网络日志留存不少于六个月").click()
        look_at(page, f"finding-of-inspection-{name}")
    page.get_by_role("button", name="报告已整改").click()
    page.locator("dialog[open] textarea").fill("已改为留存 180 天")
    page.locator("dialog[open]").get_by_role("button", name="报告已整改").click()
    expect(page.locator("main")).to_contain_text("待复查")
    assert Fault.objects.get().state == "to_recheck"
    page.goto("/")
    expect(page.locator("main")).to_contain_text("整改：检查发现的严重问题")


def test_a_holder_without_a_report_is_listed_on_a_statement_and_sees_the_harm(
    browser: Browser, live_server: Any, office: Office
) -> None:
    licence = office.licences[0]
    year = clock.today().year - 1
    Licence.objects.filter(pk=licence.pk).update(issued_on=date(year - 4, 3, 2))
    _, officer = enter(browser, live_server, office.officer, WIDE)
    officer.goto("/reports/missing/")
    expect(officer.locator("main")).to_contain_text("无法判断")
    look_at(officer, "missing-reports")
    officer.get_by_role("link", name="列入名单").click()
    why = "京信管责〔2026〕9号；已在管理平台核实未报"
    officer.get_by_label("理由和核实情况").fill(why)
    officer.get_by_role("button", name="列入不良名单").click()
    expect(officer.get_by_label("理由和核实情况")).to_have_value(why)
    look_at(officer, "missing-refused")
    officer.get_by_label("责令报送的期限").fill(f"{year + 1}-05-31")
    officer.get_by_label("我已在管理平台核实").check()
    officer.get_by_role("button", name="列入不良名单").click()
    expect(officer.locator("main")).to_contain_text("已列入不良名单")
    look_at(officer, "missing-listed")
    report = AnnualReport.objects.get()
    for name, size in (("wide", WIDE), ("phone", PHONE)):
        _, page = enter(browser, live_server, make_actor(licence.organisation, "applicant"), size)
        page.goto(f"/reports/{report.pk}/")
        expect(page.locator("main")).to_contain_text(why)
        look_at(page, f"listed-holder-{name}")

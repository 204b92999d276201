"""Licences in a real browser: applied for, corrected and granted; renewed in part; too late; a year's report with a return."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from tests.acceptance.conftest import Enter
from tests.acceptance.filing import (
    find_field,
    go_on,
    hand_in_papers,
    make_credit_code,
    open_review,
    press,
    promise,
    submit,
)

from openbeian.kernel.clock import CHINA

pytestmark = pytest.mark.browser

APPLICANT, OFFICER = "申小请", "管小审"
LONG = "防火墙每日巡检，日志留存一百八十天，内容先审后发，责任人王故事，每季度演练一次。"


def today() -> date:
    """The portal is a process with a clock of its own."""
    return datetime.now(CHINA).date()


def count() -> Iterator[int]:
    number = 7000
    while True:
        number += 1
        yield number


_numbers = count()


def record_licence(page: Page, *, days_left: int, unopened: str = "") -> str:
    """A licence of five years with B21 and B25, on record by hand; its number."""
    end = today() + timedelta(days=days_left)
    issued = end.replace(year=end.year - 5, day=min(end.day, 28))
    number = f"京B2-{issued.year}{next(_numbers)}"
    page.goto("/licences/new/")
    for label, value in {
        "许可证号": number,
        "持证人": "北京故事信息有限公司",
        "统一社会信用代码": make_credit_code(),
        "发证日期": issued.isoformat(),
        "有效期至（证面）": end.isoformat(),
        "业务覆盖范围": "京",
        "法定代表人": "王故事",
        "注册资本（元）": "10000000",
    }.items():
        page.get_by_label(label).first.fill(value)
    for code in ("B21", "B25"):
        page.locator(f"input[name=businesses][value={code}]").check()
    if unopened:
        page.locator(f"input[name=unopened][value={unopened}]").check()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已登记。")).to_be_visible()
    return number


def fill_holder(page: Page) -> None:
    for name, value in {
        "name": "北京新许信息有限公司",
        "certificate_number": make_credit_code(),
        "legal_representative": "许一",
        "capital_yuan": "1000000",
        "address": "北京市东城区故事路8号",
        "contact_name": "李联",
        "contact_mobile": "13711110001",
        "contact_email": "li@example.cn",
    }.items():
        find_field(page, f"holder.{name}").fill(value)


def hand_in(page: Page) -> str:
    hand_in_papers(page)
    go_on(page, "承诺")
    promise(page)
    go_on(page, "提交")
    return submit(page)


def test_applied_for_corrected_once_and_granted(enter: Enter) -> None:
    applicant = enter(APPLICANT)
    applicant.goto("/licences/")
    applicant.get_by_role("button", name="申请许可证").click()
    fill_holder(applicant)
    go_on(applicant, "业务与范围")
    find_field(applicant, "businesses.0.code").select_option("B21")
    find_field(applicant, "areas").fill("京")
    go_on(applicant, "材料")
    reference = hand_in(applicant)

    officer = enter(OFFICER)
    open_review(officer, reference)
    officer.get_by_role("button", name=re.compile("^一次性告知补正")).click()
    dialog = officer.get_by_role("dialog")
    dialog.locator("input[value=plan_unfit]").check()
    dialog.get_by_role("button", name="一次性告知补正").click()
    expect(officer.get_by_text("已一次性告知补正，现为")).to_be_visible()

    applicant.goto(f"/cases/?q={reference}")
    applicant.locator("[data-row]").first.get_by_role("link").first.click()
    expect(applicant.get_by_text("业务或技术方案不符合要求").first).to_be_visible()
    applicant.get_by_role("link", name="继续填写").click()
    go_on(applicant, "业务与范围")
    find_field(applicant, "businesses.0.note").fill("为第三方商家提供交易平台，自有服务器四台。")
    for step in ("材料", "承诺", "提交"):
        go_on(applicant, step)
    submit(applicant)

    open_review(officer, reference)
    press(officer, "受理")
    open_review(officer, reference)
    press(officer, "准予许可")
    applicant.goto("/licences/")
    expect(applicant.get_by_text("北京新许信息有限公司").first).to_be_visible()
    applicant.get_by_role("row", name=re.compile("北京新许信息有限公司")).get_by_role("link").first.click()
    expect(applicant.get_by_role("heading", name=re.compile(r"^京B2-\d{8}$"))).to_be_visible()
    expect(applicant.get_by_text("新的许可证尚未领到")).to_be_visible()


def test_renewed_in_time_what_was_never_open_drops_out(enter: Enter) -> None:
    applicant = enter(APPLICANT)
    number = record_licence(applicant, days_left=120, unopened="B25")
    expect(applicant.get_by_text("还有 120 天")).to_be_visible()
    expect(applicant.get_by_text("未开通，不予延续")).to_be_visible()
    expect(applicant.get_by_role("heading", name="续期材料准备")).to_be_visible()
    applicant.get_by_role("button", name="办理延续").click()
    go_on(applicant, "业务与范围")
    find_field(applicant, "business_report").fill("五年来平台运行正常，用户稳定增长。")
    go_on(applicant, "材料")
    reference = hand_in(applicant)

    officer = enter(OFFICER)
    open_review(officer, reference)
    press(officer, "受理")
    open_review(officer, reference)
    press(officer, "准予许可")
    applicant.goto(f"/licences/?q={number}")
    row = applicant.get_by_role("row", name=re.compile(number))
    expect(row).to_contain_text("B21")
    expect(row).not_to_contain_text("B25")
    expect(row).to_contain_text(str(today().year + 5))


def test_too_late_is_said_with_what_follows_and_cannot_be_started(enter: Enter) -> None:
    applicant = enter(APPLICANT)
    record_licence(applicant, days_left=30)
    expect(applicant.get_by_text("将断档或已断档")).to_be_visible()
    expect(applicant.get_by_text("到期不予延续").first).to_be_visible()
    expect(applicant.get_by_role("button", name="重新申请许可")).to_be_visible()
    expect(applicant.get_by_role("button", name="办理延续")).to_have_count(0)


def test_a_whole_years_report_with_a_return(enter: Enter) -> None:
    applicant = enter(APPLICANT)
    number = record_licence(applicant, days_left=900, unopened="B25")
    year = today().year - 1
    applicant.goto(f"/reports/?year={year}&q={number}")
    applicant.get_by_role("button", name="开始填报").click()
    expect(applicant.get_by_role("heading", name=f"年报 {year}")).to_be_visible()
    address = applicant.url
    applicant.get_by_role("link", name="继续填写").click()
    for _ in range(9):
        fill_report_form(applicant)
        applicant.locator("main form button.is-first[name=go]").click()
        if applicant.url.endswith("/submission/"):
            break
    for box in applicant.locator("input[name=promise]").all():
        box.check()
    applicant.get_by_label("签名").fill("王故事")
    applicant.get_by_role("button", name="报送", exact=True).click()
    expect(applicant.get_by_text("已答复投诉数").first).to_be_visible()
    applicant.get_by_role("link", name=re.compile("已答复投诉数")).first.click()
    applicant.locator("[id='f-quality-answered']").fill("2")
    applicant.get_by_role("button", name="暂存").click()
    applicant.goto(f"{address}submission/")
    applicant.get_by_role("button", name="报送", exact=True).click()
    expect(applicant.get_by_text(re.compile("已报送，现为"))).to_be_visible()

    officer = enter(OFFICER)
    officer.goto(address)
    officer.get_by_role("button", name=re.compile("^退回修改")).click()
    dialog = officer.get_by_role("dialog")
    dialog.locator("input[value=figures_doubtful]").check()
    dialog.get_by_role("textbox", name="说明").fill("请核对营业收入")
    dialog.get_by_role("button", name="退回修改").click()
    expect(officer.get_by_text("现为「退回修改」")).to_be_visible()

    applicant.goto(address)
    expect(applicant.get_by_text("请核对营业收入").first).to_be_visible()
    applicant.goto(f"{address}submission/")
    applicant.get_by_role("button", name="报送", exact=True).click()
    expect(applicant.get_by_text(re.compile("已报送，现为"))).to_be_visible()


def fill_report_form(page: Page) -> None:
    """Every empty field of the form that is open; more complaints answered than received, for the check to find."""
    for box in page.locator("main form textarea").all():
        if not box.input_value():
            box.fill(LONG)
    for choice in page.locator("main form select").all():
        if not choice.input_value():
            choice.select_option(index=1)
    for line in page.locator("main form input:not([type=hidden])").all():
        name = line.get_attribute("name") or ""
        if not line.input_value():
            line.fill("3" if name == "quality.answered" else "2" if line.get_attribute("inputmode") else "北京市东城区故事路8号")  # fmt: skip

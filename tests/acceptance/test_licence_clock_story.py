"""Licences as time goes by, in a real browser: an authority that stays silent, and a year's report in its window.

The demonstration has its own today: it is stopped and started again on a later day, as `up --demo --today` allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Page, expect
from tests.acceptance.conftest import Demo, Enter, make_home
from tests.acceptance.licensing import APPLICANT, OFFICER, apply_for_renewal, record_licence
from tests.entrypoints.cli.test_up import free_port, wait_until

pytestmark = pytest.mark.browser

APPLIED_ON, IN_WINDOW_ON = "2025-11-20", "2026-03-02"
COUNTED = {"quality.complaints": "2", "quality.answered": "3", "quality.answered_in_time": "2"}
LONG = "防火墙每日巡检，日志留存一百八十天，内容先审后发，责任人王故事，每季度演练一次。"


@pytest.fixture(scope="module")
def moved_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(make_home(tmp_path_factory.mktemp("moved")), free_port())
    try:
        demo.start("--today", APPLIED_ON)
        yield demo
    finally:
        demo.stop()


@pytest.fixture(scope="module")
def demo(moved_demo: Demo) -> str:
    """In place of the shared demonstration, whose clock is the real one."""
    return moved_demo.address


def test_silence_renews_and_the_year_is_reported_in_its_window_with_a_return(enter: Enter, moved_demo: Demo) -> None:
    applicant = enter(APPLICANT)
    expect(applicant.get_by_text("演示的今天是 2025-11-20")).to_be_visible()
    number = record_licence(applicant, date(2026, 2, 28), unopened="B25")
    licence = applicant.url
    # The last day is 90 days before the end, a Sunday; the page advises the Friday before.
    expect(applicant.get_by_text("– 2025-11-30")).to_be_visible()
    expect(applicant.get_by_text("建议不晚于 2025-11-28")).to_be_visible()
    apply_for_renewal(applicant)
    applicant.goto(licence)
    expect(applicant.get_by_text("视为准予延续", exact=True)).to_have_count(0)

    moved_demo.stop()
    moved_demo.start("--today", IN_WINDOW_ON)
    wait_until(lambda: _see(applicant, licence, "^视为准予延续$"), seconds=90)
    expect(applicant.get_by_text("2031-02-28").first).to_be_visible()
    expect(applicant.get_by_text("纸质或电子证照尚未取得")).to_be_visible()
    expect(applicant.get_by_role("rowheader", name="B21")).to_be_visible()
    expect(applicant.get_by_role("rowheader", name="B25")).to_have_count(0)

    wait_until(lambda: _see(applicant, licence, "^领取许可证"), seconds=120)

    report_the_year(applicant, enter(OFFICER), number)

    applicant.goto(licence)
    applicant.get_by_role("button", name="登记领到的许可证").click()
    applicant.get_by_role("dialog").get_by_label("证面印的有效期至").fill("2031-02-28")
    applicant.get_by_role("dialog").get_by_role("button", name="登记").click()
    expect(applicant.get_by_text("已登记领到的许可证。")).to_be_visible()
    expect(applicant.get_by_text("纸质或电子证照尚未取得")).to_have_count(0)


def _see(page: Page, address: str, words: str) -> bool:
    """The background worker does it in its own time."""
    page.goto(address)
    return page.get_by_text(re.compile(words)).count() > 0


def report_the_year(applicant: Page, officer: Page, number: str) -> None:
    """The report of 2025: begun, filled in, refused for one fault, handed in, returned, handed in again; its receipt."""
    applicant.goto(f"/reports/?year=2025&q={number}")
    expect(applicant.get_by_text("报送窗口开放中")).to_be_visible()
    applicant.get_by_role("button", name="开始填报").click()
    expect(applicant.get_by_role("heading", name="年报 2025")).to_be_visible()
    address = applicant.url
    applicant.get_by_role("link", name="继续填写").click()
    for _ in range(9):
        fill_report_form(applicant)
        here = applicant.url
        applicant.locator("main form button.is-first[name=go]").click()
        applicant.wait_for_url(lambda url, here=here: url != here)
        if applicant.url.endswith("/submission/"):
            break
    for box in applicant.locator("input[name=promise]").all():
        box.check()
    applicant.get_by_label("签名").fill("王故事")
    applicant.get_by_role("button", name="报送", exact=True).click()
    applicant.get_by_role("link", name=re.compile("已答复投诉数")).first.click()
    applicant.locator("[id='f-quality-answered']").fill("2")
    applicant.get_by_role("button", name="暂存").click()
    applicant.goto(f"{address}submission/")
    applicant.get_by_role("button", name="报送", exact=True).click()
    expect(applicant.get_by_text("已报送，现为「已报送」。")).to_be_visible()

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
    expect(applicant.get_by_text("已报送，现为「已报送」。")).to_be_visible()
    with applicant.expect_download() as paper:
        applicant.get_by_role("button", name=re.compile("^打印回执")).click()
    assert paper.value.path().read_bytes().startswith(b"%PDF")


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
        if name in COUNTED:
            # The register may have filled these in.
            line.fill(COUNTED[name])
        elif not line.input_value():
            line.fill("2" if line.get_attribute("inputmode") else "北京市东城区故事路8号")

"""Licences in a real browser: applied for, corrected and granted; renewed in part; too late."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from tests.acceptance.conftest import Enter
from tests.acceptance.filing import find_field, go_on, make_credit_code, open_review, press, submit
from tests.acceptance.licensing import APPLICANT, OFFICER, apply_for_renewal, fill_contact, hand_in, record_licence

from openbeian.kernel.clock import CHINA

pytestmark = pytest.mark.browser


def today() -> date:
    """The portal is a process with a clock of its own."""
    return datetime.now(CHINA).date()


def fill_holder(page: Page) -> None:
    for name, value in {
        "name": "北京新许信息有限公司",
        "certificate_number": make_credit_code(),
        "legal_representative": "许一",
        "capital_yuan": "1000000",
        "address": "北京市东城区故事路8号",
    }.items():
        find_field(page, f"holder.{name}").fill(value)
    fill_contact(page)


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
    number = record_licence(applicant, today() + timedelta(days=120), unopened="B25")
    expect(applicant.get_by_text("还有 120 天")).to_be_visible()
    expect(applicant.get_by_text("未开通，不予延续")).to_be_visible()
    expect(applicant.get_by_role("heading", name="续期材料准备")).to_be_visible()
    reference = apply_for_renewal(applicant)

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
    record_licence(applicant, today() + timedelta(days=30))
    expect(applicant.get_by_text("将断档或已断档")).to_be_visible()
    expect(applicant.get_by_text("到期不予延续").first).to_be_visible()
    expect(applicant.get_by_role("button", name="重新申请许可")).to_be_visible()
    expect(applicant.get_by_role("button", name="办理延续")).to_have_count(0)

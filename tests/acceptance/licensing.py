"""What holders of licences do at the portal in the stories, in clicks and keys; everybody is fictional."""

from __future__ import annotations

import itertools
from datetime import date

from playwright.sync_api import Page, expect
from tests.acceptance.filing import find_field, go_on, hand_in_papers, make_credit_code, promise, submit

APPLICANT, OFFICER = "申小请", "管小审"
_numbers = itertools.count(7001)


def record_licence(page: Page, end: date, *, unopened: str = "") -> str:
    """A licence of five years with B21 and B25, on record by hand; its number."""
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


def fill_contact(page: Page) -> None:
    """Whom to call, where the record names nobody."""
    for name, value in {"name": "李联", "mobile": "13711110001", "email": "li@example.cn"}.items():
        find_field(page, f"holder.contact_{name}").fill(value)


def apply_for_renewal(page: Page) -> str:
    """From the licence's page to the application handed in; its reference."""
    page.get_by_role("button", name="办理延续").click()
    fill_contact(page)
    go_on(page, "业务与范围")
    find_field(page, "business_report").fill("五年来平台运行正常，用户稳定增长。")
    go_on(page, "材料")
    return hand_in(page)


def hand_in(page: Page) -> str:
    """Papers, promises and the button; the application's reference."""
    hand_in_papers(page)
    go_on(page, "承诺")
    promise(page)
    go_on(page, "提交")
    return submit(page)

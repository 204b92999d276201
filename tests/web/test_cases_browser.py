"""A filing in a real browser: typed, saved by itself, corrected, submitted, confirmed on a phone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from openbeian.cases.actions.submit_case import submit_case
from openbeian.cases.models import Case, SentMessage
from tests.cases.factories import World, approve, make_filled_case, make_world
from tests.web.pages import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Where somebody wants to look at the pages, the pictures are kept.
PICTURES = os.environ.get("OPENBEIAN_SCREENSHOTS")
SIZES = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> World:
    # Playwright's synchronous interface runs an event loop of its own in this thread.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    return make_world()


@pytest.fixture
def page(world: World, live_server: Any) -> Iterator[Page]:
    session = sign_in(world.applicant).cookies["sessionid"].value
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("OPENBEIAN_CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        context = browser.new_context(base_url=live_server.url, viewport=SIZES["wide"])
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
        yield page
        browser.close()
        # Taking a picture puts a style of Playwright's own into the page, which the policy rightly refuses.
        assert PICTURES or problems == []


def look_at(page: Page, name: str) -> None:
    """Nothing stands in the way of a reader with other eyes or hands; pictures if anybody wants to see."""
    # A page in the middle of being drawn anew is nobody's page.
    page.wait_for_function("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
    found = Axe().run(page)
    assert not found.response["violations"], f"{name}: {found.generate_report()}"
    if not PICTURES:
        return
    for size, viewport in SIZES.items():
        for scheme in ("light", "dark"):
            page.set_viewport_size(viewport)
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{size}-{scheme}.png"), full_page=True)
    page.set_viewport_size(SIZES["wide"])
    page.emulate_media(color_scheme="light")


def test_a_form_saves_itself_as_it_is_typed_and_a_stale_tab_loses_nothing(page: Page, world: World) -> None:
    page.goto("/")
    look_at(page, "today-empty")
    page.goto("/cases/new/")
    page.get_by_text("新办备案").click()
    look_at(page, "new")
    page.get_by_role("button", name=re.compile("开始办理：首次备案")).click()
    expect(page).to_have_url(re.compile(r"/form/sponsor/$"))
    case = Case.objects.get()

    page.locator("#field-sponsor-nature").select_option("enterprise")
    expect(page.locator("#field-sponsor-certificate_type option")).not_to_have_count(1)
    page.locator("#field-sponsor-name").fill("北京浏览器测试有限公司")
    page.locator("#field-sponsor-person-mobile").fill("12345")
    page.locator("#field-sponsor-person-name").focus()
    expect(page.locator("#field-sponsor-person-mobile-state .error")).to_be_visible()
    expect(page.locator(".saved-at")).to_have_text(re.compile(r"已保存 \d\d:\d\d"))
    page.locator("[name='sponsor.region:1']").select_option("110000")
    page.locator("[name='sponsor.region:2']").select_option("110100")
    page.locator("[name='sponsor.region:3']").select_option("110101")
    expect(page.locator("#field-sponsor-name")).to_have_value("北京浏览器测试有限公司")
    look_at(page, "form-sponsor")

    stale = page.context.new_page()
    stale.goto(page.url)
    page.locator("#field-sponsor-address").fill("第一页写的地址一号")
    page.locator("#field-sponsor-remark").focus()
    expect(page.locator("#field-sponsor-address-state input")).not_to_have_value(
        stale.locator("#field-sponsor-address-state input").input_value()
    )
    stale.locator("#field-sponsor-address").fill("第二页写的地址二号")
    stale.locator("#field-sponsor-remark").focus()
    expect(stale.locator("#conflict")).to_be_visible()
    expect(stale.locator("#field-sponsor-address")).to_have_value("第二页写的地址二号")
    look_at(stale, "form-conflict")
    stale.get_by_role("button", name="以我输入的为准").click()
    expect(stale.locator("#conflict")).to_have_count(0)
    case.refresh_from_db()
    assert case.form["sponsor"]["address"] == "第二页写的地址二号"
    assert case.form["sponsor"]["region"] == "110101"

    # Leaving by a link at once takes along what was typed a moment ago.
    stale.locator("#field-sponsor-remark").fill("随即离开")
    stale.get_by_role("link", name="提交", exact=True).click()
    expect(stale).to_have_url(re.compile("/form/submission/"))
    case.refresh_from_db()
    assert case.form["sponsor"]["remark"] == "随即离开"
    look_at(stale, "submission-faults")
    stale.locator(".summary-faults a").first.click()
    expect(stale.locator("*:focus")).to_have_attribute("id", re.compile("^field-sponsor-"))


def test_a_complete_case_is_submitted_and_confirmed_on_a_phone(page: Page, world: World) -> None:
    case = make_filled_case(world)
    for step in ("services", "access", "materials", "verification"):
        page.goto(f"/cases/{case.pk}/form/{step}/")
        look_at(page, f"form-{step}")
    page.goto(f"/cases/{case.pk}/form/submission/")
    look_at(page, "submission")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("已提交，办件号")).to_be_visible()
    look_at(page, "case")
    page.get_by_role("button", name="撤销备案…").click()
    look_at(page, "case-dialog")
    page.get_by_role("button", name="取消").click()
    page.goto("/cases/")
    look_at(page, "cases")

    approve(world, case)
    confirmation = case.confirmations.get()
    code = re.search(r"核验码 (\d{6})", SentMessage.objects.get(key=f"code:{confirmation.pk}").body)
    assert code is not None
    page.goto("/")
    look_at(page, "today")
    page.goto(f"/confirm/{confirmation.secret}/")
    look_at(page, "confirm")
    page.get_by_label("短信中的核验码").fill(code[1])
    page.get_by_label("收到短信的手机号码").fill(confirmation.mobile)
    page.get_by_label("本人证件号码后六位").fill(confirmation.certificate_tail)
    page.get_by_role("button", name="确认知情并核验").click()
    expect(page.get_by_role("heading", name="核验完成")).to_be_visible()
    page.goto(f"/cases/{case.pk}/")
    expect(page.get_by_text("管局审核中").first).to_be_visible()


def test_two_presses_of_submit_submit_once(page: Page, world: World) -> None:
    case = make_filled_case(world)
    page.goto(f"/cases/{case.pk}/form/submission/")
    submit_case(world.applicant, case.pk, revision=case.revision)
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("没有重复提交")).to_be_visible()

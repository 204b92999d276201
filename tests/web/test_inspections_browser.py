"""An inspection on a phone whose network is cut in the middle, and a forged certificate found out, in a real browser."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from openbeian.documents.actions.issue_licence_extract import issue_licence_extract
from openbeian.documents.paper import get_signing_keys, render_paper
from openbeian.documents.verification import verify_file
from openbeian.kernel.actor import Actor
from openbeian.supervision.inspections.checklist import get_checklist
from openbeian.supervision.inspections.models import Entry, Fault, Inspection, Photo, Signature
from openbeian.supervision.inspections.queries import find_standing
from tests.accounts.factories import make_actor
from tests.documents.hostile_files import picture
from tests.supervision.inspection_factories import Office, make_inspection, make_office, photograph
from tests.web.pages import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("OPENBEIAN_SCREENSHOTS")
PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1440, "height": 900}


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Office:
    # Playwright's synchronous interface runs an event loop of its own in this thread.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    return make_office(licences=1, inspectors=2)


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("OPENBEIAN_CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        yield browser
        browser.close()


def enter(browser: Browser, live_server: Any, actor: Actor | None, size: dict[str, int]) -> tuple[BrowserContext, Page]:
    context = browser.new_context(base_url=live_server.url, viewport=size, locale="zh-CN")  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    if actor is not None:
        session = sign_in(actor).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.on("console", lambda m: pytest.fail(m.text) if "Content Security Policy" in m.text and not PICTURES else None)
    return context, page


def look_at(page: Page, name: str) -> None:
    """Usable by everybody and not wider than the screen; pictures if anybody wants to see."""
    found = Axe().run(page)
    assert not found.response["violations"], f"{name}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    if PICTURES:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{scheme}.png"), full_page=True)
        page.emulate_media(color_scheme="light")


def answer(page: Page, item: str, word: str, note: str = "") -> None:
    box = page.locator(f"[id='item-{item}']")
    box.get_by_text(word, exact=True).click()
    if note:
        box.locator("textarea").fill(note)
        box.locator("textarea").blur()


def draw_name(page: Page, role: str, name: str) -> None:
    box = page.locator(f".sign[data-role={role}]")
    box.locator("input").fill(name)
    pad = box.locator("canvas")
    pad.scroll_into_view_if_needed()
    place = pad.bounding_box()
    assert place
    page.mouse.move(place["x"] + 20, place["y"] + 40)
    page.mouse.down()
    for step in range(1, 12):
        page.mouse.move(place["x"] + 20 + 22 * step, place["y"] + (40 if step % 2 else 110))
    page.mouse.up()
    box.get_by_role("button", name="确认签名").click()
    expect(box.locator("[data-signed]")).to_contain_text(name)


def wait_until_sent(page: Page) -> None:
    expect(page.locator("#state")).to_contain_text("全部已同步")


def test_an_inspection_with_the_network_cut_in_the_middle_loses_and_doubles_nothing(
    browser: Browser, live_server: Any, office: Office
) -> None:
    _, officer = enter(browser, live_server, office.officer, WIDE)
    officer.goto("/inspections/draw/")
    look_at(officer, "inspection-draw")
    officer.locator("#seed").fill("双色球 2026131 03 11 17")
    officer.get_by_role("button", name="抽取").click()
    expect(officer.locator("main")).to_contain_text("重抽，结果一致")
    look_at(officer, "inspection-drawn")
    inspection = Inspection.objects.get()
    actor = office.inspector_of(inspection)

    context, phone = enter(browser, live_server, actor, PHONE)
    phone.goto(f"/inspections/{inspection.pk}/")
    look_at(phone, "inspection-planned-phone")
    phone.get_by_role("link", name="在手机上检查").click()
    wait_until_sent(phone)
    phone.evaluate("navigator.serviceWorker.ready")
    phone.wait_for_function("navigator.serviceWorker.controller !== null")
    items = list(get_checklist().items)
    first, rest = items[:5], items[5:]
    for item in first:
        answer(phone, item, "符合")
    wait_until_sent(phone)
    assert Entry.objects.count() == len(first)
    look_at(phone, "inspection-phone")

    context.set_offline(True)
    for item in rest:
        answer(
            phone,
            item,
            "不符合" if item == "logs.retention" else "符合",
            "只留存 30 天" if item == "logs.retention" else "",
        )
    box = phone.locator("[id='item-logs.retention']")
    box.locator("input[type=file]").set_input_files(
        {"name": "log.jpg", "mimeType": "image/jpeg", "buffer": photograph("2026:11:20 12:00:00")}
    )
    expect(box.locator(".shots li")).to_have_count(1)
    box.locator("input[type=file]").set_input_files(
        {"name": "untimed.jpg", "mimeType": "image/jpeg", "buffer": photograph("", "green")}
    )
    # Without a time it is flagged at once, network or not, with the field to put it right.
    untimed = box.locator(".shots li").nth(1)
    expect(untimed.locator("[data-time]")).to_be_visible()
    for role, name in (("inspector_1", "检查甲"), ("inspector_2", "检查乙"), ("inspected", "王示例")):
        draw_name(phone, role, name)
    expect(phone.locator("#state")).to_contain_text("离线")
    assert Entry.objects.count() == len(first)

    # The phone is put away and taken out again, still without network.
    phone.reload()
    expect(phone.locator("#heading")).to_have_text(inspection.title)
    expect(phone.locator("#state")).to_contain_text("待同步")
    expect(box.locator("input:checked")).to_have_value("not_met")
    expect(box.locator("textarea")).to_have_value("只留存 30 天")
    expect(box.locator(".shots li")).to_have_count(2)
    look_at(phone, "inspection-phone-offline")

    context.set_offline(False)
    phone.get_by_role("button", name="同步").click()
    expect(phone.locator("#state")).to_have_attribute("data-unsent", "1")
    box.locator(".shots li").nth(1).locator("input[type=datetime-local]").fill("2026-11-20T12:05")
    box.locator(".shots li").nth(1).locator("input[type=datetime-local]").blur()
    phone.get_by_role("button", name="同步").click()
    wait_until_sent(phone)
    counts = (Entry.objects.count(), Photo.objects.count(), Signature.objects.count())
    assert counts[1:] == (2, 3)
    assert {i: len(heads) for i, heads in find_standing(inspection).items()} == dict.fromkeys(items, 1)
    assert sorted(Photo.objects.values_list("time_source", flat=True)) == ["exif", "typed"]
    for _ in range(2):
        phone.get_by_role("button", name="同步").click()
        wait_until_sent(phone)
    assert (Entry.objects.count(), Photo.objects.count(), Signature.objects.count()) == counts

    phone.get_by_role("link", name="去检查页面").click()
    phone.get_by_role("button", name=re.compile("作出结论")).click()
    expect(phone.locator("main")).to_contain_text("限期整改")
    look_at(phone, "inspection-concluded-phone")
    record = phone.request.get(f"/inspections/{inspection.pk}/record.pdf").body()
    assert verify_file(io.BytesIO(record), get_signing_keys()).verdict == "genuine"
    rectify(browser, live_server, office, inspection)


def rectify(browser: Browser, live_server: Any, office: Office, inspection: Inspection) -> None:
    """The inspected put it right with evidence, the inspector checks again, and the inspection is over."""
    _, holder = enter(browser, live_server, make_actor(inspection.organisation, "applicant"), WIDE)
    holder.goto(f"/inspections/{inspection.pk}/")
    look_at(holder, "inspection-holder")
    holder.get_by_role("button", name="报告已整改…").click()
    dialog = holder.locator("dialog[open]")
    dialog.locator("textarea").fill("已改为留存 200 天")
    dialog.locator("input[type=file]").set_input_files(
        {"name": "配置.png", "mimeType": "image/png", "buffer": picture(size=(800, 600))}
    )
    dialog.get_by_role("button", name="报告已整改").click()
    expect(holder.locator("main")).to_contain_text("待复查")
    _, inspector = enter(browser, live_server, office.inspector_of(inspection), WIDE)
    inspector.goto(f"/inspections/{inspection.pk}/")
    inspector.get_by_role("button", name="复查通过…").click()
    dialog = inspector.locator("dialog[open]")
    dialog.locator("textarea").fill("现场核实，日志已留存 200 天")
    dialog.get_by_role("button", name="复查通过").click()
    expect(inspector.locator("h1")).to_contain_text("已办结")
    look_at(inspector, "inspection-closed")
    assert Fault.objects.get().state == "closed"
    inspector.goto("/inspections/")
    look_at(inspector, "inspection-list")


def test_two_phones_that_disagree_show_the_quarrel_and_one_of_them_settles_it(
    browser: Browser, live_server: Any, office: Office
) -> None:
    inspection = make_inspection(office)
    pages = []
    for place in (1, 2):
        context, page = enter(browser, live_server, office.inspector_of(inspection, place), PHONE)
        page.goto(f"/inspections/phone/#{inspection.pk}")
        wait_until_sent(page)
        pages.append((context, page))
    pages[1][0].set_offline(True)
    answer(pages[0][1], "logs.fields", "符合")
    wait_until_sent(pages[0][1])
    answer(pages[1][1], "logs.fields", "不符合", "缺少账号")
    pages[1][0].set_offline(False)
    pages[1][1].get_by_role("button", name="同步").click()
    wait_until_sent(pages[1][1])
    quarrel = pages[1][1].locator("[id='item-logs.fields'] [data-conflict]")
    expect(quarrel).to_be_visible()
    look_at(pages[1][1], "inspection-phone-conflict")
    quarrel.get_by_role("button", name=re.compile("缺少账号")).click()
    expect(quarrel).to_be_hidden()
    wait_until_sent(pages[1][1])
    assert [h.note for h in find_standing(inspection)["logs.fields"]] == ["缺少账号"]


def test_a_forged_certificate_is_found_out_on_the_public_page(
    browser: Browser, live_server: Any, office: Office
) -> None:
    licence = office.licences[0]
    paper = issue_licence_extract(make_actor(licence.organisation, "applicant"), licence.pk)
    pdf = render_paper(paper, live_server.url)
    _, page = enter(browser, live_server, None, PHONE)
    page.goto(f"/verify/{paper.code}/")
    expect(page.locator("main")).to_contain_text(licence.number)
    look_at(page, "verify-code")
    page.get_by_role("link", name=re.compile("上传文件")).click()

    def upload(content: bytes) -> None:
        page.locator("#file").set_input_files({"name": "摘录.pdf", "mimeType": "application/pdf", "buffer": content})
        page.get_by_role("button", name="核验").click()

    upload(pdf)
    expect(page.locator(".light")).to_contain_text("真实且未改动")
    look_at(page, "verify-genuine")
    middle = len(pdf) // 2
    upload(pdf[:middle] + bytes([pdf[middle] ^ 1]) + pdf[middle + 1 :])
    expect(page.locator(".light")).to_contain_text("已被改动")
    look_at(page, "verify-forged")

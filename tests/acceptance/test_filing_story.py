"""From the empty form to the published number and on to its end, by clicking and typing alone."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect
from tests.acceptance.conftest import Enter
from tests.acceptance.filing import (
    Person,
    confirm_on_phone,
    find_field,
    go_on,
    hand_in_papers,
    open_review,
    press,
    promise,
    submit,
    type_person,
    type_service,
    type_sponsor,
)

pytestmark = pytest.mark.browser

APPLICANT, REVIEWER, SECOND_REVIEWER, OFFICER, PUBLIC = "申小请", "初小审", "初大审", "管小审", ""


def test_a_site_and_an_app_are_filed_returned_amended_confirmed_granted_looked_up_and_printed(
    enter: Enter, tmp_path: Path
) -> None:
    sponsor, head, editor = "北京故事书屋有限公司", Person("郑书"), Person("孟文")
    applicant = enter(APPLICANT)
    reference = file_site_and_app(applicant, sponsor, head, editor)
    return_with_two_reasons(enter(REVIEWER), reference)
    amend(applicant, reference)

    review(enter(REVIEWER), reference)
    for person in (head, editor):
        confirm_on_phone(enter(PUBLIC), reference, person)
    grant(enter(OFFICER), reference)

    public = enter(PUBLIC)
    site, app = look_up_numbers(public, sponsor)
    number = re.escape(site.removesuffix("-1"))
    assert re.fullmatch(r"京ICP备\d{4}\d{6}号-1", site)
    assert re.fullmatch(f"{number}-2A", app)

    address = read_code_of_extract(applicant, sponsor, tmp_path)
    public.goto(address)
    expect(public.get_by_text("属实，记录至今没有变化")).to_be_visible()
    for words in (sponsor, site, app):
        expect(public.get_by_text(words, exact=True).first).to_be_visible()


def test_a_sponsor_changes_its_name_and_keeps_its_number(enter: Enter) -> None:
    sponsor, renamed = "北京演示海棠科技有限公司", "北京演示海棠书社有限公司"
    page = enter(APPLICANT)
    open_sponsor(page, sponsor)
    person, number = reveal_person(page), read_number(page)
    begin(page, "变更信息", "变更主体")
    find_field(page, "sponsor.name").fill(renamed)
    reference = complete(page)

    reviewer = enter(REVIEWER)
    review(reviewer, reference)
    confirm_on_phone(enter(PUBLIC), reference, person)
    officer = enter(OFFICER)
    open_review(officer, reference)
    # Old and new stand side by side.
    changed = officer.locator("tr.is-changed")
    expect(changed).to_have_count(1)
    expect(changed.locator("del")).to_have_text(sponsor)
    expect(changed.locator("ins")).to_have_text(renamed)
    press(officer, "准予备案")

    open_sponsor(page, renamed)
    assert read_number(page) == number
    assert all(found.startswith(f"{number}-") for found in look_up_numbers(enter(PUBLIC), renamed, services=3))


def test_what_stands_on_record_is_confirmed_anew_as_a_policy_and_not_as_law(enter: Enter) -> None:
    sponsor = "北京演示流萤科技有限公司"
    page = enter(APPLICANT)
    open_sponsor(page, sponsor)
    person, number = reveal_person(page), read_number(page)
    confirmed_before = read_confirmed_on(page)
    begin(page, "复核信息（续期）", "信息复核（续期）")
    expect(page.get_by_text("法律没有规定备案的有效期").first).to_be_visible()
    reference = complete(page)
    review(enter(REVIEWER), reference)
    confirm_on_phone(enter(PUBLIC), reference, person)
    grant(enter(OFFICER), reference)
    open_sponsor(page, sponsor)
    assert read_number(page) == number
    assert read_confirmed_on(page) > confirmed_before


def test_a_service_is_cancelled_only_when_a_second_reviewer_agrees(enter: Enter) -> None:
    sponsor = "北京演示白鹭书科技有限公司"
    page = enter(APPLICANT)
    open_sponsor(page, sponsor)
    person = reveal_person(page)
    service = page.locator("tbody").first.get_by_role("link").first.inner_text()
    page.get_by_role("link", name="办理", exact=True).click()
    page.get_by_text("停止或注销").click()
    page.get_by_role("link", name=service, exact=True).click()
    page.get_by_role("button", name="注销互联网信息服务").click()
    reference = complete(page, reason="这项服务已经停办，不再提供。")

    review(enter(REVIEWER), reference)
    reviewer = enter(REVIEWER)
    reviewer.get_by_role("link", name="审核台").first.click()
    reviewer.goto(f"/desk/?tab=recent&q={reference}")
    reviewer.get_by_role("link", name=reference).click()
    expect(reviewer.get_by_text("此刻不需要您处理")).to_be_visible()
    second = enter(SECOND_REVIEWER)
    open_review(second, reference)
    press(second, "审核通过")
    confirm_on_phone(enter(PUBLIC), reference, person)
    grant(enter(OFFICER), reference)

    # What ended is no longer shown to the public; on record it stays, with its number.
    public = enter(PUBLIC)
    look_up_numbers(public, sponsor, services=2)
    expect(public.get_by_text(service, exact=True)).to_have_count(0)
    open_sponsor(page, sponsor)
    expect(page.locator("tr", has_text=service)).to_contain_text("已注销")


def open_sponsor(page: Page, sponsor: str) -> None:
    page.get_by_role("link", name="主体").first.click()
    page.get_by_role("searchbox").first.fill(sponsor)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=sponsor).first.click()
    expect(page.get_by_role("heading", name=sponsor)).to_be_visible()


def reveal_person(page: Page) -> Person:
    """Phone and certificate of the sponsor's responsible person, shown by a click each, as the journal will say."""
    shown = {}
    for label in ("手机", "证件号码"):
        line = page.locator("dt", has_text=re.compile(f"^{label}$")).last.locator("xpath=following-sibling::dd[1]")
        line.get_by_role("button").click()
        expect(line).not_to_contain_text("*")
        shown[label] = line.inner_text().split()[0]
    return Person("", mobile=shown["手机"], certificate=shown["证件号码"])


def read_number(page: Page) -> str:
    return page.locator("dt", has_text="主体备案号").locator("xpath=following-sibling::dd[1]").inner_text()


def read_confirmed_on(page: Page) -> str:
    return page.locator("dt", has_text="最近确认").locator("xpath=following-sibling::dd[1]").inner_text()


def begin(page: Page, wish: str, procedure: str) -> None:
    """From the sponsor's page to the first step of a procedure."""
    page.get_by_role("link", name="办理", exact=True).click()
    page.get_by_text(wish, exact=True).click()
    page.get_by_role("button", name=f"开始办理：{procedure}").click()
    expect(page.locator("[aria-current=step]")).to_be_visible()


def complete(page: Page, reason: str = "") -> str:
    """Goes through the steps that are left, with every paper and promise, and submits."""
    for _ in range(8):
        step = page.locator("[aria-current=step]").inner_text().strip()
        if step == "提交":
            return submit(page)
        if step == "接入":
            page.get_by_label("示例云").check()
        if step == "材料":
            hand_in_papers(page)
        if step == "核验":
            promise(page)
            if reason:
                find_field(page, "reason").fill(reason)
        go_on(page)
    raise AssertionError("the steps never end")


def review(page: Page, reference: str) -> None:
    """First review's yes."""
    open_review(page, reference)
    press(page, "开始审核")
    press(page, "审核通过")


def grant(page: Page, reference: str) -> None:
    open_review(page, reference)
    press(page, "准予备案")


def file_site_and_app(page: Page, sponsor: str, head: Person, editor: Person) -> str:
    """From 今日 to the reference of the case submitted."""
    page.get_by_role("link", name="办件").first.click()
    page.get_by_role("link", name="办理新业务").first.click()
    page.get_by_text("新办备案").click()
    page.get_by_role("button", name=re.compile("开始办理：首次备案")).click()
    type_sponsor(page, sponsor, head)
    go_on(page, "服务")
    type_service(page, 0, "website", "故事书屋", {"domains": "gushi-shuwu.cn", "home_url": "www.gushi-shuwu.cn"})
    page.get_by_role("button", name="再加一项：互联网信息服务").click()
    type_service(page, 1, "app", "故事听书屋", {"package_name": "cn.gushi.tingshu"})
    find_field(page, "services.1.platforms").get_by_label("安卓").check()
    find_field(page, "services.1.public_key").fill("a1b2c3d4e5f60718")
    find_field(page, "services.1.signature_digest").fill("0123456789abcdef0123456789abcdef")
    find_field(page, "services.1.person_is_sponsor_person").uncheck()
    type_person(page, "services.1.person", editor)
    go_on(page, "接入")
    page.get_by_label("示例云").check()
    for place in ("services.0.accesses.0", "services.1.accesses.0"):
        find_field(page, f"{place}.mode").select_option("cloud")
        find_field(page, f"{place}.place").select_option("110000")
        find_field(page, f"{place}.ip_ranges").fill("8.140.1.200")
    go_on(page, "材料")
    hand_in_papers(page)
    go_on(page, "核验")
    promise(page)
    go_on(page, "提交")
    return submit(page)


def return_with_two_reasons(page: Page, reference: str) -> None:
    open_review(page, reference)
    press(page, "开始审核")
    page.get_by_role("button", name=re.compile("^退回")).click()
    dialog = page.get_by_role("dialog")
    for reason, path in (
        ("证件地址不一致", "sponsor.certificate_address"),
        ("应急电话重复", "sponsor.person.emergency_phone"),
    ):
        line = dialog.locator("li").filter(has=page.get_by_label(reason))
        line.get_by_label(reason).check()
        line.get_by_label("对应项目").select_option(path)
    dialog.get_by_role("button", name=re.compile("^退回")).click()
    expect(page.get_by_text(re.compile(f"{reference} 已退回"))).to_be_visible()


def amend(page: Page, reference: str) -> None:
    """The applicant follows each reason to its field, corrects it, and submits again."""
    corrections = {"证件地址不一致": "北京市东城区故事路18号", "应急电话重复": "13911110099"}
    for reason, value in corrections.items():
        page.get_by_role("link", name="办件").first.click()
        page.locator("tr", has_text=reference).get_by_role("link").click()
        page.locator(".summary-faults li", has_text=reason).get_by_role("link").click()
        # The link puts the cursor into the field.
        focused = page.locator("input:focus, textarea:focus")
        expect(focused).to_have_count(1)
        focused.fill(value)
        page.get_by_role("button", name="暂存").last.click()
        expect(page.get_by_text(re.compile("已保存")).first).to_be_visible()
    page.get_by_role("link", name="提交", exact=True).click()
    assert submit(page) == reference


def look_up_numbers(page: Page, sponsor: str, services: int = 2) -> list[str]:
    """The numbers of the sponsor's services as anybody sees them, in their order."""
    page.goto("/public/")
    page.get_by_role("searchbox").fill(sponsor)
    page.get_by_role("button", name="查询").click()
    expect(page.locator("tbody tr")).to_have_count(services)
    return sorted(page.locator("tbody th").all_inner_texts())


def read_code_of_extract(page: Page, sponsor: str, folder: Path) -> str:
    """Prints the sponsor's extract and gives the address in its QR code, as a phone would read it off the paper."""
    open_sponsor(page, sponsor)
    with page.expect_download() as printed:
        page.get_by_role("button", name="打印摘录").click()
    file = folder / "extract.pdf"
    printed.value.save_as(file)
    subprocess.run(["pdftoppm", "-png", "-r", "144", "-singlefile", file, folder / "page"], check=True)
    with Image.open(folder / "page.png") as picture:
        (code,) = zxingcpp.read_barcodes(picture.convert("L"))
    assert urlsplit(code.text).netloc == urlsplit(page.url).netloc
    return code.text

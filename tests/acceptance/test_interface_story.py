"""A filing over the authority's interface: first review, SMS, upload, an officer at the desk, number, public page."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.acceptance.conftest import Enter, Home
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
    type_service,
    type_sponsor,
)
from tests.entrypoints.cli.test_up import free_port, wait_until

pytestmark = pytest.mark.browser

APPLICANT, REVIEWER, ADMINISTRATOR, OFFICER, PUBLIC = "申小请", "接小审", "接小管", "管小审", ""
NUMBER, KEY = "110000000001", "0123456789abcdef"


@pytest.fixture
def bureau(demo: str, demo_home: Home) -> Iterator[str]:
    """The simulated bureau of the same installation, whose officers decide."""
    port = free_port()
    said = demo_home.folder / "bureau.txt"
    command = [
        sys.executable, "-m", "openbeian.entrypoints.cli", "authority", "simulate", "--port", str(port),
        "--provider-id", NUMBER, "--user", "demo", "--password", "demo-password", "--aes-key", KEY,
        "--aes-offset", KEY, "--province", "京", "--decide", "desk",
    ]  # fmt: skip
    with said.open("wb") as out:
        process = subprocess.Popen(command, env=demo_home.environment, stdout=out, stderr=out)
    try:
        wait_until(lambda: f":{port}" in said.read_text() or process.poll() is not None, seconds=60)
        assert process.poll() is None, said.read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def test_a_filing_goes_over_the_interface_to_an_officer_and_comes_back_with_its_number(
    enter: Enter, bureau: str
) -> None:
    connect(enter(ADMINISTRATOR), bureau)
    sponsor, head = "北京接口故事有限公司", Person("郑接")
    reference = file_site(enter(APPLICANT), sponsor, head)

    reviewer = enter(REVIEWER)
    open_review(reviewer, reference)
    press(reviewer, "开始审核")
    press_and_stay(reviewer, reference, "审核通过")
    press_and_stay(reviewer, reference, "提交管局")
    confirm_on_phone(enter(PUBLIC), reference, head)
    wait_for_state(reviewer, sponsor, "已接收，待结果")

    officer = enter(OFFICER)
    officer.get_by_role("link", name="审核台").first.click()
    officer.get_by_role("link", name=re.compile("接口上报")).click()
    officer.locator("tr", has_text=sponsor).get_by_role("link").first.click()
    expect(officer.get_by_text("jiekou-gushi.cn").first).to_be_visible()
    officer.get_by_role("button", name=re.compile("^通过")).click()
    expect(officer.get_by_text("已通过，结果随下一次下载发回")).to_be_visible()

    reviewer.goto("/interface/")
    reviewer.get_by_role("button", name="立即收发").click()
    wait_for_state(reviewer, sponsor, "已办结")

    public = enter(PUBLIC)
    public.goto("/public/")
    public.get_by_role("searchbox").fill(sponsor)
    public.get_by_role("button", name="查询").click()
    expect(public.locator("tbody th")).to_have_text(re.compile(r"京ICP备\d+号-1"))


def connect(page: Page, bureau: str) -> None:
    """The provider's administrator enters what the administration issued, and the examination finds it right."""
    page.get_by_role("link", name="对接").first.click()
    page.get_by_role("link", name="添加管局").first.click()
    page.get_by_label("管局所在省份").select_option("京")
    page.get_by_label("接口地址").fill(bureau)
    page.get_by_label("单位编号（ispId）").fill(NUMBER)
    page.get_by_label("用户名").fill("demo")
    page.get_by_label("口令").fill("demo-password")
    page.get_by_label("AES 密钥").fill(KEY)
    page.get_by_label("AES 偏移量").fill(KEY)
    page.get_by_label("上报前由本平台发送短信核验").check()
    page.get_by_role("button", name="保存并检查").click()
    expect(page.get_by_role("heading", name="连接检查")).to_be_visible()
    for _ in range(40):
        if page.locator("tr", has_text="账号被接受").count():
            break
        page.wait_for_timeout(250)
        page.reload()
    expect(page.locator("tr", has_text="账号被接受")).to_contain_text("正常")


def file_site(page: Page, sponsor: str, head: Person) -> str:
    page.get_by_role("link", name="办件").first.click()
    page.get_by_role("link", name="办理新业务").first.click()
    page.get_by_text("新办备案").click()
    page.get_by_role("button", name=re.compile("开始办理：首次备案")).click()
    type_sponsor(page, sponsor, head)
    go_on(page, "服务")
    type_service(page, 0, "website", "接口故事屋", {"domains": "jiekou-gushi.cn", "home_url": "www.jiekou-gushi.cn"})
    go_on(page, "接入")
    page.get_by_label("接口云（演示）").check()
    place = "services.0.accesses.0"
    find_field(page, f"{place}.mode").select_option("cloud")
    find_field(page, f"{place}.place").select_option("110000")
    find_field(page, f"{place}.ip_ranges").fill("8.140.3.7")
    go_on(page, "材料")
    hand_in_papers(page)
    go_on(page, "核验")
    promise(page)
    go_on(page, "提交")
    return submit(page)


def press_and_stay(page: Page, reference: str, verb: str) -> None:
    """A verb after which the desk goes on to other cases; the case is found again where decided ones stand."""
    if not page.get_by_role("button", name=re.compile(f"^{verb}")).count():
        page.goto(f"/desk/?q={reference}")
        page.get_by_role("link", name=reference).first.click()
    press(page, verb)


def wait_for_state(page: Page, sponsor: str, state: str) -> None:
    """The state of the sponsor's report on the interface's page, as the worker brings it about."""
    for _ in range(60):
        page.goto("/interface/")
        if page.locator("tr", has_text=sponsor).get_by_text(state).count():
            return
        page.wait_for_timeout(250)
    raise AssertionError(page.locator("main").inner_text())

"""A fault's whole way in a real browser, over real probes of a server of the test's own: it appears, is confirmed, the
owner is told, asks for more time, fixes it, it is looked at again and closed, and the evidence is opened."""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, Page, expect, sync_playwright

from openbeian.accounts.models import Organisation
from openbeian.jobs.models import Job
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.notifications.actions.follow_journal import follow_journal
from openbeian.obligations.actions.follow_record import follow_record
from openbeian.observation.probing.settings import ProbeSettings
from openbeian.supervision.actions.begin_sweep import begin_sweep
from openbeian.supervision.actions.recheck_site import recheck_site
from openbeian.supervision.models import Finding, WatchedSite
from openbeian.wiring import list_job_kinds
from tests.accounts.factories import make_actor, make_organisation
from tests.observation.probing.servers import read_head, serve, serve_names
from tests.supervision.records import make_site
from tests.web.pages import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("OPENBEIAN_SCREENSHOTS")
SIZES = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
PAGE = (
    "<!DOCTYPE html><html lang=zh-CN><head><meta charset=utf-8><title>{name}</title></head>"
    "<body><h1>{name}</h1><p>欢迎光临，茶叶新到。</p><footer>{footer}</footer></body></html>"
)


class FaultServer:
    """A website and its name server on loopback, in a thread; `footer` is what its page shows at the bottom."""

    def __init__(self) -> None:
        self.name, self.footer = "", ""
        self.names: dict[tuple[str, str], list[str]] = {}
        self.port, self.resolver = 0, ""
        self._ready, self._stop = threading.Event(), asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()), daemon=True)

    def __enter__(self) -> FaultServer:
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        self._loop.close()

    async def _serve(self) -> None:
        async with AsyncExitStack() as stack:
            self.port = await stack.enter_async_context(serve(self._answer))
            self.resolver = await stack.enter_async_context(serve_names(self.names))
            self._ready.set()
            await self._stop.wait()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        body = PAGE.format(name=self.name, footer=self.footer).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n")
        writer.write(f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, transactional_db: None) -> Iterator[FaultServer]:
    # Playwright's synchronous interface runs an event loop of its own in this thread.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    monkeypatch.setattr(settings, "HOME", tmp_path)
    monkeypatch.setitem(recheck_site.__kwdefaults__, "pause_s", 0.1)
    read = ProbeSettings.from_environment
    monkeypatch.setattr(ProbeSettings, "from_environment", lambda: replace(read(), host_pause_s=0.0))
    with FaultServer() as server:
        monkeypatch.setenv("OPENBEIAN_RESOLVERS", server.resolver)
        monkeypatch.setenv("OPENBEIAN_PROBE_PRIVATE", "1")
        monkeypatch.setenv("OPENBEIAN_PROBE_PORTS", f"{server.port},1")
        monkeypatch.setenv("OPENBEIAN_REGISTRATION_URL", "http://127.0.0.1:1/")
        yield server


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("OPENBEIAN_CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        yield browser
        browser.close()


def work(*kinds: str) -> None:
    """Does the waiting jobs of these kinds as a worker would, without its thread and without waiting for their time."""
    known = list_job_kinds()
    for job in Job.objects.filter(kind__in=kinds, state=Job.State.QUEUED).order_by("pk"):
        job.result = known[job.kind].run(job.arguments, lambda done, total: None)
        job.state = Job.State.DONE
        job.save()


def enter(browser: Browser, address: str, actor: Actor) -> Page:
    context = browser.new_context(base_url=address, viewport=SIZES["wide"])
    session = sign_in(actor).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
    context.set_default_timeout(15_000)
    return context.new_page()


def look_at(page: Page, name: str) -> None:
    """Nothing stands in the way of a reader with other eyes or hands; pictures if anybody wants to see."""
    found = Axe().run(page)
    assert not found.response["violations"], f"{name}: {found.generate_report()}"
    page.set_viewport_size(SIZES["phone"])
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"], name
    page.set_viewport_size(SIZES["wide"])
    if not PICTURES:
        return
    for size, viewport in SIZES.items():
        for scheme in ("light", "dark"):
            page.set_viewport_size(viewport)
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{size}-{scheme}.png"), full_page=True)
    page.set_viewport_size(SIZES["wide"])
    page.emulate_media(color_scheme="light")


def make_watched(server: FaultServer, organisation: Organisation) -> WatchedSite:
    site = make_site(organisation, name="清泉茶业官网")
    server.name = site.service.name
    server.names[site.domain, "A"] = ["127.0.0.1"]
    return site


def test_a_fault_from_its_first_sight_to_its_end(server: FaultServer, browser: Browser, live_server: Any) -> None:
    organisation = make_organisation()
    owner, boss = make_actor(organisation, "applicant"), make_actor(organisation, "administrator")
    site = make_watched(server, organisation)
    page = enter(browser, live_server.url, owner)

    # The night's sweep finds the footer without its number; one failure raises nothing.
    assert begin_sweep([clock.now().astimezone(clock.CHINA).hour], shares=1, jitter_s=0) is not None
    work("supervision.sweep")
    work("supervision.settle_sweep")
    assert not Finding.objects.exists()
    page.goto("/watch/")
    expect(page.get_by_role("row", name=re.compile("清泉茶业官网"))).to_contain_text("0")

    # The second look confirms it; the owner is told in the inbox and on the first page.
    work("supervision.probe_again")
    follow_journal()
    follow_record()
    page.goto("/inbox/")
    expect(page.get_by_text("主页没有标明备案号").first).to_be_visible()
    page.goto("/")
    expect(page.get_by_text("整改：主页备案号").first).to_be_visible()
    page.goto("/watch/")
    look_at(page, "watch")
    page.get_by_role("link", name="清泉茶业官网").click()
    expect(page.get_by_text("域名到期与持有人")).to_be_visible()
    look_at(page, "watch-service")
    page.get_by_role("link", name="主页没有标明备案号或号码不符").click()
    look_at(page, "finding")

    # Work begins, more time is asked for and granted by somebody else.
    page.get_by_role("button", name="开始整改").click()
    expect(page.get_by_text("整改中").first).to_be_visible()
    page.get_by_role("button", name="申请延期").click()
    until = clock.today() + timedelta(days=30)
    page.get_by_label("延期至").fill(until.isoformat())
    page.locator("#extend-why").fill("改版上线需要两周")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_text("已申请延期").first).to_be_visible()
    address = page.url
    other = enter(browser, live_server.url, boss)
    other.goto(address)
    other.get_by_role("button", name="同意", exact=True).click()
    other.locator("#grant-why").fill("同意，按期完成")
    other.locator("#grant").get_by_role("button", name="同意", exact=True).click()
    expect(other.get_by_text(until.isoformat()).first).to_be_visible()

    # It is fixed; the look that follows closes it, and the evidence of both is there.
    server.footer = f'<a href="https://beian.miit.gov.cn/">{site.service.number}</a>'
    page.goto(address)
    page.get_by_role("button", name="已改好，申请复查").click()
    expect(page.get_by_text("待复查").first).to_be_visible()
    work("supervision.recheck")
    page.reload()
    expect(page.get_by_text("已关闭").first).to_be_visible()
    expect(page.get_by_text("恢复证据").first).to_be_visible()
    look_at(page, "finding-closed")
    page.get_by_role("link", name=re.compile("缺陷证据")).first.click()
    expect(page.get_by_text("page-as-received.txt")).to_be_visible()
    picture = page.locator(".evidence-picture")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth") == 1280
    look_at(page, "evidence")
    page.get_by_role("link", name="page-as-received.txt").click()
    expect(page.locator("body")).to_contain_text("茶叶新到")
    assert page.locator("h1").count() == 0
    page.go_back()
    page.goto(f"{address}report/")
    expect(page.get_by_role("heading", name="证据", exact=True)).to_be_visible()
    look_at(page, "finding-report")
    page.go_back()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("ZIP")).click()
    assert download.value.suggested_filename.endswith(".zip")

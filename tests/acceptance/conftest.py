"""The demonstration as a person starts it, one Chromium per module, and people who come in by clicking.

The portal is a process of its own with its own data folder, and no test here touches a database: Playwright's
synchronous interface keeps an event loop in this thread, in which Django refuses to work.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.acceptance.watching import WIDE, Watch
from tests.entrypoints.cli.test_up import free_port, wait_until

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("OPENBEIAN_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

Enter = Callable[[str], Page]


@dataclass(frozen=True, slots=True)
class Home:
    """Where the demonstration lives, for a process beside it."""

    folder: Path
    environment: dict[str, str]


def make_home(folder: Path) -> Home:
    """A data folder of its own, and the environment that names it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBEIAN_", "DJANGO_"))}
    environment = {
        **kept,
        "PYTHONPATH": str(ROOT / "src"),
        "OPENBEIAN_ROOT": str(ROOT),
        "OPENBEIAN_HOME": str(folder / "data"),
    }
    return Home(folder, environment)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The data folder that most stories share."""
    return make_home(tmp_path_factory.mktemp("demo"))


@dataclass
class Demo:
    """A demonstration on a port of its own, which can be stopped and started again on a later day."""

    home: Home
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *flags: str) -> None:
        """Returns once the portal says that it is ready."""
        command = [sys.executable, "-m", "openbeian.entrypoints.cli", "up", "--demo", "--port", str(self.port), *flags]
        said = self.home.folder / "said.txt"
        with said.open("wb") as out:
            process = subprocess.Popen(command, env=self.home.environment, stdout=out, stderr=out)
        self.process = process
        wait_until(lambda: f"{self.address}/" in said.read_text() or process.poll() is not None, seconds=300)
        assert process.poll() is None, said.read_text()

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
            self.process = None


@pytest.fixture(scope="session")
def demo(demo_home: Home) -> Iterator[str]:
    """The address of a running demonstration."""
    demo = Demo(demo_home, free_port())
    try:
        demo.start()
        yield demo.address
    finally:
        demo.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def watch(demo: str) -> Iterator[Watch]:
    """Sees everything that pages do; at the end nothing wrong may have been seen."""
    watch = Watch(demo)
    yield watch
    assert watch.seen == []


@pytest.fixture
def enter(demo: str, browser: Browser, watch: Watch) -> Iterator[Enter]:
    """`enter("申小请")` signs the person in by clicking, in a browser profile of their own, and gives their page;
    `enter("")` is somebody without an account. The same person twice is the same page."""
    pages: dict[str, Page] = {}

    def come_in(person: str) -> Page:
        if person not in pages:
            context = browser.new_context(base_url=demo, viewport=WIDE, locale="zh-CN")
            context.set_default_timeout(30_000)
            pages[person] = watch.look_over(context.new_page())
            if person:
                sign_in(pages[person], person)
        return pages[person]

    yield come_in
    for page in pages.values():
        page.context.close()


def sign_in(page: Page, person: str) -> None:
    """One click on the demonstration's sign-in page."""
    page.goto("/accounts/login/")
    page.get_by_role("button", name=person).click()
    page.wait_for_url("**/")

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


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A data folder of its own, and the environment that names it."""
    home = tmp_path_factory.mktemp("demo")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBEIAN_", "DJANGO_"))}
    environment = {
        **kept,
        "PYTHONPATH": str(ROOT / "src"),
        "OPENBEIAN_ROOT": str(ROOT),
        "OPENBEIAN_HOME": str(home / "data"),
    }
    return Home(home, environment)


@pytest.fixture(scope="session")
def demo(demo_home: Home) -> Iterator[str]:
    """The address of a running demonstration."""
    home, environment = demo_home.folder, demo_home.environment
    port = free_port()
    command = [sys.executable, "-m", "openbeian.entrypoints.cli", "up", "--demo", "--port", str(port)]
    said = home / "said.txt"
    with said.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: f"{address}/" in said.read_text() or process.poll() is not None, seconds=300)
        assert process.poll() is None, said.read_text()
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


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

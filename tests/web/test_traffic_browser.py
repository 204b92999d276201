"""The traffic pages in a real browser: nothing in a reader's way, on a phone and on a wide screen, light and dark."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from openbeian.observation.traffic.queries import organisation_folder
from openbeian.observation.traffic.store import save_traffic
from openbeian.registry.models import Service
from tests.accounts.factories import make_actor, make_organisation
from tests.observation.traffic.generator import RUBBISH, log_text, make_events
from tests.registry.factories import make_service, make_sponsor
from tests.web.pages import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("OPENBEIAN_SCREENSHOTS")
SIZES = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("OPENBEIAN_CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        yield browser
        browser.close()


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Service:
    # Playwright's synchronous interface runs an event loop of its own in this thread.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    settings.HOME = tmp_path / "home"
    organisation = make_organisation()
    service = make_service(make_sponsor(organisation), domains=("example.cn",))
    log = tmp_path / "access.log"
    rubbish = "".join(line + "\n" for line in RUBBISH if len(line) < 1000)
    log.write_text(log_text("nginx json", make_events(seed=71)) + rubbish, encoding="utf-8")
    save_traffic([str(log)], folder=organisation_folder(organisation.pk))
    return service


def test_the_traffic_pages_are_clean_on_every_screen_in_light_and_dark(
    browser: Browser, service: Service, live_server: Any, transactional_db: None
) -> None:
    from openbeian.accounts.models import Organisation

    actor = make_actor(Organisation.objects.get(pk=service.sponsor.organisation_id), "applicant")
    session = sign_in(actor).cookies["sessionid"].value
    pages = {
        "traffic": "/traffic/",
        "traffic-service": f"/services/{service.pk}/traffic/?year=2026",
        "traffic-month": f"/services/{service.pk}/traffic/?year=2026&month=2026-01&measure=requests",
        "traffic-upload": "/traffic/upload/",
        "traffic-retention": "/traffic/retention/",
        "traffic-hosts": "/traffic/hosts/",
        "service-with-traffic": f"/services/{service.pk}/",
    }
    problems: list[str] = []
    for size, scheme in (("wide", "light"), ("phone", "dark")):
        context = browser.new_context(base_url=live_server.url, viewport=SIZES[size], color_scheme=scheme)  # type: ignore[arg-type]
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
        for name, url in pages.items():
            page.goto(url)
            if name == "service-with-traffic":
                page.wait_for_selector("figure.bars")
            found = Axe().run(page)
            assert not found.response["violations"], f"{name} {size}: {found.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than {size}"
            if PICTURES:
                page.screenshot(path=f"{PICTURES}/{name}-{size}.png", full_page=True)
        context.close()
    assert PICTURES or problems == []

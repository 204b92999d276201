"""Every page in each role's eyes: readable by other eyes and hands, on a phone, in the dark, from this host alone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from tests.acceptance.conftest import Enter
from tests.acceptance.tour import DOORS, PEOPLE, VISITOR_DOORS, walk
from tests.acceptance.watching import PHONE, WIDE

pytestmark = pytest.mark.browser

# Only what is wrong is told: describing what passed takes a third of the time.
BRIEFLY = {"resultTypes": ["violations"], "preload": False}
WCAG = {**BRIEFLY, "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
COLOURS = {**BRIEFLY, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
axe = Axe()


# These look the same to everybody who is signed in; the applicant stands for all.
ALIKE = {
    "account_change_password",
    "account_login",
    "mfa_activate_totp",
    "mfa_index",
    "my_account",
    "public_lookup",
    "tokens",
}


# The visitor and the applicant see most pages; the tours of the others take minutes and run with the slow proofs.
ROLES = [role if role in {"visitor", "applicant"} else pytest.param(role, marks=pytest.mark.slow) for role in PEOPLE]


@pytest.mark.parametrize("role", ROLES)
def test_every_page_can_be_used_by_everybody(role: str, enter: Enter) -> None:
    page = enter(PEOPLE[role])
    skipped = set() if role in {"visitor", "applicant"} else ALIKE
    faults: list[str] = []
    for stop in walk(page, DOORS if PEOPLE[role] else VISITOR_DOORS, past=skipped):
        faults += [f"{stop.address}: {fault}" for fault in look_at(page)]
    assert faults == []


def look_at(page: Page) -> list[str]:
    """What is wrong with the page that is open, on a desk, in the dark and on a phone."""
    faults = find_barriers(page, WCAG)
    page.emulate_media(color_scheme="dark")
    faults += [f"in the dark: {fault}" for fault in find_barriers(page, COLOURS)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > PHONE["width"]:
        faults.append(f"{width} pixels wide on a phone")
    page.set_viewport_size(WIDE)
    return faults


def find_barriers(page: Page, rules: dict[str, object]) -> list[str]:
    found = axe.run(page, options=rules).response["violations"]
    return [f"{barrier['id']} at {node['target']}" for barrier in found for node in barrier["nodes"]]

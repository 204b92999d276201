"""Writes a picture of every page, in each role's eyes, at both sizes, in the light and in the dark.

Start the demonstration, then: python -m tests.acceptance.screenshots ADDRESS FOLDER [--language en] [ROLE …]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import django
import tests.environment  # noqa: F401  before anything reads settings
from playwright.sync_api import sync_playwright
from tests.acceptance.conftest import CHROMIUM, FLAGS, sign_in
from tests.acceptance.tour import DOORS, PEOPLE, VISITOR_DOORS, walk
from tests.acceptance.watching import PHONE, WIDE

SIZES: dict[str, Any] = {"wide": WIDE, "phone": PHONE}
SEVERAL = {"case": 12, "review": 2, "case_form": 5, "case_new": 6, "desk": 2, "confirm": 2, "service": 2}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", choices=("zh", "en"), default="zh")
    parser.add_argument("--schemes", nargs="+", default=("light", "dark"))
    parser.add_argument("roles", nargs="*", default=list(PEOPLE))
    given = parser.parse_args()
    django.setup()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for role in given.roles:
            context = browser.new_context(base_url=given.address, viewport=WIDE, locale="zh-CN")
            context.add_cookies([{"name": "language", "value": given.language, "url": given.address}])
            page = context.new_page()
            if PEOPLE[role]:
                sign_in(page, PEOPLE[role])
            for stop in walk(page, DOORS if PEOPLE[role] else VISITOR_DOORS, most=SEVERAL):
                for size, viewport in SIZES.items():
                    page.set_viewport_size(viewport)
                    for scheme in given.schemes:
                        page.emulate_media(color_scheme=scheme)
                        folder = given.folder / f"{size}-{scheme}"
                        folder.mkdir(parents=True, exist_ok=True)
                        page.screenshot(path=folder / f"{role.replace(' ', '-')}-{stop.name}.png", full_page=True)
                page.set_viewport_size(WIDE)
                print(role, stop.name, stop.address)
            context.close()


if __name__ == "__main__":
    main()

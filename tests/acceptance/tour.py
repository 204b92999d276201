"""A walk through the portal in somebody's eyes: every link is followed, each kind of page seen a few times at most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Error, Page

VISITOR = ""
PEOPLE = {
    "visitor": VISITOR,
    "applicant": "申小请",
    "agent": "代小办",
    "administrator": "单位管小理",
    "first reviewer": "初小审",
    "officer": "管小审",
    "inspector": "检小查",
    "auditor": "审小计",
    "interface administrator": "接小管",
    "operator": "平台管理员",
}
# Where links begin; from here on only what a person can click is found.
DOORS = ("/", "/settings/", "/public/")
VISITOR_DOORS = (
    "/accounts/login/",
    "/accounts/password/reset/",
    "/demo/phone/",
    "/public/",
    "/public/?q=演示",
    "/public/?q=nothing-here.cn",
    "/verify/NOSUCHCODE/",
    "/no-such-page/",
)


@dataclass(frozen=True, slots=True)
class Stop:
    """One page of the tour: the name of its route, which sight of that route it is, and its address."""

    route: str
    number: int
    address: str

    @property
    def name(self) -> str:
        return f"{self.route}-{self.number}"


def walk(
    page: Page, doors: tuple[str, ...], *, most: dict[str, int] | None = None, past: Set[str] = frozenset()
) -> Iterator[Stop]:
    """Opens page after page and yields each while it is open. `most` says how many of a route, otherwise one;
    routes named in `past` are passed by."""
    waiting, known = list(doors), set(doors)
    seen: Counter[str] = Counter()
    while waiting:
        address = waiting.pop(0)
        route = find_route(address)
        if route in past or (seen[route] >= (most or {}).get(route, 1) and address not in doors):
            continue
        if not open_page(page, address):
            continue
        seen[route] += 1
        yield Stop(route, seen[route], address)
        for link in page.eval_on_selector_all("a[href]", "links => links.map(a => a.href)"):
            parts = urlsplit(link)
            if parts.netloc != urlsplit(page.url).netloc:
                continue
            found = parts.path + (f"?{parts.query}" if parts.query else "")
            if found not in known:
                known.add(found)
                waiting.append(found)


def open_page(page: Page, address: str) -> bool:
    """Whether there is a page at the address: files and JSON are not looked at."""
    try:
        response = page.goto(address)
    except Error as trouble:
        if "Download is starting" in trouble.message:
            return False
        raise
    return response is not None and response.headers.get("content-type", "").startswith("text/html")


def find_route(address: str) -> str:
    """The name of the route that answers an address; `missing` if none does."""
    try:
        return resolve(urlsplit(address).path).url_name or "unnamed"
    except Resolver404:
        return "missing"

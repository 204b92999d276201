"""Looks over the shoulder of a browser: other hosts, refused scripts, errors, missing headers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, Response

WIDE: Any = {"width": 1440, "height": 900}
PHONE: Any = {"width": 390, "height": 844}


class Watch:
    """Collects in `seen` what no page may do, each with its address."""

    def __init__(self, portal: str) -> None:
        self._host = urlsplit(portal).netloc
        self._pages: set[str] = set()
        self.seen: list[str] = []

    def look_over(self, page: Page) -> Page:
        """The same page, watched from now on."""
        page.on("request", self._see_request)
        page.on("response", self._see_response)
        page.on("pageerror", lambda error: self.seen.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._see_message(page, message))
        return page

    def _see_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self._host:
            self.seen.append(f"a request to {parts.netloc}")

    def _see_response(self, response: Response) -> None:
        if response.status >= 500:
            self.seen.append(f"{response.url} answered {response.status}")
        if not response.headers.get("content-type", "").startswith("text/html"):
            return
        self._pages.add(response.url)
        policy = response.headers.get("content-security-policy", "")
        if "default-src" not in policy or "unsafe-" in policy:
            self.seen.append(f"{response.url} has the policy {policy!r}")

    def _see_message(self, page: Page, message: ConsoleMessage) -> None:
        # A refused form is an answer, though the browser calls it an error. An image or a file opened by itself is
        # not our page: there the browser's own viewer complains of the policy.
        is_ours = page.url.partition("#")[0] in self._pages
        if is_ours and message.type == "error" and "Failed to load resource" not in message.text:
            self.seen.append(f"{page.url}: {message.text}")

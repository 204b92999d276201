"""Draws a page as it was received, in a browser that can reach nothing but that page.

The page is served by a thread of ours under a name that only the browser's own resolver rules know; every other
name and address is mapped to nothing, scripts and everything a page might fetch are forbidden by policy. What is
drawn is what was received, without pictures and styles from elsewhere, and the evidence says so.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import tempfile
import threading
from functools import lru_cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

log = logging.getLogger(__name__)

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
_LONGEST_S = 20
_LARGEST_BYTES = 4 * 1024 * 1024
_HOST = "page.invalid"
_MOST_KEPT = 8
_drawn: dict[bytes, bytes] = {}


@lru_cache(maxsize=1)
def find_browser() -> str | None:
    """OPENBEIAN_CHROMIUM, else the first of the usual names; None when none is installed."""
    named = os.environ.get("OPENBEIAN_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class ChromiumPictures:
    """A `ports.Photographer`. The second look at a page that is the same to the byte needs no second browser."""

    def draw_page(self, page: bytes, charset: str) -> bytes | None:
        browser = find_browser()
        if browser is None or not page:
            return None
        seen = sha256(page + charset.encode()).digest()
        if picture := _drawn.get(seen):
            return picture
        with tempfile.TemporaryDirectory(prefix="openbeian-picture-") as folder:
            try:
                picture = _draw(browser, page, charset, Path(folder))
            except (OSError, subprocess.SubprocessError):
                # A missing picture is no reason to lose the rest of the evidence.
                log.warning("no picture was taken", exc_info=True)
                return None
        if picture:
            while len(_drawn) >= _MOST_KEPT:
                _drawn.pop(next(iter(_drawn)))
            _drawn[seen] = picture
        return picture


def _draw(browser: str, page: bytes, charset: str, folder: Path) -> bytes | None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _serving(page, charset))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    target = folder / "picture.png"
    try:
        subprocess.run(  # noqa: S603  a browser the operator installed, no shell
            _command(browser, folder, target, server.server_port),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_LONGEST_S,
            env={"HOME": str(folder), "PATH": os.environ.get("PATH", ""), "LANG": "zh_CN.UTF-8"},
            check=False,
        )
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
    if not target.is_file() or target.stat().st_size > _LARGEST_BYTES:
        return None
    return target.read_bytes()


def _command(browser: str, folder: Path, target: Path, port: int) -> list[str]:
    # Chromium refuses its sandbox to root; who runs the portal as root has chosen so.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return [
        browser,
        "--headless=new",
        *sandbox,
        "--disable-gpu",
        "--disable-quic",
        "--disable-extensions",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--no-proxy-server",
        "--hide-scrollbars",
        "--window-size=1280,1600",
        f"--user-data-dir={folder / 'profile'}",
        # The first rule that fits counts: our page, then nothing else, addresses included.
        f"--host-resolver-rules=MAP {_HOST} 127.0.0.1:{port},MAP * ~NOTFOUND",
        f"--screenshot={target}",
        f"http://{_HOST}/",
    ]


def _serving(page: bytes, charset: str) -> type[BaseHTTPRequestHandler]:
    kind = f"text/html; charset={charset}" if charset.isascii() and charset.isprintable() and charset else "text/html"

    class OnePage(BaseHTTPRequestHandler):
        """Answers every request with the page."""

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(page)))
            self.send_header("Content-Security-Policy", _POLICY)
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
            """Says nothing."""

    return OnePage

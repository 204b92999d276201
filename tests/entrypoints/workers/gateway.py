"""An SMS gateway on loopback for the tests: notes every request, answers as told, sends each key's message once."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from openbeian.cases.sms.webhook import sign_request

SECRET = "shared-with-the-gateway"


class Gateway(ThreadingHTTPServer):
    """`hold` makes requests wait until it is set; `answer` is (status, body) instead of accepting."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[dict[str, Any]] = []
        self.sent: dict[str, str] = {}
        self.answer: tuple[int, bytes] | None = None
        self.hold = threading.Event()
        self.hold.set()
        self.arrived = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/messages"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed in the middle is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        expected = sign_request(SECRET, self.headers["X-OpenBeian-Timestamp"], content)
        if not hmac.compare_digest(expected, self.headers["X-OpenBeian-Signature"]):
            self._reply(401, b"{}")
            return
        message = json.loads(content)
        self.server.received.append(message)
        self.server.arrived.set()
        self.server.hold.wait(20)
        if self.server.answer:
            self._reply(*self.server.answer)
            return
        self.server.sent.setdefault(message["key"], message["body"])
        self._reply(200, json.dumps({"accepted": True, "receipt": f"r-{len(self.server.sent)}"}).encode())

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  the library's name
        pass


@contextmanager
def open_gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    thread = threading.Thread(target=gateway.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield gateway
    finally:
        gateway.hold.set()
        gateway.shutdown()
        gateway.server_close()
        thread.join()

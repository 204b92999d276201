"""The other side of every channel on loopback: robots that check signatures, and a mail server that keeps letters."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

SECRET = "SEC-shared-with-the-robot"
Check = Callable[["Receiver", str, dict[str, str], bytes], bool]


class Receiver(ThreadingHTTPServer):
    """`answer` is (status, body) for requests whose signature is right; a wrong one gets `refusal` with HTTP 200."""

    daemon_threads = True

    def __init__(self, check: Check, answer: tuple[int, bytes], refusal: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.check, self.answer, self.refusal = check, answer, refusal
        self.received: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.arrived = threading.Event()
        self.hold = threading.Event()
        self.hold.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/robot?access_token=t0ken"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed in the middle is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.arrived.set()
        self.server.hold.wait(20)
        if not self.server.check(self.server, self.path, dict(self.headers), content):
            self._reply(200, self.server.refusal)
            return
        self.server.received.append(json.loads(content))
        self.server.headers.append(dict(self.headers))
        self._reply(*self.server.answer)

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", self.server.url)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  the library's name
        pass


def _is_signed_by_dingtalk(receiver: Receiver, path: str, headers: dict[str, str], content: bytes) -> bool:
    query = {k: v[0] for k, v in parse_qs(urlsplit(path).query).items()}
    text = f"{query.get('timestamp', '')}\n{SECRET}".encode()
    expected = base64.b64encode(hmac.new(SECRET.encode(), text, hashlib.sha256).digest()).decode()
    return query.get("access_token") == "t0ken" and hmac.compare_digest(expected, query.get("sign", ""))


def _is_signed_by_feishu(receiver: Receiver, path: str, headers: dict[str, str], content: bytes) -> bool:
    body = json.loads(content)
    key = f"{body.get('timestamp', '')}\n{SECRET}".encode()
    expected = base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
    return hmac.compare_digest(expected, body.get("sign", ""))


def _is_signed_by_webhook(receiver: Receiver, path: str, headers: dict[str, str], content: bytes) -> bool:
    text = headers.get("X-OpenBeian-Timestamp", "").encode() + b"." + content
    expected = hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, headers.get("X-OpenBeian-Signature", ""))


_ROBOTS: dict[str, tuple[Check, bytes, bytes]] = {
    "dingtalk": (
        _is_signed_by_dingtalk,
        b'{"errcode":0,"errmsg":"ok"}',
        b'{"errcode":310000,"errmsg":"sign not match"}',
    ),
    "wecom": (lambda *_: True, b'{"errcode":0,"errmsg":"ok"}', b""),
    "feishu": (_is_signed_by_feishu, b'{"code":0,"msg":"success"}', b'{"code":19021,"msg":"sign match fail"}'),
    "webhook": (_is_signed_by_webhook, b'{"accepted":true}', b'{"accepted":false,"reason":"signature"}'),
}


@contextmanager
def open_receiver(kind: str) -> Iterator[Receiver]:
    check, answer, refusal = _ROBOTS[kind]
    receiver = Receiver(check, (200, answer), refusal)
    thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.hold.set()
        receiver.shutdown()
        receiver.server_close()
        thread.join()


class Mailbox:
    """Keeps every letter as it arrived. `replies` are given first, one a letter, instead of taking it.

    While `hold` is cleared, a letter is taken and its sender waits for the answer.
    """

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.replies: list[str] = []
        self.arrived = threading.Event()
        self.hold = threading.Event()
        self.hold.set()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.replies:
            return self.replies.pop(0)
        letter = message_from_bytes(bytes(envelope.content or b""), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.arrived.set()
        while not self.hold.is_set():
            await asyncio.sleep(0.02)
        return "250 OK: queued as A1"

    @property
    def message_ids(self) -> list[str]:
        return [str(letter["Message-ID"]) for letter in self.letters]


@contextmanager
def open_mail_server() -> Iterator[tuple[Mailbox, int]]:
    """A real SMTP server on a free port of loopback; gives its mailbox and the port."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mailbox, port
    finally:
        mailbox.hold.set()
        controller.stop()

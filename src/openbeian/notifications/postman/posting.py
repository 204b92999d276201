"""Hands one letter to a mail server and tells what became of it. The standard library only: the postman starts fast."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from socket import getfqdn
from typing import Any


class Fate(StrEnum):
    """What became of an attempt. `UNSENT`: no byte of the message left. `UNKNOWN`: it may have arrived."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    UNDELIVERED = "undelivered"
    UNSENT = "unsent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`answer` is what the other side said, or the name of what went wrong; for `DELIVERED` it may be empty."""

    fate: Fate
    answer: str = ""


@dataclass(frozen=True, slots=True)
class MailServer:
    """`security` is empty, `starttls` or `tls`. `timeout_s` bounds each step of the conversation."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    security: str = ""
    timeout_s: float = 20


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it goes over the wire, with the addresses of its envelope."""

    sender: str
    recipient: str
    content: bytes


def post_letter(server: MailServer, letter: Letter, before_content: Callable[[], None] = lambda: None) -> Outcome:
    """One connection, one letter. `before_content` is called before the first byte that the server could deliver.

    Every failure is an outcome: a broken connection after the content began is `UNKNOWN`, before it `UNDELIVERED`.
    """
    has_begun = False

    def begin() -> None:
        nonlocal has_begun
        before_content()
        has_begun = True

    try:
        connection = _connect(server, begin)
        try:
            connection.sendmail(letter.sender, [letter.recipient], letter.content)
        finally:
            # What the server says to the good-bye changes nothing.
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()
            connection.close()
    except smtplib.SMTPRecipientsRefused as refusal:
        code, words = next(iter(refusal.recipients.values()))
        return _judge(code, words)
    except smtplib.SMTPResponseException as refusal:
        return _judge(refusal.smtp_code, refusal.smtp_error)
    except (OSError, smtplib.SMTPException, ValueError) as trouble:
        return Outcome(Fate.UNKNOWN if has_begun else Fate.UNDELIVERED, type(trouble).__name__)
    return Outcome(Fate.DELIVERED)


def _connect(server: MailServer, begin: Callable[[], None]) -> smtplib.SMTP:
    kind = _TellingOverTLS if server.security == "tls" else _Telling
    settings: dict[str, Any] = {"local_hostname": _own_name(), "timeout": server.timeout_s}
    if server.security == "tls":
        settings["context"] = ssl.create_default_context()
    connection = kind(begin, server.host, server.port, **settings)
    try:
        if server.security == "starttls":
            connection.starttls(context=ssl.create_default_context())
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


class _Telling(smtplib.SMTP):
    """Says when the content begins."""

    def __init__(self, begin: Callable[[], None], *arguments: Any, **settings: Any) -> None:
        self._begin = begin
        super().__init__(*arguments, **settings)

    def data(self, msg: Any) -> tuple[int, bytes]:
        self._begin()
        return super().data(msg)


class _TellingOverTLS(_Telling, smtplib.SMTP_SSL):
    pass


@lru_cache(maxsize=1)
def _own_name() -> str:
    return getfqdn()


def _judge(code: int, words: bytes | str) -> Outcome:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return Outcome(Fate.REFUSED if 500 <= code < 600 else Fate.UNDELIVERED, f"{code} {text}")

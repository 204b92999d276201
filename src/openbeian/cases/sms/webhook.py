"""Text messages through a gateway of the installation's own choice: one signed POST per message.

Request: JSON `{"key", "mobile", "body"}` with the headers `X-OpenBeian-Timestamp` (seconds since 1970) and
`X-OpenBeian-Signature` = hex HMAC-SHA256 of `timestamp + "." + body` under the shared secret.
Reply: 2xx and JSON `{"accepted": true, "receipt": "…"}`, or `{"accepted": false, "reason": "…"}` for a message
that will never be sent. Anything else counts as an outage: many gateways answer 200 with a fault inside.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlsplit

import httpx

from openbeian.cases.ports import SmsNotConfigured, SmsRefused, SmsUnavailable
from openbeian.kernel import clock

_TIMEOUT_S = 5.0
_LONGEST_S = 15.0
_LARGEST_REPLY_BYTES = 64 * 1024
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def sign_request(secret: str, timestamp: str, content: bytes) -> str:
    """The signature that a gateway must compute for itself and compare."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + content, hashlib.sha256).hexdigest()


class WebhookSms:
    """Raises on construction: SmsNotConfigured for an address that is not https (loopback may be http) or no secret."""

    def __init__(self, url: str, secret: str) -> None:
        parts = urlsplit(url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        if not (is_safe and parts.hostname and secret):
            raise SmsNotConfigured
        self._url, self._secret = url, secret

    def deliver_message(self, mobile: str, body: str, key: str) -> str:
        content = json.dumps({"key": key, "mobile": mobile, "body": body}, ensure_ascii=False).encode()
        timestamp = str(int(clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-OpenBeian-Timestamp": timestamp,
            "X-OpenBeian-Signature": sign_request(self._secret, timestamp, content),
        }
        return _read_reply(*self._post(content, headers))

    def _post(self, content: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        ends_at = time.monotonic() + _LONGEST_S
        reply = bytearray()
        try:
            # No proxies from the environment and no redirects: the message goes where the administrator said.
            with (
                httpx.Client(timeout=_TIMEOUT_S, trust_env=False, follow_redirects=False) as client,
                client.stream("POST", self._url, content=content, headers=headers) as response,
            ):
                for part in response.iter_bytes():
                    reply += part
                    if len(reply) > _LARGEST_REPLY_BYTES or time.monotonic() > ends_at:
                        raise SmsUnavailable("the reply is too long or too slow")
                return response.status_code, bytes(reply)
        except (httpx.HTTPError, httpx.InvalidURL) as trouble:
            raise SmsUnavailable(type(trouble).__name__) from trouble


def _read_reply(status: int, reply: bytes) -> str:
    if not 200 <= status < 300:
        raise SmsUnavailable(f"status {status}")
    try:
        answer: Any = json.loads(reply)
    except (ValueError, RecursionError) as trouble:
        raise SmsUnavailable("the reply is not JSON") from trouble
    accepted = answer.get("accepted") if isinstance(answer, dict) else None
    if accepted is True:
        return str(answer.get("receipt") or "")[:120]
    if accepted is False:
        raise SmsRefused(why=str(answer.get("reason") or "-")[:120])
    raise SmsUnavailable("the reply does not say whether it accepts")

"""A signed POST for programs of the organisation's own.

Request: JSON `{"key", "title", "repeat", "lines": [{"sentence", "link", "owner"}]}` with the headers `Idempotency-Key` (the same
at every attempt of a message: ignore what you have), `X-OpenBeian-Timestamp` (seconds since 1970) and
`X-OpenBeian-Signature` = hex HMAC-SHA256 of `timestamp + "." + body` under the channel's secret.
Reply: 2xx accepts, unless its body is JSON with `"accepted": false`; 4xx refuses for good; anything else is tried again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from openbeian.kernel import clock
from openbeian.notifications.decisions import mask_answer
from openbeian.notifications.errors import MessageRefused, MessageUndelivered
from openbeian.notifications.guarded_post import GuardedPost, Reply
from openbeian.notifications.ports import Message, Untraced


def sign_request(secret: str, timestamp: str, content: bytes) -> str:
    """The signature that the receiver must compute for itself and compare."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + content, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Webhook(Untraced):
    url: str
    secret: str
    network: GuardedPost

    def deliver_message(self, message: Message) -> str:
        content = _write(message)
        timestamp = str(int(clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": message.key,
            "X-OpenBeian-Timestamp": timestamp,
            "X-OpenBeian-Signature": sign_request(self.secret, timestamp, content),
        }
        reply = self.network.post(self.url, content, headers)
        answer = mask_answer(f"HTTP {reply.status} {reply.text}", self.secret, self.url)
        if 200 <= reply.status < 300 and not _says_no(reply):
            return answer
        if 200 <= reply.status < 500 and reply.status not in {408, 425, 429}:
            raise MessageRefused(answer)
        raise MessageUndelivered(answer)


def _write(message: Message) -> bytes:
    lines = [{"sentence": line.sentence, "link": line.link, "owner": line.owner} for line in message.lines]
    document = {"key": message.key, "title": message.title, "repeat": message.is_repeat, "lines": lines}
    return json.dumps(document, ensure_ascii=False).encode()


def _says_no(reply: Reply) -> bool:
    try:
        body: Any = json.loads(reply.body)
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and body.get("accepted") is False

"""Feishu's custom group robot: signature in the body, rich text as structure, in which text stays text."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from openbeian.kernel import clock
from openbeian.notifications.guarded_post import GuardedPost
from openbeian.notifications.ports import Message, Untraced
from openbeian.notifications.rendering import OPEN, REFERENCE, REPEAT
from openbeian.notifications.robots import post_to_robot

_BUSY = frozenset({9499, 11232, 99991400})


def sign_timestamp(secret: str, timestamp_s: str) -> str:
    """The vendor's signature: time and secret are the key, the message is empty."""
    digest = hmac.new(f"{timestamp_s}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


@dataclass(frozen=True, slots=True)
class FeishuRobot(Untraced):
    url: str
    secret: str
    network: GuardedPost

    def deliver_message(self, message: Message) -> str:
        payload: dict[str, Any] = {"msg_type": "post", "content": {"post": _write(message)}}
        if self.secret:
            timestamp = str(int(clock.now().timestamp()))
            payload |= {"timestamp": timestamp, "sign": sign_timestamp(self.secret, timestamp)}
        return post_to_robot(self.network, self.url, payload, ("code", "StatusCode"), _BUSY, self.secret)


def _write(message: Message) -> dict[str, Any]:
    paragraphs: list[list[dict[str, str]]] = []
    owner = ""
    for line in message.lines:
        if line.owner != owner:
            owner = line.owner
            paragraphs.append([_text(f"— {owner} —")])
        link = [{"tag": "a", "text": OPEN(message.language), "href": line.link}] if line.link else []
        paragraphs.append([_text(f"{line.sentence} "), *link])
    end = [_text(f"{REFERENCE(message.language)} {message.reference} ")]
    # A custom robot knows people by their open ids; it cannot find them by mobile.
    end += [{"tag": "at", "user_id": m} for m in message.mention]
    title = message.title + (REPEAT(message.language) if message.is_repeat else "")
    return {"zh_cn" if message.language == "zh" else "en_us": {"title": title, "content": [*paragraphs, end]}}


def _text(words: str) -> dict[str, str]:
    return {"tag": "text", "text": words}

"""DingTalk's custom group robot: signed address, markdown, mobiles after @."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import quote_plus

from openbeian.kernel import clock
from openbeian.notifications.guarded_post import GuardedPost
from openbeian.notifications.ports import Message, Untraced
from openbeian.notifications.rendering import OPEN, REFERENCE, REPEAT
from openbeian.notifications.robots import post_to_robot

_BUSY = frozenset({-1, 130101, 130103})
_LONGEST = 5000
# Its markdown has no dependable escape, so what would be markup becomes its full-width twin, which people can read.
_INERT = str.maketrans("\\`*_{}[]()<>#+!|~@:&", "＼｀＊＿｛｝［］（）＜＞＃＋！｜～＠：＆")


def sign_address(url: str, secret: str, timestamp_ms: str) -> str:
    """The robot's address with the vendor's signature over time and secret; unchanged without a secret."""
    if not secret:
        return url
    digest = hmac.new(secret.encode(), f"{timestamp_ms}\n{secret}".encode(), hashlib.sha256).digest()
    sign = quote_plus(base64.b64encode(digest))
    return f"{url}{'&' if '?' in url else '?'}timestamp={timestamp_ms}&sign={sign}"


def make_inert(text: str) -> str:
    """Text that the robot's markdown shows as it stands."""
    return text.translate(_INERT)


@dataclass(frozen=True, slots=True)
class DingTalkRobot(Untraced):
    url: str
    secret: str
    network: GuardedPost

    def deliver_message(self, message: Message) -> str:
        url = sign_address(self.url, self.secret, str(int(clock.now().timestamp() * 1000)))
        mobiles = [m for m in message.mention if m != "all"]
        payload = {
            "msgtype": "markdown",
            "markdown": {"title": make_inert(message.title), "text": _write(message, mobiles)},
            "at": {"atMobiles": mobiles, "isAtAll": "all" in message.mention},
        }
        return post_to_robot(self.network, url, payload, ("errcode",), _BUSY, self.secret)


def _write(message: Message, mobiles: list[str]) -> str:
    parts = [f"### {make_inert(message.title)}{REPEAT(message.language) if message.is_repeat else ''}"]
    owner, length = "", 0
    for line in message.lines:
        if line.owner != owner:
            owner = line.owner
            parts.append(f"**{make_inert(owner)}**")
        link = f" [{OPEN(message.language)}]({line.link})" if line.link else ""
        length += len(line.sentence) + len(link)
        if length > _LONGEST:
            parts.append("…")
            break
        parts.append(make_inert(line.sentence) + link)
    # The vendor rings only those whose number also stands in the text.
    parts.append(" ".join([f"{REFERENCE(message.language)} {message.reference}", *(f"@{m}" for m in mobiles)]))
    return "\n\n".join(parts)

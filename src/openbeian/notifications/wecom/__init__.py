"""WeCom's group robot: the key in its address is its only secret; plain text, because nothing in it can be markup."""

from __future__ import annotations

from dataclasses import dataclass

from openbeian.notifications.guarded_post import GuardedPost
from openbeian.notifications.ports import Message, Untraced
from openbeian.notifications.rendering import write_plain
from openbeian.notifications.robots import post_to_robot

_BUSY = frozenset({-1, 45009})
_LONGEST_BYTES = 2048


@dataclass(frozen=True, slots=True)
class WeComRobot(Untraced):
    url: str
    network: GuardedPost

    def deliver_message(self, message: Message) -> str:
        payload = {
            "msgtype": "text",
            "text": {
                "content": write_plain(message, _LONGEST_BYTES),
                "mentioned_mobile_list": ["@all" if m == "all" else m for m in message.mention],
            },
        }
        return post_to_robot(self.network, self.url, payload, ("errcode",), _BUSY, "")

"""When a message may leave, when a digest is due, what text is safe to pass on: pure."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

from openbeian.kernel.clock import CHINA
from openbeian.kernel.text import Text

CHANNEL_KINDS: dict[str, Text] = {
    "inbox": Text("站内信", "Inbox"),
    "email": Text("电子邮件", "E-mail"),
    "dingtalk": Text("钉钉群机器人", "DingTalk group robot"),
    "wecom": Text("企业微信群机器人", "WeCom group robot"),
    "feishu": Text("飞书群机器人", "Feishu group robot"),
    "webhook": Text("通用 Webhook", "Webhook"),
}
DEFAULT_ESCALATION_DAYS = 3
# With the pauses of background work this spans about seven hours, so that a night's outage of a gateway passes.
MOST_ATTEMPTS = 36


def is_quiet(at: datetime, quiet_from: int | None, quiet_until: int | None) -> bool:
    """Whether an instant falls into the quiet hours of China time; from 22 until 8 runs over midnight."""
    if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
        return False
    hour = at.astimezone(CHINA).hour
    if quiet_from < quiet_until:
        return quiet_from <= hour < quiet_until
    return hour >= quiet_from or hour < quiet_until


def compute_send_at(at: datetime, quiet_from: int | None, quiet_until: int | None) -> datetime:
    """The instant itself, or the end of the quiet hours it falls into."""
    if quiet_until is None or not is_quiet(at, quiet_from, quiet_until):
        return at
    local = at.astimezone(CHINA)
    end = local.replace(hour=quiet_until, minute=0, second=0, microsecond=0)
    return end if end > local else end + timedelta(days=1)


def is_digest_due(at: datetime, hour: int) -> bool:
    """Whether the day's digest may go: from its hour in China time on."""
    return at.astimezone(CHINA).hour >= hour


def make_line(text: str, longest: int) -> str:
    """Somebody else's text on one line: no control or direction characters, which could forge what stands around it."""
    kept = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    line = " ".join(kept.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def mask_answer(answer: str, *hidden: str) -> str:
    """What the other side answered, on one bounded line, without the token or secret it may have echoed."""
    for secret in hidden:
        if secret:
            answer = answer.replace(secret, "***")
    return make_line(answer, 500)

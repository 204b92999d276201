"""The demo's text messages: nothing leaves the machine, the demo page shows what would have been sent."""

from __future__ import annotations


class ShownMessages:
    """Accepts every message; it is kept in `SentMessage`, where the page reads it."""

    def deliver_message(self, mobile: str, body: str, key: str) -> str:
        return ""

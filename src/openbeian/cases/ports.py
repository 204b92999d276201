"""What cases need from the outside: somebody who delivers text messages."""

from __future__ import annotations

from typing import Protocol

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class SmsUnavailable(Exception):
    """The gateway did not take the message this time: our side's trouble, tried again later."""


class SmsRefused(OpenBeianError):
    code = "sms_refused"
    message = Text(
        "短信网关拒收这条短信（{why}）。请核对手机号码；号码无误的，联系短信网关服务商。",
        "The SMS gateway refuses this message ({why}). Check the mobile number; if it is right, ask the gateway.",
    )


class SmsNotConfigured(OpenBeianError):
    code = "sms_not_configured"
    message = Text(
        "本系统没有配置短信网关，短信没有发出。请管理员设置 OPENBEIAN_SMS_URL 和 OPENBEIAN_SMS_SECRET 后重启。",
        "No SMS gateway is set up, so nothing was sent. Set OPENBEIAN_SMS_URL and OPENBEIAN_SMS_SECRET and restart.",
    )


class SmsSender(Protocol):
    """Delivers one text message.

    `key` is the same at every try of one message, so that a gateway can recognise a repetition. Returns the
    gateway's receipt, or an empty text. Takes at most a quarter of a minute.

    Raises: SmsUnavailable (try again), SmsRefused (do not).
    """

    def deliver_message(self, mobile: str, body: str, key: str) -> str: ...

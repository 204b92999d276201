"""Refusals about channels and messages."""

from __future__ import annotations

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class ChannelNotFound(OpenBeianError):
    code = "channel_not_found"
    status = 404
    message = Text("没有这个通知渠道，或它不属于您。", "There is no such channel, or it is not yours.")


class ChannelFaulty(OpenBeianError):
    code = "channel_faulty"
    message = Text("通知渠道填写有误，请按提示修改。", "The channel cannot be saved as it is; see what to change.")


class AddressForbidden(OpenBeianError):
    """Raised before anything is sent: the address leads into a network that channels must not reach."""

    code = "address_forbidden"
    message = Text(
        "地址 {host} 指向内网或本机，系统不会访问。请改用公网 https 地址，或由运维设置 OPENBEIAN_ALLOW_PRIVATE_WEBHOOKS。",
        "{host} leads into a private network or this machine and is not contacted. Use a public https address, or let "
        "the operator set OPENBEIAN_ALLOW_PRIVATE_WEBHOOKS.",
    )


class MessageRefused(OpenBeianError):
    """The other side said no for good; trying again would not help."""

    code = "message_refused"
    message = Text(
        "对方拒绝了消息：{answer}。请检查渠道设置。", "The message was refused: {answer}. Check the channel."
    )

    def __init__(self, answer: str) -> None:
        self.answer = answer
        super().__init__(answer=answer)


class MailNotConfigured(OpenBeianError):
    code = "mail_not_configured"
    message = Text(
        "本系统没有设置发信服务器。请运维设置 OPENBEIAN_MAIL。",
        "This installation has no mail server. Ask its operator to set OPENBEIAN_MAIL.",
    )


class MessageUndelivered(Exception):
    """The other side is out of reach or busy: not a refusal, it is tried again later.

    `may_have_arrived`: it broke off after the message began to leave.
    """

    def __init__(self, answer: str, *, may_have_arrived: bool = False) -> None:
        self.answer, self.may_have_arrived = answer, may_have_arrived
        super().__init__(answer)

"""What cases need from the outside: somebody who delivers text messages, and somebody who reports to the authority."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from openbeian.kernel.actor import Actor
from openbeian.kernel.errors import Fault, OpenBeianError
from openbeian.kernel.text import Text

if TYPE_CHECKING:
    from openbeian.cases.models import Case


class Carrier(Protocol):
    """Reports a case to an administration that is reached over its interface. Named in settings.CASE_CARRIER."""

    def list_obstacles(self, case: Case) -> Sequence[Fault]:
        """Why the case could not be reported as it stands, a fault per field; empty when it could."""
        ...

    def take_case(self, actor: Actor, case: Case) -> bool:
        """Writes the report in the caller's transaction, without network; True when the persons named confirm
        here before it leaves. Raises: a refusal with a fault per field; then nothing is written."""
        ...

    def release_case(self, case: Case) -> None:
        """All persons have confirmed here: the report may leave. In the caller's transaction."""
        ...


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

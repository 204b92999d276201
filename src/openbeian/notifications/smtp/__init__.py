"""Letters through the installation's mail server, each with a Message-ID that stays the same at every attempt."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string

from openbeian.notifications.decisions import mask_answer
from openbeian.notifications.errors import MailNotConfigured, MessageRefused, MessageUndelivered
from openbeian.notifications.ports import Message
from openbeian.notifications.rendering import OPEN, REFERENCE, REPEAT, write_plain


@dataclass(frozen=True, slots=True)
class Mail:
    """A mailbox. One connection per letter: a worker that dies leaves no half-used one behind."""

    address: str

    def deliver_message(self, message: Message) -> str:
        if not settings.OPENBEIAN_MAIL:
            raise MailNotConfigured
        letter = self._write(message)
        try:
            with get_connection() as connection:
                connection.send_messages([letter])
        except smtplib.SMTPRecipientsRefused as refusal:
            code, words = next(iter(refusal.recipients.values()))
            raise _judge(code, words) from None
        except smtplib.SMTPResponseException as refusal:
            raise _judge(refusal.smtp_code, refusal.smtp_error) from None
        except (OSError, smtplib.SMTPException) as trouble:
            raise MessageUndelivered(type(trouble).__name__) from None
        return f"250 {letter.extra_headers['Message-ID']}"

    def _write(self, message: Message) -> EmailMultiAlternatives:
        domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
        letter = EmailMultiAlternatives(
            subject=f"{message.title} [{message.reference}]",
            body=write_plain(message),
            to=[self.address],
            headers={"Message-ID": f"<{message.key}@{domain}>", "Auto-Submitted": "auto-generated"},
        )
        words = {"open": OPEN, "reference": REFERENCE, "repeat": REPEAT}
        context = {"message": message, **{name: text(message.language) for name, text in words.items()}}
        letter.attach_alternative(render_to_string("notifications/mail.html", context), "text/html")
        return letter


def _judge(code: int, words: bytes | str) -> Exception:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    answer = mask_answer(f"{code} {text}")
    return MessageRefused(answer) if 500 <= code < 600 else MessageUndelivered(answer)

"""Letters through the installation's mail server, each with a Message-ID that stays the same at every attempt."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address
from django.template.loader import render_to_string

from openbeian.notifications.decisions import mask_answer
from openbeian.notifications.errors import MailNotConfigured, MessageRefused, MessageUndelivered
from openbeian.notifications.ports import Message
from openbeian.notifications.postman.office import PostOffice
from openbeian.notifications.postman.posting import Fate, Letter, MailServer, Outcome, post_letter
from openbeian.notifications.rendering import OPEN, REFERENCE, REPEAT, write_plain


@dataclass(frozen=True, slots=True)
class Mail:
    """A mailbox. A worker's letters go through its post office; without one, as for a test letter, from here."""

    address: str
    office: PostOffice | None = None

    def deliver_message(self, message: Message) -> str:
        if not settings.OPENBEIAN_MAIL:
            raise MailNotConfigured
        name, letter = self._write(message)
        server = _read_server()
        if self.office is None:
            outcome = post_letter(server, letter)
        else:
            outcome = self.office.hand_over(server, letter, message.key, message.attempt)
        answer = mask_answer(outcome.answer)
        if outcome.fate is Fate.REFUSED:
            raise MessageRefused(answer)
        if outcome.fate is not Fate.DELIVERED:
            raise MessageUndelivered(answer, may_have_arrived=outcome.fate is Fate.UNKNOWN)
        return f"250 {name}"

    def find_postman(self) -> str:
        return self.office.find_postman() if self.office and settings.OPENBEIAN_MAIL else ""

    def recall_attempt(self, postman: str, key: str, attempt: int) -> Outcome:
        if self.office is None:
            return Outcome(Fate.UNKNOWN)
        outcome = self.office.recall_attempt(postman, key, attempt)
        answer = f"250 {_name_letter(key)}" if outcome.fate is Fate.DELIVERED else mask_answer(outcome.answer)
        return Outcome(outcome.fate, answer)

    def _write(self, message: Message) -> tuple[str, Letter]:
        """The letter's Message-ID, and the letter."""
        name = _name_letter(message.key)
        letter = EmailMultiAlternatives(
            subject=f"{message.title} [{message.reference}]",
            body=write_plain(message),
            to=[self.address],
            headers={"Message-ID": name, "Auto-Submitted": "auto-generated"},
        )
        words = {"open": OPEN, "reference": REFERENCE, "repeat": REPEAT}
        context = {"message": message, **{name: text(message.language) for name, text in words.items()}}
        letter.attach_alternative(render_to_string("notifications/mail.html", context), "text/html")
        sender, recipient = (sanitize_address(a, "utf-8") for a in (letter.from_email, self.address))
        # The parameter is Django's own; the base class of the library's types has none.
        content = letter.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
        return name, Letter(sender, recipient, content)


def _name_letter(key: str) -> str:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{key}@{domain}>"


def _read_server() -> MailServer:
    return MailServer(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        user=settings.EMAIL_HOST_USER,
        password=settings.EMAIL_HOST_PASSWORD,
        security="tls" if settings.EMAIL_USE_SSL else "starttls" if settings.EMAIL_USE_TLS else "",
        timeout_s=settings.EMAIL_TIMEOUT,
    )

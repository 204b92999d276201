"""Letters that the portal sends itself: an invitation's link, where the installation can send mail at all."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import send_mail

from openbeian.accounts.models import Invitation
from openbeian.entrypoints.web.wording import reader_language
from openbeian.kernel.text import Text

log = logging.getLogger(__name__)

SUBJECT = Text("邀请您加入「{organisation}」", "You are invited to join “{organisation}”")
BODY = Text(
    "{inviter} 邀请您在 OpenBeian 加入「{organisation}」。\n\n请在 7 天内打开以下链接：\n{link}\n\n"
    "若您不认识邀请人，请忽略本邮件。",
    "{inviter} invites you to join “{organisation}” on OpenBeian.\n\nOpen this link within 7 days:\n{link}\n\n"
    "If you do not know who invites you, ignore this letter.",
)


def is_mail_configured() -> bool:
    """Whether the operator named a mail server to send through."""
    return bool(getattr(settings, "OPENBEIAN_MAIL", ""))


def send_invitation(invitation: Invitation, inviter: str, link: str) -> bool:
    """Whether the mail server took the letter; a failure is ours, so the link can still be passed on by hand."""
    if not is_mail_configured():
        return False
    language = reader_language()
    places = {"organisation": invitation.organisation.name, "inviter": inviter, "link": link}
    try:
        send_mail(SUBJECT.format(**places)(language), BODY.format(**places)(language), None, [invitation.email])
    except OSError:
        log.warning("an invitation could not be mailed", exc_info=True)
        return False
    return True

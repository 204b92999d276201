"""Keeps the digest of a filing password that a sponsor gave its provider."""

from __future__ import annotations

import hashlib

from django.db import transaction

from openbeian.authority.errors import ConnectionUnfit
from openbeian.authority.events import PasswordRecorded
from openbeian.authority.models import FilingPassword
from openbeian.authority.queries import get_connection
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted
from openbeian.kernel.errors import Fault, ValueRefused
from openbeian.kernel.numbers import parse_number
from openbeian.kernel.text import Text


def record_password(actor: Actor, connection_id: int, number: str, password: str) -> FilingPassword:
    """Replaces what was kept for the number. The password itself is forgotten at once: reports carry its hex MD5.

    Raises: NotPermitted, NotYourConnection, ConnectionUnfit.
    """
    if not (actor.may("interface.manage") or actor.may("case.review")):
        raise NotPermitted(permission="interface.manage")
    connection = get_connection(actor, connection_id)
    faults, normal = [], number
    try:
        normal = parse_number(number).normal
    except ValueRefused as refusal:
        faults.append(refusal.problem.at("number", number[:40]))
    try:
        digest = hashlib.md5(password.encode("gbk"), usedforsecurity=False).hexdigest()
    except UnicodeEncodeError:
        digest = ""
    if not password or len(password) > 100 or not digest:
        message = Text(
            "密码为空、过长，或含接口不能承载的字符。",
            "The password is empty, too long, or beyond the interface's characters.",
        )
        faults.append(Fault("password", message, Text("请重新输入。", "Type it again."), "v3.password"))
    if faults:
        raise ConnectionUnfit(faults=faults)
    with transaction.atomic():
        kept, _ = FilingPassword.objects.update_or_create(
            connection=connection, number=normal, defaults={"digest": digest, "recorded_at": clock.now()}
        )
        record_event(PasswordRecorded, actor, ("connection", connection.pk), after={"number": normal})
        return kept

"""Asks a worker to exchange files with an administration now, whatever pause it was in."""

from __future__ import annotations

from django.db import transaction

from openbeian.authority.models import Connection
from openbeian.authority.operating import check_may_operate
from openbeian.authority.queries import get_connection
from openbeian.authority.reporting import wake_exchange
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor


def request_exchange(actor: Actor, connection_id: int) -> None:
    """At most one a second and connection. Raises: NotPermitted, NotYourConnection."""
    check_may_operate(actor)
    connection = get_connection(actor, connection_id)
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk).update(
            send_after=None, send_attempts=0, receive_after=None, receive_attempts=0
        )
        wake_exchange(connection, f"n{clock.now():%Y%m%d%H%M%S}")

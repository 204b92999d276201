"""One exchange per account at a time: a worker holds a connection by a lease that it renews before each call."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db.models import Q

from openbeian.authority.interface import get_interface
from openbeian.authority.models import Connection
from openbeian.kernel import clock


class ConnectionTaken(Exception):
    """Another worker holds the connection now; whoever lost it stops at once."""


def compute_lease() -> timedelta:
    """Longer than any single call can take, so that nobody is overtaken in the middle of one."""
    limits = get_interface().limits
    return timedelta(seconds=2 * (limits.answer_timeout_s + limits.connect_timeout_s) + 30)


def take_connection(connection_id: int) -> str | None:
    """A token under which the connection is held, or None while another worker holds it."""
    now, token = clock.now(), secrets.token_hex(16)
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    taken = Connection.objects.filter(free, pk=connection_id, is_active=True).update(
        leased_as=token, leased_until=now + compute_lease()
    )
    return token if taken else None


def renew_lease(connection_id: int, token: str) -> None:
    """Raises: ConnectionTaken."""
    mine = Connection.objects.filter(pk=connection_id, leased_as=token)
    if not mine.update(leased_until=clock.now() + compute_lease()):
        raise ConnectionTaken


def give_back(connection_id: int, token: str) -> None:
    Connection.objects.filter(pk=connection_id, leased_as=token).update(leased_as="", leased_until=None)

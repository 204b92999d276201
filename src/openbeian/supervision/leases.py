"""Who holds sites under a lease, and whether that process still lives."""

from __future__ import annotations

import os
import secrets
import socket

from openbeian.supervision.models import WatchedSite


def name_worker() -> str:
    """A name for a lease that says which process of which machine holds it."""
    return f"{_machine()}:{os.getpid()}:{secrets.token_hex(8)}"


def _machine() -> str:
    return socket.gethostname().replace(":", "-")[:40]


def free_sites_of_the_dead() -> int:
    """Frees what processes of this machine held that are no more, so that nobody waits for their leases to run out."""
    held = WatchedSite.objects.filter(leased_by__startswith=f"{_machine()}:")
    names = held.exclude(lease_until=None).values_list("leased_by", flat=True).distinct().order_by()
    dead = [name for name in names if not _is_alive(name.split(":")[1])]
    return held.filter(leased_by__in=dead).update(lease_until=None, leased_by="")


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError):
        return True
    return True

"""How often one address may knock: a count in the cache, so that nobody can try codes or search without end."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest

from openbeian.entrypoints.web.actors import client_address
from openbeian.kernel import clock
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class TooManyTries(OpenBeianError):
    code = "too_many_tries"
    status = 429
    message = Text(
        "这个网络地址尝试得太频繁，请 {minutes} 分钟后再试。",
        "Too many tries from this address; try again in {minutes} minutes.",
    )


def check_rate(request: HttpRequest, door: str, *, most: int, per_minutes: int) -> None:
    """Counts this knock of the address at a door. Raises: TooManyTries above `most` within a window of minutes."""
    window = int(clock.now().timestamp()) // (per_minutes * 60)
    key = f"rate:{door}:{client_address(request)}:{window}"
    cache.add(key, 0, per_minutes * 60)
    try:
        count = cache.incr(key)
    except ValueError:
        # The window ended between the two calls.
        return
    if count > most:
        raise TooManyTries(minutes=per_minutes)

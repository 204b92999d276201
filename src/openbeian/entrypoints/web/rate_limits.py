"""How often one address may ask, counted over all processes through Django's cache, without a cache call a request."""

from __future__ import annotations

import math
import threading
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from django.core.cache import cache

from openbeian.kernel import clock

WINDOW_S = 60
_SHARES = 10
"""A process tells the others of its count every tenth of the limit; that much more per process may slip through."""
_MOST_ADDRESSES = 50_000


class RateLimit:
    """At most `per_minute` requests of one address in each minute of the clock; an IPv6 /64 counts as one address."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._window = 0
        self._mine: dict[str, int] = {}
        self._others: dict[str, int] = {}

    def seconds_to_wait(self, address: str, per_minute: int) -> int:
        """0 when the request may pass, else how long until the next one may."""
        now = clock.now().timestamp()
        window = int(now // WINDOW_S)
        key = _network(address)
        step = max(1, per_minute // _SHARES)
        with self._lock:
            if window != self._window or len(self._mine) > _MOST_ADDRESSES:
                self._window, self._mine, self._others = window, {}, {}
            count = self._mine[key] = self._mine.get(key, 0) + 1
            total = count + self._others.get(key, 0)
        if total > per_minute:
            return max(1, math.ceil((window + 1) * WINDOW_S - now))
        if count % step == 0:
            self._share(key, window, count, step)
        return 0

    def forget(self) -> None:
        """Starts counting anew in this process; for tests."""
        with self._lock:
            self._mine, self._others = {}, {}

    def _share(self, key: str, window: int, count: int, step: int) -> None:
        """Adds what this process counted since it last shared. A lost race undercounts a little, never over."""
        name = f"rate:{self.name}:{window}:{key}"
        cache.add(name, 0, timeout=2 * WINDOW_S)
        try:
            total = cache.incr(name, step)
        except ValueError:
            return  # expired or culled between the two calls
        with self._lock:
            self._others[key] = max(0, total - count)


@lru_cache(maxsize=8192)
def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"{int(parsed) >> 64:x}"
    return str(parsed)

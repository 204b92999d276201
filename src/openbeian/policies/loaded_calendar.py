"""Gives the rules the arrangements loaded here: the adapter behind `rules.rulebook.ArrangementSource`."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable

from django.db import DatabaseError
from django.db.models import Count, Max

from openbeian.kernel.working_days import Arrangement
from openbeian.policies.models import LoadedArrangement
from openbeian.policies.queries import list_loaded_arrangements, read_loaded

log = logging.getLogger(__name__)

CHECKED_EVERY_S = 5.0
"""A process that did not load an arrangement itself uses it at most so much later."""


class LoadedCalendar:
    """Asks the database at most every few seconds whether anything was loaded; a database that is down changes nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = ""
        self._asked_at: float | None = None

    def version(self) -> str:
        """Another word whenever an arrangement was loaded or removed."""
        now = time.monotonic()
        with self._lock:
            if self._asked_at is not None and now - self._asked_at < CHECKED_EVERY_S:
                return self._version
            self._asked_at = now
        try:
            self._version = _read_version()
        except DatabaseError:
            log.warning("loaded holiday arrangements could not be read; the last known ones stay in use")
        return self._version

    def list_arrangements(self) -> Iterable[Arrangement]:
        return [read_loaded(loaded) for loaded in list_loaded_arrangements()]

    def forget(self) -> None:
        """Asks again at the next question: for the process that has just changed something."""
        with self._lock:
            self._asked_at = None


def _read_version() -> str:
    found = LoadedArrangement.objects.aggregate(rows=Count("pk"), last=Max("loaded_at"))
    return f"{found['rows']}:{found['last'].isoformat() if found['last'] else ''}"


loaded_calendar = LoadedCalendar()
"""The one of this process; `wiring` hands it to the rulebook."""

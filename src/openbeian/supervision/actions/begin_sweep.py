"""Begins a sweep: the sites are brought up to date, and jobs for any number of workers are queued."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from openbeian.jobs.actions.enqueue_job import enqueue_job
from openbeian.kernel import clock
from openbeian.supervision.actions.follow_services import follow_services
from openbeian.supervision.models import Sweep, WatchedSite

LONGEST = timedelta(hours=20)
"""A sweep that is still running after this is settled with what it has."""


def begin_sweep(hours: Iterable[int], *, shares: int = 4, jitter_s: int = 1800) -> Sweep | None:
    """The sweep of this hour in China, when it is one of `hours` and was not begun yet; None otherwise.

    Each of `shares` jobs visits whatever site is next, so that as many workers as there are take part; they start
    spread over `jitter_s` seconds, so that not all installations knock at the same minute. Safe to repeat.
    """
    now = clock.now().astimezone(clock.CHINA)
    _end_overdue(now)
    if now.hour not in set(hours) or Sweep.objects.filter(day=now.date(), hour=now.hour).exists():
        return None
    follow_services()
    with transaction.atomic():
        if Sweep.objects.select_for_update().filter(state=Sweep.State.RUNNING).exists():
            return None
        count = WatchedSite.objects.filter(is_active=True).count()
        if not count:
            return None
        sweep, is_new = Sweep.objects.get_or_create(
            day=now.date(), hour=now.hour, defaults={"site_count": count, "started_at": clock.now()}
        )
        if not is_new:
            return None
        for share in range(max(1, shares)):
            enqueue_job(
                "supervision.sweep",
                f"{sweep.pk}:{share}",
                {"sweep": sweep.pk},
                run_at=clock.now() + timedelta(seconds=secrets.randbelow(jitter_s + 1)),
            )
    return sweep


def _end_overdue(now: datetime) -> None:
    overdue = Sweep.objects.filter(state=Sweep.State.RUNNING, started_at__lt=now - LONGEST)
    for sweep in overdue:
        enqueue_job("supervision.settle_sweep", str(sweep.pk), {"sweep": sweep.pk})

"""Begins a sweep of everything now, because somebody asked."""

from __future__ import annotations

from django.db import transaction

from openbeian.jobs.actions.enqueue_job import enqueue_job
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.supervision.actions.follow_services import follow_services
from openbeian.supervision.errors import NothingToSweep, SweepUnderWay
from openbeian.supervision.events import SweepStarted
from openbeian.supervision.models import Sweep, WatchedSite


def start_sweep(actor: Actor, *, shares: int = 4) -> Sweep:
    """For who runs the installation, and the program itself. Each of `shares` jobs visits whatever site is next; with
    none the caller visits them all. Raises: NotPermitted, SweepUnderWay, NothingToSweep."""
    if not actor.is_system:
        check_permitted(actor, "installation.manage")
    follow_services()
    with transaction.atomic():
        if Sweep.objects.select_for_update().filter(state=Sweep.State.RUNNING).exists():
            raise SweepUnderWay
        count = WatchedSite.objects.filter(is_active=True).count()
        if not count:
            raise NothingToSweep
        sweep = Sweep.objects.create(started_at=clock.now(), site_count=count, requested_by_id=actor.user_id)
        for share in range(shares):
            enqueue_job("supervision.sweep", f"{sweep.pk}:{share}", {"sweep": sweep.pk})
        record_event(SweepStarted, actor, ("sweep", sweep.pk), after={"sites": count})
    return sweep

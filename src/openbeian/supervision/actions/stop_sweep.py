"""Ends a sweep early: no further site is visited, and what was seen so far counts."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from openbeian.jobs.actions.enqueue_job import enqueue_job
from openbeian.jobs.models import Job
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.supervision.errors import SweepOver
from openbeian.supervision.events import SweepStopped
from openbeian.supervision.models import Sweep

_FAREWELL = timedelta(seconds=20)
"""How long workers have to notice, before what they brought is settled."""


def stop_sweep(actor: Actor, sweep_id: int) -> Sweep:
    """For who runs the installation. Safe to repeat. Raises: NotPermitted, SweepOver."""
    check_permitted(actor, "installation.manage")
    with transaction.atomic():
        sweep = Sweep.objects.select_for_update().filter(pk=sweep_id, state=Sweep.State.RUNNING).first()
        if sweep is None:
            raise SweepOver
        jobs = Job.objects.filter(kind="supervision.sweep", key__startswith=f"supervision.sweep:{sweep.pk}:")
        jobs.filter(state=Job.State.QUEUED).update(state=Job.State.CANCELLED, finished_at=clock.now())
        jobs.filter(state=Job.State.RUNNING).update(cancel_requested=True)
        enqueue_job("supervision.settle_sweep", str(sweep.pk), {"sweep": sweep.pk}, run_at=clock.now() + _FAREWELL)
        record_event(SweepStopped, actor, ("sweep", sweep.pk), after={"probed": sweep.probes.count()})
    return sweep

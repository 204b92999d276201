"""Takes the next due job under a lease."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from openbeian.jobs.models import Job
from openbeian.kernel import clock

_DIED = "处理该任务的进程每次都中断。 The worker died at every attempt."


def lease_job(worker: str, kinds: Iterable[str], lease_s: float) -> Job | None:
    """The oldest due job of these kinds that nobody holds, now held by `worker` for `lease_s` seconds.

    A job whose lease ran out counts as due, before all that wait: its worker died. If it was cancelled meanwhile
    it is closed as cancelled, and if it has used up its attempts as failed, instead of being tried for ever.
    """
    wanted = list(kinds)
    # On SQLite a transaction takes the only write lock, so an idle worker looks without one.
    while any(due.exists() for due in _list_due(wanted, clock.now())):
        with transaction.atomic():
            now = clock.now()
            job = next(filter(None, map(_lock_first, _list_due(wanted, now))), None)
            if job is None:
                return None
            if not _close_hopeless(job, now):
                job.state, job.attempts = Job.State.RUNNING, job.attempts + 1
                job.leased_by, job.lease_until = worker, now + timedelta(seconds=lease_s)
                job.started_at = job.started_at or now
                job.save(update_fields=["state", "attempts", "leased_by", "lease_until", "started_at"])
                return job
    return None


def _list_due(kinds: list[str], now: datetime) -> tuple[QuerySet[Job], QuerySet[Job]]:
    """What a worker died over, and what waits. Each reads along the index; one condition for both reads every row."""
    due = Job.objects.filter(kind__in=kinds, run_at__lte=now).order_by("run_at", "pk")
    return due.filter(state=Job.State.RUNNING, lease_until__lt=now), due.filter(state=Job.State.QUEUED)


def _lock_first(due: QuerySet[Job]) -> Job | None:
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True)
    return due.first()


def _close_hopeless(job: Job, now: datetime) -> bool:
    """Closes a job that must not run again; True when it did."""
    if job.cancel_requested:
        job.state = Job.State.CANCELLED
    elif job.attempts >= job.max_attempts:
        job.state, job.error = Job.State.FAILED, job.error or _DIED
    else:
        return False
    job.finished_at, job.lease_until = now, None
    job.save(update_fields=["state", "finished_at", "lease_until", "error"])
    return True

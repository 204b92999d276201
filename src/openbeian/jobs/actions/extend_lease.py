"""Keeps a running job's lease alive, tells how far it is, and hears whether it should stop."""

from __future__ import annotations

from datetime import timedelta

from openbeian.jobs.errors import JobCancelled, LeaseLost
from openbeian.jobs.models import Job
from openbeian.kernel import clock


def extend_lease(job: Job, lease_s: float, done: int, total: int) -> None:
    """Raises: LeaseLost when another worker has the job; JobCancelled when somebody asked to stop."""
    changed = Job.objects.held_as(job).update(
        lease_until=clock.now() + timedelta(seconds=lease_s), progress_done=done, progress_total=total
    )
    if not changed:
        raise LeaseLost
    if Job.objects.filter(pk=job.pk, cancel_requested=True).exists():
        raise JobCancelled

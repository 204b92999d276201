"""Puts a running job back because its worker is stopping in good order."""

from __future__ import annotations

from openbeian.jobs.models import Job


def release_job(job: Job) -> None:
    """The job is due at once and the attempt does not count. Nothing happens if another worker has it."""
    Job.objects.held_as(job).update(state=Job.State.QUEUED, lease_until=None, attempts=job.attempts - 1)

"""Asks a job to stop; a waiting one stops at once, a running one at its next step."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from openbeian.jobs.errors import JobFinished
from openbeian.jobs.models import Job
from openbeian.kernel import clock


def cancel_job(job_id: int, organisation_id: int) -> None:
    """Raises: Job.DoesNotExist for a job of somebody else; JobFinished."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(Q(organisation_id=organisation_id), pk=job_id)
        if job.state == Job.State.QUEUED:
            job.state, job.finished_at = Job.State.CANCELLED, clock.now()
        elif job.state == Job.State.RUNNING:
            job.cancel_requested = True
        else:
            raise JobFinished
        job.save(update_fields=["state", "finished_at", "cancel_requested"])

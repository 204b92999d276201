"""Closes a job, or puts it back for another try."""

from __future__ import annotations

from typing import Any

from openbeian.jobs.decisions import compute_pause
from openbeian.jobs.errors import LeaseLost
from openbeian.jobs.models import Job
from openbeian.kernel import clock

_LONGEST_ERROR = 4000


def finish_job(
    job: Job, state: Job.State, *, result: dict[str, Any] | None = None, error: str = "", may_retry: bool = False
) -> None:
    """Records how the job ended; a failure that may be retried rests longer each time. The last error stays
    readable while the job waits for its next try.

    Raises: LeaseLost when another worker has the job, so that the caller's transaction rolls back.
    """
    now = clock.now()
    mine = Job.objects.held_as(job)
    if state == Job.State.FAILED and may_retry and job.attempts < job.max_attempts:
        changed = mine.update(
            state=Job.State.QUEUED,
            lease_until=None,
            error=error[:_LONGEST_ERROR],
            run_at=now + compute_pause(job.attempts),
        )
    else:
        changed = mine.update(
            state=state, lease_until=None, result=result, error=error[:_LONGEST_ERROR], finished_at=now
        )
    if not changed:
        raise LeaseLost

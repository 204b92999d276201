"""Queues a look at one site at once, at most one a minute."""

from __future__ import annotations

from openbeian.jobs.actions.enqueue_job import enqueue_job
from openbeian.jobs.models import Job
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor


def queue_recheck(actor: Actor, site_id: int) -> Job:
    """The job of this minute, new or not, so that a button pressed twice knocks once. Call it in a transaction."""
    minute = int(clock.now().timestamp()) // 60
    return enqueue_job(
        "supervision.recheck",
        f"{site_id}:{minute}",
        {"site": site_id},
        organisation_id=actor.organisation_id,
        requested_by_id=actor.user_id,
        max_attempts=3,
    )

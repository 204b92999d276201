"""Puts work in the queue, in the transaction of the change that asks for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from openbeian.jobs.models import Job
from openbeian.kernel import clock

_LONGEST_KEY = 120


def enqueue_job(
    kind: str,
    key: str,
    arguments: dict[str, Any] | None = None,
    *,
    run_at: datetime | None = None,
    organisation_id: int | None = None,
    requested_by_id: int | None = None,
    max_attempts: int = 8,
) -> Job:
    """Queues the job unless one with this key exists; returns whichever stands. Safe to repeat.

    Eight attempts span about ten minutes, so that a short outage of somebody else's gateway passes.
    """
    if len(full_key := f"{kind}:{key}") > _LONGEST_KEY:
        raise ValueError(f"a job's kind and key hold at most {_LONGEST_KEY} characters: {full_key}")
    job, _ = Job.objects.get_or_create(
        key=full_key,
        defaults={
            "kind": kind,
            "arguments": arguments or {},
            "organisation_id": organisation_id,
            "requested_by_id": requested_by_id,
            "run_at": run_at or clock.now(),
            "max_attempts": max_attempts,
            "created_at": clock.now(),
        },
    )
    return job

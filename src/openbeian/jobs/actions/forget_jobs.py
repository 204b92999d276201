"""Removes finished rounds of repeated jobs, of which there is one an hour for ever."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from openbeian.jobs.models import Job
from openbeian.kernel import clock


def forget_jobs(kinds: Iterable[str], *, older_than_days: int = 30) -> int:
    """How many went. Only name repeated kinds: the row of any other job is what keeps it from being done twice."""
    before = clock.now() - timedelta(days=older_than_days)
    forgotten, _ = Job.objects.filter(kind__in=list(kinds), finished_at__lt=before).delete()
    return forgotten

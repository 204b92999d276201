"""Reading background work: whether anybody does it, what became of a job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from openbeian.jobs.errors import JobMissing
from openbeian.jobs.models import Job, WorkerBeat
from openbeian.kernel import clock

_SILENT_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class WorkerFact:
    """When a worker was last seen (None: never), whether that is recent, and how many due jobs wait."""

    seen_at: datetime | None
    is_running: bool
    waiting: int


def get_worker_fact() -> WorkerFact:
    """For pages and the health check: “the worker has not run since …” when `is_running` is false."""
    now = clock.now()
    seen_at = WorkerBeat.objects.order_by("-beat_at").values_list("beat_at", flat=True).first()
    waiting = Job.objects.filter(state=Job.State.QUEUED, run_at__lte=now).count()
    return WorkerFact(seen_at, seen_at is not None and now - seen_at < _SILENT_AFTER, waiting)


def find_job(kind: str, key: str) -> Job | None:
    """The job queued under this kind and key; its `state` and `error` tell a page what became of it."""
    return Job.objects.filter(key=f"{kind}:{key}").first()


def list_jobs_of(organisation_id: int | None) -> QuerySet[Job]:
    """The jobs that people of an organisation asked for, newest first; none without an organisation."""
    jobs = Job.objects.select_related("requested_by").order_by("-created_at", "-pk")
    return jobs.filter(organisation_id=organisation_id) if organisation_id is not None else jobs.none()


def get_job_of(organisation_id: int | None, job_id: int) -> Job:
    """Raises: JobMissing, also for another organisation's."""
    job = list_jobs_of(organisation_id).filter(pk=job_id).first()
    if job is None:
        raise JobMissing
    return job

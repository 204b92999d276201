"""Jobs: what is to be done, how far it is, who is at it until when."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Jobs(models.QuerySet["Job"]):
    """Jobs, and who holds one."""

    def held_as(self, job: Job) -> Jobs:
        """The job's row as long as nobody else took it since it was leased: the guard of every write of a worker."""
        return self.filter(pk=job.pk, state=Job.State.RUNNING, leased_by=job.leased_by, attempts=job.attempts)


class Job(models.Model):
    """One piece of background work that a person can watch and cancel.

    A worker holds a job by a lease, not by a lock: a killed worker's lease runs out and another one takes the
    job again, so every job function is idempotent.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "失败"
        CANCELLED = "cancelled", "已取消"

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=120, unique=True, help_text="the same key is never queued twice")
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    organisation = models.ForeignKey("accounts.Organisation", models.CASCADE, null=True, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    run_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=80, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=5)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = Jobs.as_manager()

    class Meta:
        indexes: ClassVar = [
            # Whole, for SQLite cannot tell from a bound value that a row belongs into an index of some rows only.
            models.Index(fields=["state", "run_at"], name="jobs_waiting"),
            models.Index(fields=["organisation", "-created_at"], name="jobs_of_organisation"),
        ]


class WorkerBeat(models.Model):
    """That a worker process was alive at an instant."""

    worker = models.CharField(max_length=80, unique=True, help_text="host, process id and a random part")
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(db_index=True)

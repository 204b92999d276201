"""Refusals and signals of background work."""

from __future__ import annotations

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class LeaseLost(Exception):
    """Another worker took the job because this one was silent for too long; stop without writing anything."""


class JobCancelled(Exception):
    """Somebody pressed cancel; the job leaves what it has completed and stops."""


class WorkerStopping(Exception):
    """The worker was asked to stop; the job goes back to the queue and another worker begins it anew."""


class JobFinished(OpenBeianError):
    code = "job_finished"
    status = 409
    message = Text("任务已经结束，无法取消。", "The job has already ended and cannot be cancelled.")


class JobMissing(OpenBeianError):
    code = "job_not_found"
    status = 404
    message = Text("没有这个任务，或您无权查看。", "There is no such job, or it is not yours to see.")

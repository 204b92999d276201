"""任务: the background work an organisation asked for, how far it is, and how to stop it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.jobs.actions.cancel_job import cancel_job
from openbeian.jobs.models import Job
from openbeian.jobs.queries import get_job_of, get_worker_fact, list_jobs_of
from openbeian.kernel import clock
from openbeian.kernel.text import Text

PAGE_SIZE = 50
KINDS = {
    "registry.import_portfolio": Text("导入备案清单", "Import of a portfolio"),
    "traffic.count_logs": Text("统计访问日志", "Counting of access logs"),
}
STATES: dict[str, tuple[Text, str, str]] = {
    Job.State.QUEUED: (Text("排队中", "Waiting"), "calm", "clock"),
    Job.State.RUNNING: (Text("进行中", "Running"), "info", "loader"),
    Job.State.DONE: (Text("已完成", "Done"), "good", "circle-check"),
    Job.State.FAILED: (Text("失败", "Failed"), "bad", "circle-x"),
    Job.State.CANCELLED: (Text("已取消", "Cancelled"), "calm", "ban"),
}
REFUSED = (Text("未导入", "Not imported"), "warn", "triangle-alert")


@needs("import.run")
def show_jobs(request: PortalRequest) -> HttpResponse:
    page = Paginator(list_jobs_of(request.actor.organisation_id), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "openbeian/jobs/list.html", {"page": page, "rows": [_describe(job) for job in page]})


@needs("import.run")
def show_job(request: PortalRequest, job_id: int) -> HttpResponse:
    """The page, and for htmx only its changing part. Raises: JobMissing."""
    context = _describe(get_job_of(request.actor.organisation_id, job_id))
    context["worker"] = get_worker_fact()
    name = "progress" if request.htmx else "show"
    return render(request, f"openbeian/jobs/{name}.html", context)


@needs("import.run")
@require_POST
def cancel(request: PortalRequest, job_id: int) -> HttpResponse:
    """Raises: JobMissing, JobFinished."""
    job = get_job_of(request.actor.organisation_id, job_id)
    cancel_job(job.pk, request.actor.organisation_id or 0)
    return redirect("job", job.pk)


def _describe(job: Job) -> dict[str, Any]:
    """A job in words: its kind, state, percentage and how long it may still take."""
    result = job.result or {}
    label, tone, icon = STATES[job.state]
    if result.get("held_back") or (result.get("rows") and result.get("refused") == result.get("rows")):
        label, tone, icon = REFUSED
    percent = job.progress_done * 100 // job.progress_total if job.progress_total else 0
    return {
        "job": job,
        "kind": KINDS.get(job.kind, Text(job.kind, job.kind)),
        "label": label,
        "tone": tone,
        "icon_name": icon,
        "percent": percent,
        "seconds_left": _estimate(job),
        "result": result,
        "is_going": job.state in {Job.State.QUEUED, Job.State.RUNNING},
    }


def _estimate(job: Job) -> int | None:
    """Seconds, at the pace so far; None while nothing can be said."""
    if job.state != Job.State.RUNNING or not job.progress_done or job.started_at is None:
        return None
    spent = (clock.now() - job.started_at).total_seconds()
    return max(1, round(spent * (job.progress_total - job.progress_done) / job.progress_done))

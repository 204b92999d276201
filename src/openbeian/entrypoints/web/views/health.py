"""The health page for monitors: what works, as JSON, with nothing about anybody's records."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from openbeian.entrypoints.web.gates import public
from openbeian.jobs.queries import get_worker_fact
from openbeian.kernel.errors import OpenBeianError
from openbeian.rules.rulebook import current_rulebook


@public
def show_health(request: HttpRequest) -> JsonResponse:
    """`status` is ok, degraded (no worker: pages work, messages and deadlines wait) or down (then 503)."""
    answer: dict[str, Any] = {"version": settings.VERSION, "rulebook": _describe_rulebook()}
    try:
        fact = get_worker_fact()
        answer["database"] = True
        answer["worker"] = {
            "running": fact.is_running,
            "seen_at": fact.seen_at and fact.seen_at.isoformat(timespec="seconds"),
            "waiting_jobs": fact.waiting,
        }
        answer["migrations_current"] = is_schema_current()
    except Error:
        answer |= {"database": False, "worker": None, "migrations_current": None}
    serves = answer["database"] and answer["migrations_current"] and answer["rulebook"]["loaded"]
    runs = serves and answer["worker"]["running"]
    answer["status"] = "ok" if runs else "degraded" if serves else "down"
    response = JsonResponse(answer, status=200 if serves else 503)
    response.headers["Cache-Control"] = "no-store"
    return response


def is_schema_current() -> bool:
    """Whether every migration was applied. A yes holds for the life of the process, a no is asked again."""
    if not _find_current():
        _find_current.cache_clear()
        return False
    return True


@lru_cache(maxsize=1)
def _find_current() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _describe_rulebook() -> dict[str, Any]:
    try:
        return {"loaded": True, "digest": current_rulebook().digest[:16]}
    except OpenBeianError as refusal:
        return {"loaded": False, "error": refusal.code}

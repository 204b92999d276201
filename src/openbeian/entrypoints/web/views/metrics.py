"""Figures for monitors in Prometheus' text form: to this machine, or to who brings the operator's token."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address

from django.conf import settings
from django.db.models import Avg, Count
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.http import require_safe

from openbeian.entrypoints.web.gates import machines
from openbeian.jobs.models import Job
from openbeian.jobs.queries import get_worker_fact
from openbeian.kernel import clock
from openbeian.supervision.decisions import State
from openbeian.supervision.models import Finding, StoredProbe, Sweep, WatchedSite

_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_DAY = timedelta(days=1)
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})

Labels = Mapping[str, str]


@require_safe
@machines
def show_metrics(request: HttpRequest) -> HttpResponse:
    """Counts only: nothing about anybody's record."""
    if not _may_read(request):
        return HttpResponseForbidden("a token is needed\n", content_type="text/plain")
    sheet = _Sheet()
    _write_program(sheet)
    _write_watch(sheet)
    response = HttpResponse(sheet.render(), content_type=_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def _may_read(request: HttpRequest) -> bool:
    """OPENBEIAN_METRICS_TOKEN as a bearer token from anywhere; without it from this machine, and through no proxy."""
    token = os.environ.get("OPENBEIAN_METRICS_TOKEN", "")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and secrets.compare_digest(given.encode(), token.encode()):
        return True
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")):
        return False
    try:
        return ip_address(str(request.META.get("REMOTE_ADDR", ""))).is_loopback
    except ValueError:
        return False


@dataclass
class _Sheet:
    """Lines of one exposition, each family once with its help and type."""

    lines: list[str] = field(default_factory=list)

    def write(self, name: str, words: str, values: Iterable[tuple[Labels, float]]) -> None:
        self.lines += [f"# HELP openbeian_{name} {words}", f"# TYPE openbeian_{name} gauge"]
        for labels, value in values:
            named = ",".join(f'{k}="{v.translate(_ESCAPES)}"' for k, v in labels.items())
            self.lines.append(
                f"openbeian_{name}{{{named}}} {_plain(value)}" if named else f"openbeian_{name} {_plain(value)}"
            )

    def one(self, name: str, words: str, value: float) -> None:
        self.write(name, words, [({}, value)])

    def render(self) -> str:
        return "\n".join(self.lines) + "\n"


def _write_program(sheet: _Sheet) -> None:
    fact = get_worker_fact()
    sheet.write("build_info", "The version that runs.", [({"version": settings.VERSION}, 1)])
    sheet.one("worker_up", "1 while a worker has been seen lately.", int(fact.is_running))
    sheet.one("jobs_waiting", "Jobs that are due and not taken.", fact.waiting)
    rows = Job.objects.order_by().values_list("kind", "state").annotate(n=Count("pk"))
    sheet.write("jobs", "Jobs kept, by kind and state.", [({"kind": k, "state": s}, n) for k, s, n in rows])


def _write_watch(sheet: _Sheet) -> None:
    sites = WatchedSite.objects.filter(is_active=True).order_by().values_list("answer").annotate(n=Count("pk"))
    sheet.write("watched_sites", "Watched sites by what may be said of them.", [({"answer": a}, n) for a, n in sites])
    open_ones = Finding.objects.exclude(state=State.CLOSED).order_by()
    rows = open_ones.values_list("check_kind", "severity", "state").annotate(n=Count("pk"))
    found = [({"check": c, "severity": v, "state": s}, n) for c, v, s, n in rows]
    sheet.write("findings_open", "Findings not closed.", found)
    sheet.one("findings_overdue", "Open findings past their day.", open_ones.filter(due_on__lt=clock.today()).count())
    probes = StoredProbe.objects.filter(started_at__gte=clock.now() - _DAY).order_by()
    told = probes.values_list("is_up").annotate(n=Count("pk"))
    sheet.write("probes_last_day", "Probes of the last 24 hours.", [({"up": a}, n) for a, n in told])
    took = probes.aggregate(ms=Avg("took_ms"))["ms"] or 0
    sheet.one("probe_seconds_last_day", "How long a probe took, on average.", took / 1000)
    _write_sweep(sheet, Sweep.objects.order_by("-pk").first())


def _write_sweep(sheet: _Sheet, sweep: Sweep | None) -> None:
    if sweep is None:
        return
    sheet.one("sweep_running", "1 while a sweep is under way.", int(sweep.state == Sweep.State.RUNNING))
    sheet.one("sweep_voided", "1 when the last sweep failed on our side.", int(sweep.state == Sweep.State.OURS))
    sheet.one("sweep_sites", "Sites of the last sweep.", sweep.site_count)
    sheet.one("sweep_probed", "Sites it has visited.", sweep.probes.count())
    sheet.one("sweep_started_seconds", "When it began, since 1970.", _seconds(sweep.started_at))
    if sweep.settled_at:
        sheet.one("sweep_settled_seconds", "When it was settled, since 1970.", _seconds(sweep.settled_at))


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.6f}"


def _seconds(at: datetime) -> int:
    return int(at.timestamp())

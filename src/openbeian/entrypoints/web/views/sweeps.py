"""巡检一轮: who runs the installation begins a sweep now, sees how far it is, and ends it early."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.kernel.text import Text
from openbeian.supervision.actions.start_sweep import start_sweep
from openbeian.supervision.actions.stop_sweep import stop_sweep
from openbeian.supervision.queries import describe_last_sweep


@require_safe
@needs("installation.manage")
def show_sweep(request: PortalRequest) -> HttpResponse:
    """The part of the page that shows the last sweep; it asks for itself while one is under way."""
    return render(request, "openbeian/watch/sweep.html", {"sweep": describe_last_sweep()})


@require_POST
@needs("installation.manage")
def start(request: PortalRequest) -> HttpResponse:
    """Raises: SweepUnderWay, NothingToSweep."""
    start_sweep(request.actor)
    messages.success(request, say_text(request, Text("巡检已开始。", "The sweep has begun.")))
    return redirect("watch")


@require_POST
@needs("installation.manage")
def stop(request: PortalRequest, sweep_id: int) -> HttpResponse:
    """Raises: SweepOver."""
    stop_sweep(request.actor, sweep_id)
    done = Text("正在停止；已看过的站点照常计入。", "Stopping; the sites seen so far count as usual.")
    messages.success(request, say_text(request, done))
    return redirect("watch")

"""`openbeian sweep` without a list: a sweep of the watch by this process, shown as it goes and settled at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import click
import django

from openbeian.entrypoints.cli.output import say
from openbeian.entrypoints.cli.sweep_progress import SweepProgress
from openbeian.kernel.text import Text
from openbeian.observation.probing.reading_pool import open_reading_pool
from openbeian.observation.probing.record import ProbeRecord, ProbeTarget
from openbeian.observation.probing.sweep import SweepOutcome
from openbeian.observation.probing.sweep_log import write_line

_EMPTY = Text("备案记录中没有可巡检的网站。", "There is no website on record to sweep.")
_DEMO = Text(
    "演示数据的域名是虚构的，可能属于他人，不作巡检。",
    "The demonstration's domains are invented; nobody's site is visited.",
)
_JOINED = Text(
    "有一轮巡检尚未完成，接着进行：{done} 个站点已完成，不再重复。",
    "Going on with a sweep under way: {done} sites are done.",
)
_KEPT = Text("结果已计入巡检（第 {number} 轮）。", "The watch has taken the results into account (sweep {number}).")


def sweep_record(concurrency: int, readers: Callable[[int], int], *, as_lines: bool) -> dict[str, Any]:
    """Begins a sweep, or goes on with the one under way; returns its summary. Killed, it goes on at the next call.

    Raises: SweepUnderWay when another process begins one at the same moment.
    """
    django.setup()

    from django.conf import settings

    from openbeian.kernel.actor import SYSTEM
    from openbeian.supervision.actions.settle_sweep import settle_sweep
    from openbeian.supervision.actions.start_sweep import start_sweep
    from openbeian.supervision.actions.sweep_sites import sweep_sites
    from openbeian.supervision.chromium.picture import ChromiumPictures
    from openbeian.supervision.errors import NothingToSweep
    from openbeian.supervision.models import Sweep
    from openbeian.wiring import connect_rulebook, open_prober

    if settings.DEMO:
        say(_DEMO)
        return {"sites": 0, "is_ours": False}
    connect_rulebook()
    try:
        sweep = Sweep.objects.filter(state=Sweep.State.RUNNING).first() or start_sweep(SYSTEM, shares=0)
    except NothingToSweep:
        say(_EMPTY)
        return {"sites": 0, "is_ours": False}
    before = sweep.probes.count()
    if before:
        say(_JOINED.format(done=before))
    progress = SweepProgress(sweep.site_count, before)
    with open_reading_pool(readers(sweep.site_count)) as pool, open_prober(concurrency, pool) as prober:
        shown = _Shown(prober, progress, as_lines=as_lines)
        try:
            findings = sweep_sites(sweep.pk, shown, ChromiumPictures())
        finally:
            progress.close()
    findings.pop("visited")
    for step, count in settle_sweep(sweep.pk).items():
        findings[step] = findings.get(step, 0) + count
    sweep.refresh_from_db()
    say(_KEPT.format(number=sweep.pk))
    is_ours = sweep.state == Sweep.State.OURS
    return {**shown.outcome.as_json(), "resumed": before, "sweep": sweep.pk, "findings": findings, "is_ours": is_ours}


class _Shown:
    """A prober whose visits are counted, shown and, if wanted, printed."""

    def __init__(self, prober: Any, progress: SweepProgress, *, as_lines: bool) -> None:
        self._prober, self._progress, self._as_lines = prober, progress, as_lines
        self.outcome = SweepOutcome()

    @property
    def free(self) -> int:
        return int(self._prober.free)

    def submit(self, number: int, target: ProbeTarget) -> None:
        self._progress.begun(target)
        self._prober.submit(number, target)

    def collect(self, wait_s: float) -> Iterator[tuple[int, ProbeRecord]]:
        for number, record in self._prober.collect(wait_s):
            self.outcome.add(record)
            self._progress.finished(record)
            if self._as_lines:
                click.echo(write_line(record), nl=False)
            yield number, record

    def close(self) -> None:
        self._prober.close()

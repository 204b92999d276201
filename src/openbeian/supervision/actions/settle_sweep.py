"""Ends a sweep: finds out whether its failures were ours, and takes what workers have not yet into account."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from openbeian.jobs.decisions import Progress
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM
from openbeian.supervision.actions.settle_probes import settle_probes
from openbeian.supervision.events import SweepSettled, SweepVoided
from openbeian.supervision.models import Sweep
from openbeian.supervision.verdict import reach_verdict

_BATCH = 200


def settle_sweep(sweep_id: int, progress: Progress | None = None) -> dict[str, int]:
    """Safe to repeat and to cut off: whether the sweep was ours is told once, before anything moves, and every probe
    is settled once. A sweep in which most sites failed raises nothing. Counts by what was done to findings now."""
    sweep = Sweep.objects.get(pk=sweep_id)
    if sweep.state != Sweep.State.RUNNING:
        return {}
    is_ours = bool(reach_verdict(sweep, is_over=True))
    counts = {"probes": 0}
    for ids in _list_waiting(sweep):
        for step, count in settle_probes(ids, is_ours=is_ours).items():
            counts[step] = counts.get(step, 0) + count
        counts["probes"] += len(ids)
        if progress:
            progress(counts["probes"], sweep.site_count)
    with transaction.atomic():
        state = Sweep.State.OURS if is_ours else Sweep.State.SETTLED
        done = Sweep.objects.filter(pk=sweep.pk, state=Sweep.State.RUNNING).update(state=state, settled_at=clock.now())
        if done:
            probed = sweep.probes.count()
            record_event(
                SweepVoided if is_ours else SweepSettled,
                SYSTEM,
                ("sweep", sweep.pk),
                after={"sites": sweep.site_count, "probed": probed},
            )
    return counts


def _list_waiting(sweep: Sweep) -> Iterator[list[int]]:
    last = 0
    while True:
        rows = sweep.probes.filter(settled_at__isnull=True, pk__gt=last).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:_BATCH])
        if not ids:
            return
        yield ids
        last = ids[-1]

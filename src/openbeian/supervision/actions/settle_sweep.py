"""Ends a sweep: finds out whether its failures were ours, and takes its probes into account."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from openbeian.jobs.decisions import Progress
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM
from openbeian.kernel.answers import Answer
from openbeian.observation.probing.judgement import is_sweep_ours
from openbeian.observation.probing.record import CheckKind
from openbeian.supervision.actions.settle_probes import settle_probes
from openbeian.supervision.events import SweepSettled, SweepVoided
from openbeian.supervision.models import CheckState, StoredProbe, Sweep
from openbeian.supervision.probe_rows import as_reached

_BATCH = 200


def settle_sweep(sweep_id: int, progress: Progress | None = None) -> dict[str, int]:
    """Safe to repeat and to cut off: whether the sweep was ours is told once, before anything moves, and every probe
    is settled once. A sweep in which most sites failed raises nothing."""
    sweep = Sweep.objects.get(pk=sweep_id)
    if sweep.state != Sweep.State.RUNNING:
        return {}
    if sweep.is_ours is None:
        sweep.is_ours = _is_ours(sweep)
        sweep.save(update_fields=["is_ours"])
    is_ours = sweep.is_ours
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


def _is_ours(sweep: Sweep) -> bool:
    reach = (CheckKind.DNS, CheckKind.HTTP)
    down = CheckState.objects.filter(answer=Answer.NOT_MET, check_kind__in=[str(k) for k in reach])
    known = {f"site-{pk}/" for pk in down.values_list("site_id", flat=True)}
    fields = "site_id", "started_at", "is_reached", "status"
    rows: Iterator[StoredProbe] = StoredProbe.objects.filter(sweep=sweep).only(*fields).iterator(chunk_size=1000)
    return is_sweep_ours((as_reached(row) for row in rows), known)

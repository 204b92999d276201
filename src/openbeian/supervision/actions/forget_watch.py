"""Deletes what the watch need not keep: old probes, packs of faults never confirmed, files without a row."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

from openbeian.jobs.decisions import Progress
from openbeian.kernel import clock
from openbeian.supervision.evidence import get_evidence_storage
from openbeian.supervision.models import EvidencePack, StoredProbe

PROBES_KEPT = timedelta(days=400)
"""Single probes; availability by day, findings and their evidence stay."""
PACKS_KEPT = timedelta(days=30)
_GRACE = timedelta(days=1)
_BATCH = 500


def forget_watch(progress: Progress | None = None) -> dict[str, int]:
    """Idempotent and bounded in memory; what one run leaves the next one takes."""
    now = clock.now()
    old = StoredProbe.objects.filter(started_at__lt=now - PROBES_KEPT, pack__isnull=True).order_by("pk")
    probes = StoredProbe.objects.filter(pk__in=list(old.values_list("pk", flat=True)[: _BATCH * 20])).delete()[0]
    idle = EvidencePack.objects.filter(findings__isnull=True, made_at__lt=now - PACKS_KEPT).order_by("pk")
    packs = EvidencePack.objects.filter(pk__in=list(idle.values_list("pk", flat=True)[: _BATCH * 20])).delete()[0]
    return {"probes": probes, "packs": packs, "files": _sweep_files(progress)}


def _sweep_files(progress: Progress | None) -> int:
    storage, gone, seen = get_evidence_storage(), 0, 0
    names = storage.list_older_than(clock.now() - _GRACE)
    while batch := list(islice(names, _BATCH)):
        known = set(EvidencePack.objects.filter(stored_name__in=batch).values_list("stored_name", flat=True))
        for name in set(batch) - known:
            storage.delete(name)
            gone += 1
        seen += len(batch)
        if progress:
            progress(seen, seen)
    return gone

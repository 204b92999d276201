"""Writes that a worker is alive, so that pages can say when none is."""

from __future__ import annotations

from datetime import timedelta

from openbeian.jobs.models import WorkerBeat
from openbeian.kernel import clock

_FORGOTTEN_AFTER = timedelta(days=30)


def record_beat(worker: str) -> None:
    """One row per worker process; rows of workers long gone are forgotten, the latest one never."""
    now = clock.now()
    WorkerBeat.objects.update_or_create(
        worker=worker, defaults={"beat_at": now}, create_defaults={"started_at": now, "beat_at": now}
    )
    WorkerBeat.objects.filter(beat_at__lt=now - _FORGOTTEN_AFTER).exclude(worker=worker).delete()

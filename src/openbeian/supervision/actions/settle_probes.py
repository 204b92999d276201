"""Takes stored probes into account: states move, findings open, recover and close, doubtful sites are looked at again."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from openbeian.jobs.actions.enqueue_job import enqueue_job
from openbeian.kernel import clock
from openbeian.supervision.catalogue import Catalogue, get_catalogue
from openbeian.supervision.decisions import Follow
from openbeian.supervision.finding_turns import follow_all
from openbeian.supervision.settling import Batch, judge_batch, load_batch, save_batch


def settle_probes(probe_ids: Iterable[int], *, is_ours: bool = False, looks_again: bool = True) -> dict[str, int]:
    """Counts by what was done to findings. Each probe is settled once, however often this is called.

    With `is_ours` no failure counts: the probes are kept, and nothing is raised. `looks_again` queues a second look
    at sites whose newest answer waits to be confirmed.
    """
    catalogue = get_catalogue()
    counts: dict[str, int] = {}
    with transaction.atomic():
        batch = load_batch(probe_ids, catalogue.policy)
        if batch.quiet:
            counts[Follow.NOTHING] = batch.quiet
        judge_batch(batch, catalogue, is_ours=is_ours)
        save_batch(batch)
        if looks_again and not is_ours:
            _look_again(batch, catalogue)
        for step, count in follow_all(batch.judged, batch.findings, catalogue).items():
            counts[step] = counts.get(step, 0) + count
    return counts


def _look_again(batch: Batch, catalogue: Catalogue) -> None:
    sites = sorted({judged.site.pk for judged in batch.judged.values() if judged.second_look})
    if sites:
        enqueue_job(
            "supervision.probe_again",
            str(batch.probes[-1].pk),
            {"sites": sites},
            run_at=clock.now() + catalogue.again_after,
        )

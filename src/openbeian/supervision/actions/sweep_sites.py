"""Visits the sites of a sweep, one share of the work among any number of workers."""

from __future__ import annotations

import secrets

from django.db.models import Q, QuerySet

from openbeian.jobs.actions.enqueue_job import enqueue_job
from openbeian.jobs.decisions import Progress
from openbeian.observation.probing.record import ProbeRecord
from openbeian.supervision.actions.lease_sites import lease_sites
from openbeian.supervision.actions.record_probes import record_probes
from openbeian.supervision.allowing import list_allowed, take_allowed_away
from openbeian.supervision.models import StoredProbe, Sweep, WatchedSite
from openbeian.supervision.ports import Photographer, Prober
from openbeian.supervision.targets import make_targets

_WAIT_S = 1.0


def sweep_sites(
    sweep_id: int, prober: Prober, photographer: Photographer | None = None, progress: Progress | None = None
) -> dict[str, int]:
    """Goes on until the sweep has visited every site; returns how many this share visited. Safe to cut off at any
    line: what was recorded stays, what was held by a killed worker is free again when its lease ends.

    No network happens within a transaction. Whoever finds nothing left queues the settling.
    """
    sweep = Sweep.objects.get(pk=sweep_id)
    share = _Share(sweep, prober, photographer)
    while sweep.state == Sweep.State.RUNNING:
        share.take_up()
        share.bring_in()
        if progress:
            progress(_count_visited(sweep), sweep.site_count)
        if not share.held and not _list_left(sweep).exists():
            enqueue_job("supervision.settle_sweep", str(sweep.pk), {"sweep": sweep.pk})
            break
        sweep.refresh_from_db(fields=["state"])
    return {"visited": share.visited}


class _Share:
    """What this worker has taken up and brought in."""

    def __init__(self, sweep: Sweep, prober: Prober, photographer: Photographer | None) -> None:
        self._sweep, self._prober, self._photographer = sweep, prober, photographer
        self._worker = secrets.token_hex(16)
        self._owners: dict[int, int] = {}
        self._phrases: dict[int, frozenset[str]] = {}
        self.visited = 0

    @property
    def held(self) -> int:
        return len(self._owners)

    def take_up(self) -> None:
        if self._prober.free <= 0:
            return
        sites = lease_sites(self._sweep, self._worker, self._prober.free)
        rows = WatchedSite.objects.filter(pk__in=[s.pk for s in sites])
        owners = dict(rows.values_list("pk", "service__sponsor__organisation_id"))
        self._phrases |= list_allowed(set(owners.values()) - set(self._phrases))
        targets = make_targets(sites)
        for site in sites:
            self._owners[site.pk] = owners[site.pk]
            self._prober.submit(site.pk, targets[site.pk])

    def bring_in(self) -> None:
        seen: list[tuple[int, ProbeRecord]] = []
        for site, record in self._prober.collect(_WAIT_S):
            owner = self._owners.pop(site)
            seen.append((site, take_allowed_away(record, self._phrases[owner])))
        if seen:
            self.visited += len(
                record_probes(
                    seen,
                    StoredProbe.Occasion.SWEEP,
                    sweep=self._sweep,
                    worker=self._worker,
                    photographer=self._photographer,
                )
            )


def _list_left(sweep: Sweep) -> QuerySet[WatchedSite]:
    rows = WatchedSite.objects.filter(is_active=True, added_at__lte=sweep.started_at)
    return rows.filter(Q(swept_in__isnull=True) | ~Q(swept_in=sweep))


def _count_visited(sweep: Sweep) -> int:
    return sweep.probes.count()

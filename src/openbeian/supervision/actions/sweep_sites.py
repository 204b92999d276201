"""Visits the sites of a sweep, one share of the work among any number of workers."""

from __future__ import annotations

import time
from datetime import timedelta

from django.db.models import Q, QuerySet

from openbeian.jobs.actions.enqueue_job import enqueue_job
from openbeian.jobs.decisions import Progress
from openbeian.kernel import clock
from openbeian.observation.probing.record import ProbeRecord
from openbeian.supervision.actions.lease_sites import Place, lease_sites
from openbeian.supervision.actions.record_probes import record_probes
from openbeian.supervision.actions.settle_probes import settle_probes
from openbeian.supervision.allowing import list_allowed, take_allowed_away
from openbeian.supervision.leases import free_sites_of_the_dead, name_worker
from openbeian.supervision.models import StoredProbe, Sweep, WatchedSite
from openbeian.supervision.ports import Photographer, Prober
from openbeian.supervision.targets import make_targets
from openbeian.supervision.verdict import reach_verdict

_WAIT_S = 0.5
_BATCH = 100
_SETTLED_AT_ONCE = 200
_MOST_STORED = 20_000
_TELLS_EVERY_S = 5.0


def sweep_sites(
    sweep_id: int, prober: Prober, photographer: Photographer | None = None, progress: Progress | None = None
) -> dict[str, int]:
    """Goes on until the sweep has visited every site; returns how many this share visited, and what was done to
    findings meanwhile. Safe to cut off at any line: what was recorded stays, what was held by a killed worker is free
    again when its lease ends.

    Once it is certain that the sweep's failures are not ours, what this share stored is settled while others are
    waited for. No network happens within a transaction. Whoever finds nothing left queues the settling of the rest.
    """
    sweep = Sweep.objects.get(pk=sweep_id)
    free_sites_of_the_dead()
    share = _Share(sweep, prober, photographer)
    told = clock.now()
    while sweep.state == Sweep.State.RUNNING:
        share.take_up()
        share.bring_in()
        share.settle()
        if clock.now() >= told + timedelta(seconds=_TELLS_EVERY_S):
            told = clock.now()
            sweep.refresh_from_db(fields=["state", "is_ours"])
            if progress:
                progress(_count_visited(sweep), sweep.site_count)
        if not share.held and not _list_left(sweep).exists():
            enqueue_job("supervision.settle_sweep", str(sweep.pk), {"sweep": sweep.pk})
            break
    return {"visited": share.visited, **share.settled}


class _Share:
    """What this worker has taken up and brought in. Sites are leased, and records stored, many at a time: each costs
    a dozen queries however many there are."""

    def __init__(self, sweep: Sweep, prober: Prober, photographer: Photographer | None) -> None:
        self._sweep, self._prober, self._photographer = sweep, prober, photographer
        self._worker = name_worker()
        self._owners: dict[int, int] = {}
        self._phrases: dict[int, frozenset[str]] = {}
        self._seen: list[tuple[int, ProbeRecord]] = []
        self._seen_since = 0.0
        self._most_free = 0
        self._place = Place()
        self._leases_at = 0.0
        self._stored: list[int] = []
        self._asks_at = 0
        self.visited = 0
        self.settled: dict[str, int] = {}

    @property
    def held(self) -> int:
        return len(self._owners) + len(self._seen)

    def take_up(self) -> None:
        # Many at a time, and only what the prober takes now, so that a site is visited well within its lease. Sites
        # that hang keep nobody waiting: the others' places are filled again meanwhile.
        free = self._prober.free
        self._most_free = max(self._most_free, free)
        if free >= max(1, self._most_free // 2) and time.monotonic() >= self._leases_at:
            self._lease(free)

    def _lease(self, most: int) -> None:
        sites = lease_sites(self._sweep, self._worker, most, self._place)
        if not sites:
            # What another worker drops may still come free; to ask for it locks the database's writers out.
            self._leases_at = time.monotonic() + _WAIT_S
            return
        targets = make_targets(sites)
        if unknown := {targets[site.pk].owner_id for site in sites} - set(self._phrases):
            self._phrases |= list_allowed(unknown)
        for site in sites:
            self._owners[site.pk] = targets[site.pk].owner_id
            self._prober.submit(site.pk, targets[site.pk].target)

    def bring_in(self) -> None:
        for site, record in self._prober.collect(_WAIT_S):
            self._seen_since = self._seen_since if self._seen else time.monotonic()
            owner = self._owners.pop(site)
            self._seen.append((site, take_allowed_away(record, self._phrases[owner])))
        is_slow = bool(self._seen) and time.monotonic() >= self._seen_since + _WAIT_S
        if len(self._seen) >= _BATCH or is_slow or not self._owners:
            self._store()

    def _store(self) -> None:
        seen, self._seen = self._seen, []
        if not seen:
            return
        probes = record_probes(
            seen,
            StoredProbe.Occasion.SWEEP,
            sweep=self._sweep,
            worker=self._worker,
            photographer=self._photographer,
        )
        self.visited += len(probes)
        # What does not fit any more is left for the settling at the end.
        self._stored = (self._stored + probes)[-_MOST_STORED:]

    def settle(self) -> None:
        """Takes some of what was stored into account, once nothing can make this sweep's failures ours any more."""
        if len(self._stored) < _SETTLED_AT_ONCE:
            return
        if self._sweep.is_ours is None and self.visited >= self._asks_at:
            # To ask counts all probes of the sweep, so it is asked ever more rarely.
            self._asks_at = self.visited + self.visited // 8
            reach_verdict(self._sweep, is_over=False)
        if self._sweep.is_ours is False:
            ids, self._stored = self._stored[:_SETTLED_AT_ONCE], self._stored[_SETTLED_AT_ONCE:]
            for step, count in settle_probes(ids).items():
                self.settled[step] = self.settled.get(step, 0) + count


def _list_left(sweep: Sweep) -> QuerySet[WatchedSite]:
    rows = WatchedSite.objects.filter(is_active=True, added_at__lte=sweep.started_at)
    return rows.filter(Q(swept_in__isnull=True) | ~Q(swept_in=sweep))


def _count_visited(sweep: Sweep) -> int:
    return sweep.probes.count()

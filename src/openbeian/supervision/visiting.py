"""Probes a handful of sites and waits for all of them; a share of a sweep does it by the stream instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from openbeian.kernel import clock
from openbeian.kernel.answers import Answer
from openbeian.observation.probing.record import ProbeRecord
from openbeian.supervision.models import WatchedSite
from openbeian.supervision.ports import Prober
from openbeian.supervision.targets import make_targets

CONTROLS = 8
_FRESH = timedelta(days=2)
_WAIT_S = 1.0


def probe_sites(sites: Sequence[WatchedSite], prober: Prober) -> dict[int, ProbeRecord]:
    """The record of each site, by its id."""
    targets = make_targets(sites)
    waiting = [site.pk for site in sites]
    records: dict[int, ProbeRecord] = {}
    while len(records) < len(sites):
        while waiting and prober.free > 0:
            site = waiting.pop()
            prober.submit(site, targets[site].target)
        records |= dict(prober.collect(_WAIT_S))
    return records


def choose_controls(asked: Sequence[WatchedSite]) -> list[WatchedSite]:
    """Some other sites that were well a short time ago: if they fail now, too, the trouble is ours."""
    fresh = clock.now() - _FRESH
    well = WatchedSite.objects.filter(is_active=True, answer=Answer.MET, probed_at__gte=fresh)
    return list(well.exclude(pk__in=[s.pk for s in asked]).order_by("-probed_at")[:CONTROLS])

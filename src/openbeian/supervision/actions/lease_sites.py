"""Takes the next sites of a sweep under a lease, so that no other worker probes them meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from openbeian.kernel import clock
from openbeian.kernel.answers import Answer
from openbeian.supervision.models import Sweep, WatchedSite

LEASE = timedelta(seconds=300)
"""Longer than a site may wait for its probe, the probe may take and its record wait to be stored: after it a killed
worker's sites are free again."""


@dataclass
class Place:
    """How far one worker's leases have come, so that each does not look again at all that were visited before it.
    At the end it goes back to the beginning, since sites of the dead come free anywhere."""

    is_with_the_well: bool = False
    after: int = 0


def lease_sites(sweep: Sweep, worker: str, most: int, place: Place | None = None) -> list[WatchedSite]:
    """Up to `most` sites that the sweep has not visited and nobody holds. A site once recorded is never given again.

    What was in trouble comes first: a site that hangs at the end would keep the whole sweep waiting.
    """
    place = place or Place()
    from_the_start = place == Place()
    with transaction.atomic():
        now = clock.now()
        chosen = _choose(sweep, most, place)
        if not chosen and not from_the_start:
            place.is_with_the_well, place.after = False, 0
            chosen = _choose(sweep, most, place)
        if chosen:
            WatchedSite.objects.filter(pk__in=[s.pk for s in chosen]).update(leased_by=worker, lease_until=now + LEASE)
    return chosen


def _choose(sweep: Sweep, most: int, place: Place) -> list[WatchedSite]:
    rows: QuerySet[WatchedSite] = WatchedSite.objects.filter(is_active=True, added_at__lte=sweep.started_at)
    rows = rows.filter(Q(swept_in__isnull=True) | ~Q(swept_in=sweep))
    rows = rows.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=clock.now())).order_by("pk")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    chosen: list[WatchedSite] = []
    if not place.is_with_the_well:
        chosen = list(rows.exclude(answer=Answer.MET).filter(pk__gt=place.after)[:most])
        place.after = chosen[-1].pk if chosen else place.after
        if len(chosen) == most:
            return chosen
        place.is_with_the_well, place.after = True, 0
    well = list(rows.filter(answer=Answer.MET, pk__gt=place.after)[: most - len(chosen)])
    place.after = well[-1].pk if well else place.after
    return chosen + well

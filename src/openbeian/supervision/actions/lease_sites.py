"""Takes the next sites of a sweep under a lease, so that no other worker probes them meanwhile."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Case, Q, QuerySet, When

from openbeian.kernel import clock
from openbeian.kernel.answers import Answer
from openbeian.supervision.models import Sweep, WatchedSite

LEASE = timedelta(seconds=300)
"""Longer than a site may wait for its probe, the probe may take and its record wait to be stored: after it a killed
worker's sites are free again."""


def lease_sites(sweep: Sweep, worker: str, most: int) -> list[WatchedSite]:
    """Up to `most` sites that the sweep has not visited and nobody holds. A site once recorded is never given again."""
    with transaction.atomic():
        now = clock.now()
        rows: QuerySet[WatchedSite] = WatchedSite.objects.filter(is_active=True, added_at__lte=sweep.started_at)
        rows = rows.filter(Q(swept_in__isnull=True) | ~Q(swept_in=sweep))
        rows = rows.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))
        # What was in trouble goes first: a site that hangs at the end would keep the whole sweep waiting.
        rows = rows.order_by(Case(When(answer=Answer.MET, then=1), default=0), "pk")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        chosen = list(rows[:most])
        WatchedSite.objects.filter(pk__in=[s.pk for s in chosen]).update(leased_by=worker, lease_until=now + LEASE)
    return chosen

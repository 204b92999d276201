"""Keeps the list of watched sites in line with the record: new domains in, cancelled ones out."""

from __future__ import annotations

from django.db import transaction

from openbeian.kernel import clock
from openbeian.registry.models import Service
from openbeian.supervision.models import WatchedSite
from openbeian.supervision.targets import find_places, list_watchable

_CHUNK = 500


def follow_services(service_id: int | None = None) -> dict[str, int]:
    """For one service or all. A site that is no longer on record keeps its history and is not visited. Idempotent."""
    counts = {"added": 0, "ended": 0}
    if service_id is not None:
        _follow(list(list_watchable().filter(pk=service_id)), [service_id], counts)
        return counts
    last = 0
    while chunk := list(list_watchable().filter(pk__gt=last).order_by("pk")[:_CHUNK]):
        _follow(chunk, [service.pk for service in chunk], counts)
        last = chunk[-1].pk
    gone = WatchedSite.objects.filter(is_active=True).exclude(service__in=list_watchable().values("pk"))
    counts["ended"] += gone.update(is_active=False)
    return counts


def _follow(services: list[Service], asked: list[int], counts: dict[str, int]) -> None:
    with transaction.atomic():
        known = {(s.service_id, s.domain): s for s in WatchedSite.objects.filter(service_id__in=asked)}
        wanted = {(s.pk, domain): path for s in services for domain, path in find_places(s).items()}
        new = [
            WatchedSite(service_id=service, domain=domain, path=path, added_at=clock.now())
            for (service, domain), path in wanted.items()
            if (service, domain) not in known
        ]
        WatchedSite.objects.bulk_create(new, ignore_conflicts=True)
        changed = []
        for key, site in known.items():
            is_active, path = key in wanted, wanted.get(key, site.path)
            if (site.is_active, site.path) != (is_active, path):
                counts["ended"] += site.is_active and not is_active
                site.is_active, site.path = is_active, path
                changed.append(site)
        WatchedSite.objects.bulk_update(changed, ["is_active", "path"])
        counts["added"] += len(new)

"""What to probe, taken from the record: one target a live domain of a website, with what was declared for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from django.db.models import Prefetch

from openbeian.observation.probing.record import ProbeTarget
from openbeian.registry.models import Access, Service, ServiceDomain, Standing

_AT_A_TIME = 500


def list_targets(service_ids: Collection[int] | None = None) -> Iterator[ProbeTarget]:
    """The home page of every live website on record, or of those named, by id.

    A service with several domains gives one target: its home page's domain if that is filed, else its first domain.
    Memory does not grow with the record.
    """
    services = Service.objects.filter(kind=Service.Kind.WEBSITE, standing=Standing.ACTIVE).order_by("pk")
    if service_ids is not None:
        services = services.filter(pk__in=service_ids)
    services = services.select_related("sponsor").prefetch_related(
        Prefetch("domains", ServiceDomain.objects.filter(is_live=True).order_by("pk")),
        Prefetch("accesses", Access.objects.filter(cancelled_on__isnull=True).select_related("provider")),
    )
    for service in services.iterator(chunk_size=_AT_A_TIME):
        if target := make_target(service):
            yield target


def make_target(service: Service) -> ProbeTarget | None:
    """One service's target; None when it has no domain."""
    domains = [each.domain for each in service.domains.all()]
    home = urlsplit(service.home_url if "://" in service.home_url else f"//{service.home_url}")
    host = (home.hostname or "").lower()
    is_filed = any(host == domain or host.endswith(f".{domain}") for domain in domains)
    if not is_filed and not domains:
        return None
    accesses = list(service.accesses.all())
    return ProbeTarget(
        service_id=service.pk,
        domain=host if is_filed else domains[0],
        declared_addresses=tuple(each for access in accesses for each in access.ip_ranges),
        filed_name=service.name,
        province=service.sponsor.province,
        expected_numbers=(service.number,),
        home_path=(home.path or "/") if is_filed else "/",
        holder=service.sponsor.name,
        provider_addresses=tuple(each for access in accesses for each in access.provider.address_ranges),
    )

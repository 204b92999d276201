"""From the record to what a probe is asked: which domains a service is watched at, and what should be found there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from django.db.models import Prefetch, QuerySet

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.ip_ranges import parse_ip_range
from openbeian.observation.probing.record import ProbeTarget
from openbeian.registry.decisions import PERSONAL_NATURE
from openbeian.registry.models import Access, Licence, Service, Standing
from openbeian.supervision.models import WatchedSite

_LONGEST_PATH = 300


def list_watchable() -> QuerySet[Service]:
    """The websites on record that are neither cancelled nor without an access."""
    live = Service.objects.filter(kind=Service.Kind.WEBSITE, standing=Standing.ACTIVE)
    return live.select_related("sponsor").prefetch_related("domains")


def find_places(service: Service) -> dict[str, str]:
    """Domain to path for each domain on record: the filed home page where it lies under that domain, else its root."""
    home = urlsplit(service.home_url if "//" in service.home_url else f"//{service.home_url}")
    try:
        host = (home.hostname or "").rstrip(".")
    except ValueError:
        host = ""
    path = home.path[:_LONGEST_PATH] or "/"
    places = {}
    for row in service.domains.all():
        if not row.is_live:
            continue
        is_home = host.isascii() and (host == row.domain or host.endswith(f".{row.domain}"))
        places[host if is_home else row.domain] = path if is_home else "/"
    return places


def make_targets(sites: Iterable[WatchedSite]) -> Mapping[int, ProbeTarget]:
    """What to ask of each site, by its id, in a fixed number of queries."""
    chosen = list(sites)
    live = Access.objects.filter(cancelled_on__isnull=True).select_related("provider")
    live = live.only("service_id", "ip_ranges", "provider__address_ranges")
    services = (
        Service.objects.filter(pk__in={s.service_id for s in chosen})
        .select_related("sponsor")
        .only("number", "name", "sponsor__province", "sponsor__nature", "sponsor__name")
        .prefetch_related(Prefetch("accesses", live, to_attr="live_accesses"))
        .in_bulk()
    )
    sponsors = {s.sponsor_id for s in services.values()}
    licences: dict[int | None, list[str]] = {}
    for sponsor_id, number in Licence.objects.filter(sponsor_id__in=sponsors, standing=Standing.ACTIVE).values_list(
        "sponsor_id", "number"
    ):
        licences.setdefault(sponsor_id, []).append(number)
    return {s.pk: _make_target(s, services[s.service_id], licences) for s in chosen}


def _make_target(site: WatchedSite, service: Service, licences: Mapping[int | None, list[str]]) -> ProbeTarget:
    sponsor = service.sponsor
    accesses: list[Access] = getattr(service, "live_accesses", [])
    return ProbeTarget(
        service_id=service.pk,
        domain=site.domain,
        declared_addresses=_keep_readable(r for access in accesses for r in access.ip_ranges),
        filed_name=service.name,
        province=sponsor.province,
        expected_numbers=(service.number, *licences.get(sponsor.pk, ())),
        home_path=site.path,
        # A natural person's name has no business in evidence; registrations mostly withhold it anyway.
        holder="" if sponsor.nature == PERSONAL_NATURE else sponsor.name,
        provider_addresses=_keep_readable(r for access in accesses for r in access.provider.address_ranges),
    )


def _keep_readable(ranges: Iterable[str]) -> tuple[str, ...]:
    """A range on record that cannot be read (an old import) must not keep everything else from being looked at."""
    found = []
    for written in dict.fromkeys(ranges):
        try:
            parse_ip_range(written)
        except OpenBeianError:
            continue
        found.append(written)
    return tuple(found)

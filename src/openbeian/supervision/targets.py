"""From the record to what a probe is asked: which domains a service is watched at, and what should be found there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db.models import QuerySet

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


@dataclass(frozen=True, slots=True)
class Aim:
    """What to ask of a site, and the organisation whose record it is."""

    target: ProbeTarget
    owner_id: int


_FIELDS = (
    "pk", "number", "name", "sponsor_id", "sponsor__province", "sponsor__nature", "sponsor__name",
    "sponsor__organisation_id",
)  # fmt: skip


def make_targets(sites: Iterable[WatchedSite]) -> Mapping[int, Aim]:
    """What to ask of each site, by its id, in a fixed number of queries."""
    chosen = list(sites)
    about = {s.service_id for s in chosen}
    services = {row[0]: row[1:] for row in Service.objects.filter(pk__in=about).values_list(*_FIELDS)}
    live = Access.objects.filter(service_id__in=about, cancelled_on__isnull=True).order_by("pk")
    declared: dict[int, list[str]] = {}
    provided: dict[int, list[str]] = {}
    for service_id, ranges, provider_ranges in live.values_list("service_id", "ip_ranges", "provider__address_ranges"):
        declared.setdefault(service_id, []).extend(ranges)
        provided.setdefault(service_id, []).extend(provider_ranges)
    sponsors = {row[2] for row in services.values()}
    licences: dict[int | None, list[str]] = {}
    for sponsor_id, number in Licence.objects.filter(sponsor_id__in=sponsors, standing=Standing.ACTIVE).values_list(
        "sponsor_id", "number"
    ):
        licences.setdefault(sponsor_id, []).append(number)
    aims = {}
    for site in chosen:
        number, name, sponsor_id, province, nature, sponsor_name, owner_id = services[site.service_id]
        target = ProbeTarget(
            service_id=site.service_id,
            domain=site.domain,
            declared_addresses=_keep_readable(declared.get(site.service_id, ())),
            filed_name=name,
            province=province,
            expected_numbers=(number, *licences.get(sponsor_id, ())),
            home_path=site.path,
            # A natural person's name has no business in evidence; registrations mostly withhold it anyway.
            holder="" if nature == PERSONAL_NATURE else sponsor_name,
            provider_addresses=_keep_readable(provided.get(site.service_id, ())),
        )
        aims[site.pk] = Aim(target, owner_id)
    return aims


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

"""Reading the watch: whose sites and findings, the evidence, availability, the allow-list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import ExtractMonth, ExtractYear

from openbeian.jobs.queries import find_job, get_worker_fact
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.registry.models import Service
from openbeian.registry.queries import list_services_visible_to
from openbeian.supervision.decisions import Availability, State
from openbeian.supervision.errors import EvidenceNotYours, FindingNotYours, SiteNotYours
from openbeian.supervision.models import (
    AllowedPhrase,
    EvidencePack,
    Finding,
    MaintenanceWindow,
    SiteDay,
    Sweep,
    WatchedSite,
)

SPARK_DAYS = 60
_GRAVEST_FIRST = {"grave": 0, "serious": 1, "minor": 2}


def list_watched_services(actor: Actor) -> QuerySet[Service]:
    """The services the actor may see that are watched."""
    watched = WatchedSite.objects.filter(is_active=True).values("service_id")
    return list_services_visible_to(actor).filter(pk__in=watched)


def count_open_findings(service_ids: Iterable[int]) -> dict[int, int]:
    """How many findings of each service are not closed; services without one are left out."""
    rows = Finding.objects.filter(service_id__in=list(service_ids)).exclude(state=State.CLOSED).order_by()
    return dict(rows.values_list("service_id").annotate(n=Count("pk")))


def list_findings_visible_to(actor: Actor) -> QuerySet[Finding]:
    """As for the services they are about."""
    rows = Finding.objects.select_related("service", "service__sponsor", "site", "owner")
    if actor.is_system:
        return rows
    return rows.filter(service__in=list_services_visible_to(actor).values("pk"))


def list_open_findings(actor: Actor) -> QuerySet[Finding]:
    """Those not closed, the gravest and nearest first."""
    return order_by_gravity(list_findings_visible_to(actor).exclude(state=State.CLOSED))


def order_by_gravity(rows: QuerySet[Finding]) -> QuerySet[Finding]:
    """Open before closed, grave before minor, then the nearest due day."""
    whens = [When(severity=s, then=Value(n)) for s, n in _GRAVEST_FIRST.items()]
    rows = rows.annotate(
        gravity=Case(*whens, default=Value(9), output_field=IntegerField()),
        is_done=Case(When(state=State.CLOSED, then=Value(1)), default=Value(0), output_field=IntegerField()),
    )
    return rows.order_by("is_done", "gravity", "due_on", "pk")


def get_finding(actor: Actor, finding_id: int) -> Finding:
    """Raises: FindingNotYours, also when there is none."""
    try:
        return list_findings_visible_to(actor).get(pk=finding_id)
    except Finding.DoesNotExist:
        raise FindingNotYours from None


def get_site(actor: Actor, site_id: int) -> WatchedSite:
    """Raises: SiteNotYours, also when there is none."""
    seen = list_services_visible_to(actor).values("pk")
    found = WatchedSite.objects.filter(pk=site_id, service__in=seen).select_related("service__sponsor").first()
    if found is None:
        raise SiteNotYours
    return found


def get_pack(actor: Actor, pack_id: int) -> EvidencePack:
    """A pack of a finding the actor may see. Raises: EvidenceNotYours."""
    seen = list_findings_visible_to(actor).values("pk")
    found = EvidencePack.objects.filter(pk=pack_id, findings__in=seen).select_related("site").first()
    if found is None:
        raise EvidenceNotYours
    return found


def list_maintenance(service_ids: Iterable[int], *, since: date) -> QuerySet[MaintenanceWindow]:
    """Windows not cancelled that end on or after a day, soonest first."""
    rows = MaintenanceWindow.objects.filter(service_id__in=list(service_ids), cancelled_at__isnull=True)
    return rows.filter(ends_at__date__gte=since).order_by("starts_at")


def sum_days(site_ids: Iterable[int], first: date, last: date) -> dict[date, Availability]:
    """Availability by day of several sites together; days without a probe are left out."""
    rows = SiteDay.objects.filter(site_id__in=list(site_ids), day__range=(first, last))
    sums = rows.values("day").annotate(u=Sum("up"), d=Sum("down"), n=Sum("untold"), m=Sum("maintained")).order_by("day")
    return {row["day"]: Availability(row["u"], row["d"], row["n"], row["m"]) for row in sums}


def sum_months(site_ids: Iterable[int]) -> dict[tuple[int, int], Availability]:
    """The same by year and month, newest first."""
    rows = SiteDay.objects.filter(site_id__in=list(site_ids))
    sums = (
        rows.annotate(year=ExtractYear("day"), month=ExtractMonth("day"))
        .values("year", "month")
        .annotate(u=Sum("up"), d=Sum("down"), n=Sum("untold"), m=Sum("maintained"))
        .order_by("-year", "-month")
    )
    return {(r["year"], r["month"]): Availability(r["u"], r["d"], r["n"], r["m"]) for r in sums}


def sum_days_by_service(service_ids: Iterable[int]) -> dict[int, dict[date, Availability]]:
    """The last 60 days of each service, in one query."""
    first = clock.today() - timedelta(days=SPARK_DAYS - 1)
    rows = SiteDay.objects.filter(site__service_id__in=list(service_ids), day__gte=first)
    sums = rows.values("site__service_id", "day").annotate(
        u=Sum("up"), d=Sum("down"), n=Sum("untold"), m=Sum("maintained")
    )
    found: dict[int, dict[date, Availability]] = {}
    for r in sums:
        found.setdefault(r["site__service_id"], {})[r["day"]] = Availability(r["u"], r["d"], r["n"], r["m"])
    return found


def list_phrases(organisation_id: int | None) -> QuerySet[AllowedPhrase]:
    """What the audit passes over for an organisation: its own phrases and the installation's; for None these alone."""
    rows = AllowedPhrase.objects.filter(removed_at__isnull=True)
    return rows.filter(Q(organisation_id=organisation_id or 0) | Q(organisation__isnull=True)).order_by("phrase")


@dataclass(frozen=True, slots=True)
class LastSweep:
    """The newest sweep: how many sites it visited, and whether it is being settled; `pk` None before the first."""

    pk: int | None = None
    site_count: int = 0
    visited: int = 0
    is_running: bool = False
    is_ending: bool = False
    has_worker: bool = True


def describe_last_sweep() -> LastSweep:
    """For the page of who runs the installation."""
    sweep = Sweep.objects.order_by("-pk").first()
    if sweep is None:
        return LastSweep()
    is_running = sweep.state == Sweep.State.RUNNING
    return LastSweep(
        sweep.pk,
        sweep.site_count,
        sweep.probes.count(),
        is_running,
        is_running and find_job("supervision.settle_sweep", str(sweep.pk)) is not None,
        get_worker_fact().is_running,
    )

"""巡检: every watched service and how it fares, the page of one, and what is announced or asked there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.listing import PAGE_SIZES, read_listing
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.entrypoints.web.watch_view import (
    Said,
    Spark,
    draw_spark,
    make_check_lines,
    make_finding_lines,
    say_answer,
    say_percent,
)
from openbeian.kernel import clock
from openbeian.kernel.answers import Answer
from openbeian.kernel.text import Text
from openbeian.registry.models import Service
from openbeian.registry.queries import get_service
from openbeian.registry.searching import search_services
from openbeian.supervision.actions.announce_maintenance import announce_maintenance
from openbeian.supervision.actions.cancel_maintenance import cancel_maintenance
from openbeian.supervision.actions.request_recheck import request_recheck
from openbeian.supervision.decisions import ANSWERS, Availability, State, summarise
from openbeian.supervision.errors import WindowUnfit
from openbeian.supervision.models import Sweep, WatchedSite
from openbeian.supervision.queries import (
    count_open_findings,
    describe_last_sweep,
    list_findings_visible_to,
    list_maintenance,
    list_watched_services,
    order_by_gravity,
    sum_days,
    sum_days_by_service,
    sum_months,
)

ORDERS = ("worst", "name", "number")
_SHOWN_PROBES = 20
_SHOWN_FINDINGS = 50


@require_safe
@needs("record.read")
def show_watch(request: PortalRequest) -> HttpResponseBase:
    """`?q=&answer=&sort=&size=&page=`; `?export=csv|xlsx` gives the same rows as a file."""
    listing = read_listing(request.GET, {"answer": frozenset(ANSWERS)}, ORDERS)
    found = search_services(list_watched_services(request.actor), listing.words)
    found = _order(_narrow(found, listing.filters.get("answer", "")), listing.order)
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        return answer_with_sheet("watch", export, _head(request), _cells(request, found))
    page = listing.paginate(found)
    context = {
        "page": page,
        "rows": _make_rows(list(page.object_list)),
        "listing": listing,
        "sizes": PAGE_SIZES,
        "answers": ANSWERS,
        "tally": _tally(request),
        "sweep": Sweep.objects.order_by("-pk").first(),
        "may_sweep": (may_sweep := request.actor.may("installation.manage")),
        "last_sweep": describe_last_sweep() if may_sweep else None,
    }
    return render(request, "openbeian/watch/list.html", context)


def _narrow(found: QuerySet[Service], answer: str) -> QuerySet[Service]:
    """By the worst of a service's sites, as its row says it."""
    of = {a: WatchedSite.objects.filter(is_active=True, answer=a).values("service_id") for a in Answer}
    if answer == Answer.NOT_MET:
        return found.filter(pk__in=of[Answer.NOT_MET])
    if answer == Answer.MET:
        return found.filter(pk__in=of[Answer.MET]).exclude(pk__in=of[Answer.NOT_MET])
    if answer == Answer.CANNOT_TELL:
        return found.exclude(pk__in=of[Answer.NOT_MET]).exclude(pk__in=of[Answer.MET])
    return found


def _order(found: QuerySet[Service], order: str) -> QuerySet[Service]:
    if order != "worst":
        return found.order_by(order, "pk")
    bad = Count(
        "watched_sites", filter=Q(watched_sites__answer=Answer.NOT_MET, watched_sites__is_active=True), distinct=True
    )
    open_ones = Count("findings", filter=~Q(findings__state=State.CLOSED), distinct=True)
    ordered = found.annotate(bad_sites=bad, open_findings=open_ones)
    return ordered.order_by("-open_findings", "-bad_sites", "name", "pk")


def _tally(request: PortalRequest) -> list[tuple[Said, str, int]]:
    sites = WatchedSite.objects.filter(is_active=True, service__in=list_watched_services(request.actor).values("pk"))
    counts = dict(sites.order_by().values_list("answer").annotate(n=Count("pk")))
    return [
        (say_answer(answer), str(answer), counts.get(answer, 0))
        for answer in (Answer.NOT_MET, Answer.CANNOT_TELL, Answer.MET)
    ]


def _make_rows(services: list[Service]) -> list[dict[str, Any]]:
    sites: dict[int, list[WatchedSite]] = {}
    for site in WatchedSite.objects.filter(service__in=[s.pk for s in services], is_active=True).order_by("pk"):
        sites.setdefault(site.service_id, []).append(site)
    days = sum_days_by_service(s.pk for s in services)
    counts = count_open_findings(s.pk for s in services)
    return [_make_row(s, sites.get(s.pk, []), draw_spark(days.get(s.pk, {})), counts.get(s.pk, 0)) for s in services]


def _make_row(service: Service, sites: list[WatchedSite], spark: Spark, open_findings: int) -> dict[str, Any]:
    return {
        "service": service,
        "sites": sites,
        "said": say_answer(summarise(s.answer for s in sites)),
        "probed_at": max((s.probed_at for s in sites if s.probed_at), default=None),
        "met_at": min((s.met_at for s in sites if s.met_at), default=None),
        "spark": spark,
        "open_findings": open_findings,
    }


@require_safe
@needs("record.read")
def show_service_watch(request: PortalRequest, service_id: int) -> HttpResponseBase:
    """`?export=csv|xlsx` gives the availability by day."""
    service = get_service(request.actor, service_id)
    sites = list(service.watched_sites.order_by("-is_active", "pk").prefetch_related("states"))
    ids = [s.pk for s in sites]
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        return answer_with_sheet("availability", export, _day_head(request), _day_cells(ids))
    months = sum_months(ids)
    years: dict[int, Availability] = {}
    for (year, _), fared in months.items():
        years[year] = years.get(year, Availability()) + fared
    today = clock.today()
    findings = order_by_gravity(list_findings_visible_to(request.actor).filter(service=service))[:_SHOWN_FINDINGS]
    is_own = service.sponsor.organisation_id == request.actor.organisation_id
    context = {
        "service": service,
        "sites": [(s, say_answer(s.answer), make_check_lines(list(s.states.all())), _list_probes(s)) for s in sites],
        "spark": draw_spark(sum_days(ids, today - timedelta(days=60), today)),
        "years": [(y, fared, say_percent(fared)) for y, fared in sorted(years.items(), reverse=True)],
        "months": [(f"{y}-{m:02}", fared, say_percent(fared)) for (y, m), fared in list(months.items())[:24]],
        "findings": make_finding_lines(list(findings)),
        "windows": list_maintenance([service.pk], since=today - timedelta(days=30)),
        "may_announce": is_own and request.actor.may("finding.write"),
        "may_probe": request.actor.may("finding.write") or request.actor.may("finding.decide"),
        "now": clock.now(),
    }
    return render(request, "openbeian/watch/service.html", context)


def _list_probes(site: WatchedSite) -> list[tuple[Any, Said, int]]:
    probes = site.probes.order_by("-started_at")[:_SHOWN_PROBES]
    return [(p, say_answer(p.is_up), Counter(c[0] for k, c in p.answers.items() if k != "words")["n"]) for p in probes]


@require_POST
@needs("finding.write", "finding.decide")
def probe_now(request: PortalRequest, site_id: int) -> HttpResponse:
    request_recheck(request.actor, site_id)
    done = Text("已排入任务，稍后刷新查看结果。", "Queued; reload in a moment to see the result.")
    messages.success(request, say_text(request, done))
    site = WatchedSite.objects.get(pk=site_id)
    return redirect("service_watch", service_id=site.service_id)


@require_POST
@needs("finding.write")
def announce(request: PortalRequest, service_id: int) -> HttpResponse:
    """Days and hours of China, as the page's fields send them."""
    get_service(request.actor, service_id)
    starts, ends = (_read_instant(request.POST, name) for name in ("starts", "ends"))
    announce_maintenance(request.actor, service_id, starts, ends, request.POST.get("why", ""))
    messages.success(request, say_text(request, Text("维护窗口已登记。", "The window is announced.")))
    return redirect("service_watch", service_id=service_id)


@require_POST
@needs("finding.write")
def cancel_window(request: PortalRequest, window_id: int) -> HttpResponse:
    window = cancel_maintenance(request.actor, window_id)
    messages.success(request, say_text(request, Text("维护窗口已取消。", "The window is cancelled.")))
    return redirect("service_watch", service_id=window.service_id)


def _read_instant(form: Any, name: str) -> datetime:
    try:
        day = date.fromisoformat(form.get(f"{name}_on", ""))
        return datetime.combine(day, time.fromisoformat(form.get(f"{name}_time", "")), clock.CHINA)
    except ValueError:
        raise WindowUnfit from None


def _head(request: PortalRequest) -> list[str]:
    words = (
        Text("服务备案号", "Service number"),
        Text("名称", "Name"),
        Text("域名", "Domain"),
        Text("状态", "State"),
        Text("自", "Since"),
        Text("最近正常", "Last known good"),
        Text("最近探测", "Last probe"),
        Text("未关闭问题", "Open findings"),
    )
    return [say_text(request, word) for word in words]


def _cells(request: PortalRequest, found: QuerySet[Service]) -> Iterator[list[Any]]:
    sites = WatchedSite.objects.filter(is_active=True, service__in=found.order_by().values("pk")).select_related(
        "service"
    )
    counts = count_open_findings(found.order_by().values_list("pk", flat=True))
    for site in sites.order_by("service__number", "pk").iterator(chunk_size=500):
        yield [
            site.service.number,
            site.service.name,
            site.domain,
            say_text(request, ANSWERS[site.answer]),
            _iso(site.answer_since),
            _iso(site.met_at),
            _iso(site.probed_at),
            counts.get(site.service_id, 0),
        ]


def _day_head(request: PortalRequest) -> list[str]:
    words = (
        Text("日期", "Day"),
        Text("可用率", "Availability"),
        Text("可达", "Up"),
        Text("不可达", "Down"),
        Text("无法判断", "Cannot tell"),
        Text("维护", "Maintenance"),
    )
    return [say_text(request, word) for word in words]


def _day_cells(site_ids: Iterable[int]) -> Iterator[list[Any]]:
    first = clock.today() - timedelta(days=3 * 366)
    for day, fared in sum_days(site_ids, first, clock.today()).items():
        yield [day.isoformat(), say_percent(fared), fared.up, fared.down, fared.untold, fared.maintained]


def _iso(at: datetime | None) -> str:
    return at.astimezone(clock.CHINA).strftime("%Y-%m-%d %H:%M") if at else ""

"""访问量: what access logs say of a service, which days are covered, hosts without a filing, and taking logs in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.entrypoints.web.traffic_view import (
    SHEET_HEAD,
    draw_chart,
    find_year_figures,
    list_breakdowns,
    list_rows,
    list_sheet_rows,
)
from openbeian.entrypoints.web.wording import both
from openbeian.kernel import clock
from openbeian.kernel.actor import NotPermitted
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.writing import inert
from openbeian.observation.traffic.actions.request_count import request_count
from openbeian.observation.traffic.grammars import GRAMMARS, REASONS, SKIPPED
from openbeian.observation.traffic.hosts import ServedDomain, list_saved_hosts
from openbeian.observation.traffic.manifest import SavedLog, read_manifest
from openbeian.observation.traffic.queries import (
    MEASURES,
    find_filed,
    installation_folder,
    labels_of,
    list_years,
    organisation_folder,
)
from openbeian.observation.traffic.retention import report_retention
from openbeian.observation.traffic.uploads import keep_upload, list_dropped
from openbeian.registry.errors import RecordNotYours
from openbeian.registry.models import Service
from openbeian.registry.queries import get_service, list_services_visible_to

SHOWN_LOGS = 200


class UploadForm(PortalForm):
    file = forms.FileField(
        label=both("日志文件", "Log file"),
        help_text=both(
            "文本、gzip 或 zstd，最大 4 GB；统计后即删除原文件。",
            "Plain, gzip or zstd, up to 4 GB; the file is removed once it is counted.",
        ),
    )
    service = forms.ChoiceField(
        label=both("记在哪个服务名下", "Booked under"),
        required=False,
        help_text=both("日志里没有主机名时请选择服务。", "Choose a service when the log names no host."),
    )
    log_format = forms.CharField(
        label=both("格式", "Format"),
        required=False,
        max_length=4096,
        help_text=both(
            "留空则自动识别；也可填格式名，或 nginx log_format / Apache LogFormat 串。",
            "Leave empty to recognise it; or a format's name, or an nginx or Apache format string.",
        ),
    )

    def __init__(self, *args: Any, services: list[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", both("按日志中的主机名", "By the host names in the log"))]
        self.fields["service"].choices = [*choices, *((str(s.pk), f"{s.name} {s.number}") for s in services)]  # type: ignore[attr-defined]


@require_safe
@needs("record.read")
def show_traffic(request: PortalRequest) -> HttpResponse:
    """The organisation's services with counts, its saved logs with their origin, and what waits in its folder."""
    organisation_id = _organisation(request)
    manifest = read_manifest(organisation_folder(organisation_id))
    labels = [*manifest.labels, *read_manifest(installation_folder()).labels]
    services = [(s, found) for s in _own_services(request) if (found := labels_of([s], labels))]
    years = list_years(organisation_folder(organisation_id))
    logs = sorted(manifest.logs, key=lambda log: log.saved_at, reverse=True)
    context = {
        "services": services,
        "years": years,
        "logs": [_describe(log) for log in logs[:SHOWN_LOGS]],
        "more_logs": max(0, len(logs) - SHOWN_LOGS),
        "dropped": list_dropped(organisation_id) if request.actor.may("import.run") else [],
    }
    return render(request, "openbeian/traffic/overview.html", context)


@needs("import.run")
def upload(request: PortalRequest) -> HttpResponse:
    """A log goes to the background; the page of that job shows how far it is."""
    services = _own_services(request)
    form = UploadForm(request.POST or None, request.FILES or None, services=services)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = keep_upload(_organisation(request), file.name, file.chunks())
            chosen = form.cleaned_data["service"]
            wanted = form.cleaned_data["log_format"].strip() or "auto"
            job = request_count(request.actor, kept, service_id=int(chosen) if chosen else None, log_format=wanted)
            return redirect("job", job.pk)
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
    context = {"form": form, "formats": [g.title for g in GRAMMARS.values()]}
    return render(request, "openbeian/traffic/upload.html", context, status=422 if form.errors else 200)


@require_POST
@needs("import.run")
def count_folder(request: PortalRequest) -> HttpResponse:
    """Counts what lies in the organisation's drop folder; files counted before change nothing. Raises: LogGone."""
    return redirect("job", request_count(request.actor).pk)


@require_safe
@needs("record.read")
def show_service(request: PortalRequest, service_id: int) -> HttpResponseBase:
    """`?year=&month=&measure=`; `?export=csv|xlsx` gives every figure of the year as a file."""
    service = _own_service(request, service_id)
    year = _read_year(request)
    found = find_year_figures(service, year)
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        return answer_with_sheet(f"traffic-{year}", export, SHEET_HEAD, list_sheet_rows(found))
    detail = found.detail
    month = request.GET.get("month", "")
    month = month if month in detail.months else ""
    measure = request.GET.get("measure", "")
    measure = measure if measure in MEASURES else "visits"
    periods = {d: m for d, m in detail.days.items() if d.startswith(month)} if month else detail.months
    folders = (organisation_folder(service.sponsor.organisation_id), installation_folder())
    context = {
        "service": service,
        "found": found,
        "year": year,
        "years": sorted({year, *(y for folder in folders for y in list_years(folder))}, reverse=True),
        "month": month,
        "measure": measure,
        "measures": MEASURES,
        "figures": found.figures.values(),
        "chart": draw_chart(periods, measure),
        "rows": list_rows(periods),
        "breakdowns": list_breakdowns(detail),
        "definitions": found.rules.definitions.items(),
        "logs": [_describe(log) for log in found.logs[:SHOWN_LOGS]],
    }
    return render(request, "openbeian/traffic/service.html", context)


@require_safe
@needs("record.read")
def show_chart(request: PortalRequest, service_id: int) -> HttpResponse:
    """The part of the service's page that is fetched after it: this year so far, or the last one with counts."""
    service = _own_service(request, service_id)
    this_year = clock.today().year
    found = find_year_figures(service, this_year)
    if not found.is_known:
        found = find_year_figures(service, this_year - 1)
    context = {"service": service, "found": found, "chart": draw_chart(found.detail.months, "visits")}
    return render(request, "openbeian/traffic/chart_of_service.html", context)


@require_safe
@needs("record.read")
def show_retention(request: PortalRequest) -> HttpResponseBase:
    """Which days the saved logs cover; `?export=csv|xlsx`."""
    report = report_retention(organisation_folder(_organisation(request)))
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        head = ["服务 / service", "种类 / kind", "自 / from", "至 / to", "天数 / days"]
        rows = (
            [s.service, kind, g.first_on.isoformat(), g.last_on.isoformat(), g.days]
            for s in report.services
            for kind, gaps in (
                ("缺口 / gap", s.gaps),
                ("须留存而无记录 / under the duty, without a record", s.duty_days_missing),
                ("最早记录之前，无法判断 / before the first record, cannot tell", s.duty_days_unknown),
            )
            for g in gaps
        )
        return answer_with_sheet("log-retention", export, head, rows)
    return render(request, "openbeian/traffic/retention.html", {"report": report})


@require_safe
@needs("record.read")
def show_hosts(request: PortalRequest) -> HttpResponseBase:
    """Host names in the saved logs that no filing on record covers; `?export=csv|xlsx`."""
    report = list_saved_hosts(organisation_folder(_organisation(request)), filed=find_filed)
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        head = ["域名 / domain", "主机 / host", "请求数 / requests", "首次 / first seen", "末次 / last seen"]
        return answer_with_sheet("unfiled-hosts", export, head, _host_rows(report.unfiled))
    others = sum(host.requests for host in report.without_domain)
    context = {"unfiled": report.unfiled, "filed": len(report.filed), "others": others}
    return render(request, "openbeian/traffic/hosts.html", context)


def _host_rows(domains: list[ServedDomain]) -> Iterator[list[Any]]:
    for domain in domains:
        for host in domain.hosts:
            seen = host.as_json()
            yield [domain.domain, seen["host"], host.requests, seen["first_at"], seen["last_at"]]


def _organisation(request: PortalRequest) -> int:
    """Raises: NotPermitted for somebody who acts for no organisation."""
    if request.actor.organisation_id is None:
        raise NotPermitted(permission="record.read")
    return request.actor.organisation_id


def _own_services(request: PortalRequest) -> list[Service]:
    services = list_services_visible_to(request.actor).filter(sponsor__organisation_id=_organisation(request))
    return list(services.select_related("sponsor").prefetch_related("domains").order_by("number")[:500])


def _own_service(request: PortalRequest, service_id: int) -> Service:
    """Traffic is the business of who runs the service: not of its provider, nor of an officer. Raises: RecordNotYours."""
    service = get_service(request.actor, service_id)
    if service.sponsor.organisation_id != request.actor.organisation_id:
        raise RecordNotYours
    return service


def _read_year(request: PortalRequest) -> int:
    asked = request.GET.get("year", "")
    return int(asked) if asked.isascii() and asked.isdigit() and 1995 <= int(asked) <= 2200 else clock.today().year


def _describe(log: SavedLog) -> dict[str, Any]:
    """A saved log in words; of its place only the name."""
    return {
        "name": inert(log.path.rpartition("/")[2]),
        "log": log,
        "formats": [GRAMMARS[n].title if n in GRAMMARS else n for n in log.formats],
        "excluded": [(SKIPPED[reason], lines) for reason, lines in log.excluded.items()],
        "rejected": [(REASONS[r], n, [inert(text)[:160] for text in log.examples.get(r, [])]) for r, n in log.rejected.items()],
        "rules": "; ".join(log.rules),
        "saved_at": datetime.fromisoformat(log.saved_at) if log.saved_at else None,
    }  # fmt: skip

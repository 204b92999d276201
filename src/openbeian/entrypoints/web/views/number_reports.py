"""码号年报: which are owed for a year, and beginning one; the report itself has the pages of every annual report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from openbeian.entrypoints.web.bad_list import CANNOT_TELL, NOT_BEGUN, NOT_OWED
from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.licence_view import say_authority
from openbeian.entrypoints.web.listing import PAGE_SIZES, read_listing
from openbeian.entrypoints.web.report_view import say_window, view_report_state
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.entrypoints.web.views.errors import PageMissing
from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.registry.licence_values import MINISTRY
from openbeian.registry.models import NumberResource, Standing
from openbeian.registry.queries import list_number_resources_visible_to
from openbeian.supervision.reporting.actions.start_number_report import start_number_report
from openbeian.supervision.reporting.decisions.windows import Window, explain_number_owed
from openbeian.supervision.reporting.errors import ReportOnRecord
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.queries import find_window, get_report_rules, list_reports_visible_to
from openbeian.supervision.reporting.subjects import find_assigner, name_holder

YEARS_BACK = 6
ORDERS = ("number", "assigned_on", "-assigned_on")
_REGIME = AnnualReport.Regime.NUMBER
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A number in a year: its report, or why none is owed, or that none was begun."""

    resource: NumberResource
    holder: str
    assigner: Text | None
    report: AnnualReport | None
    label: Text
    tone: str
    not_owed: Text | None
    may_start: bool


@require_safe
@needs("record.read")
def list_number_reports(request: PortalRequest) -> HttpResponseBase:
    """`?year=&q=&sort=&size=&page=`; `?export=csv|xlsx` gives the same rows."""
    years = [str(y) for y in range(clock.today().year - 1, clock.today().year - 1 - YEARS_BACK, -1)]
    listing = read_listing(request.GET, {"year": frozenset(years)}, ORDERS)
    year = int(listing.filters.get("year") or years[0])
    numbers = list_number_resources_visible_to(request.actor).exclude(standing=Standing.CANCELLED)
    numbers = numbers.select_related("licence__sponsor", "organisation")
    if listing.words:
        numbers = numbers.filter(Q(number__icontains=listing.words) | Q(licence__number__icontains=listing.words))
    numbers = numbers.order_by(listing.order, "pk")
    window = find_window(year, _REGIME)
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        head = [say_text(request, word) for word in _HEAD]
        return answer_with_sheet(f"number-reports-{year}", export, head, _cells(request, numbers, year, window))
    page = listing.paginate(numbers)
    phase, tone = say_window(window)
    context = {
        "page": page,
        "rows": _make_rows(request, list(page.object_list), year, window),
        "listing": listing,
        "sizes": PAGE_SIZES,
        "years": years,
        "year": year,
        "window": window,
        "window_rule": get_report_rules(_REGIME).window_rule,
        "phase": phase,
        "phase_tone": tone,
    }
    return render(request, "openbeian/reports/numbers.html", context)


def _make_rows(request: PortalRequest, numbers: list[NumberResource], year: int, window: Window) -> list[Row]:
    reports = list_reports_visible_to(request.actor).filter(year=year, number_resource_id__in=[n.pk for n in numbers])
    known = {report.number_resource_id: report for report in reports}
    rows = []
    for resource in numbers:
        report = known.get(resource.pk)
        assigner = find_assigner(resource)
        not_owed = explain_number_owed(resource.assigned_on, year, clock.today()) if report is None else None
        if report is not None:
            view = view_report_state(report)
            label, tone = view.label, view.tone
        else:
            label, tone = _say_missing(request, resource, assigner, is_owed=not_owed is None)
        own = resource.organisation_id == request.actor.organisation_id and request.actor.may("case.write")
        may_start = own and report is None and not_owed is None and window.opens_on is not None
        rows.append(Row(resource, name_holder(resource), say_authority(assigner) if assigner else None, report, label, tone, not_owed, may_start))  # fmt: skip
    return rows


def _say_missing(request: PortalRequest, resource: NumberResource, assigner: str, *, is_owed: bool) -> tuple[Text, str]:
    """What no report to be seen means: to its holder that none was begun, to an officer only that none came in, and
    nothing at all to an authority that did not assign the number."""
    if not is_owed:
        return NOT_OWED, "calm"
    if resource.organisation_id == request.actor.organisation_id:
        return NOT_BEGUN, "warn"
    if assigner != (request.actor.province or MINISTRY):
        return Text("不报本机关", "Not reported here"), "calm"
    return CANNOT_TELL, "calm"


_HEAD = (
    Text("年度", "Year"),
    Text("码号", "Number"),
    Text("使用者", "Holder"),
    Text("核配机关", "Assigned by"),
    Text("核配日期", "Assigned on"),
    Text("状态", "State"),
    Text("报送时间", "Submitted"),
    Text("说明", "Remarks"),
)


def _cells(request: PortalRequest, numbers: QuerySet[NumberResource], year: int, window: Window) -> Iterator[list[Any]]:
    chunk: list[NumberResource] = []
    for resource in numbers.iterator(chunk_size=_CHUNK):
        chunk.append(resource)
        if len(chunk) == _CHUNK:
            yield from _cells_of(request, chunk, year, window)
            chunk = []
    yield from _cells_of(request, chunk, year, window)


def _cells_of(request: PortalRequest, chunk: list[NumberResource], year: int, window: Window) -> Iterator[list[Any]]:
    for row in _make_rows(request, chunk, year, window):
        submitted = row.report.submitted_at if row.report else None
        yield [
            str(year),
            row.resource.number,
            row.holder,
            say_text(request, row.assigner) if row.assigner else "",
            row.resource.assigned_on.isoformat() if row.resource.assigned_on else "",
            say_text(request, row.label),
            clock.legal_day(submitted).isoformat() if submitted else "",
            say_text(request, row.not_owed) if row.not_owed else "",
        ]


@require_POST
@needs("case.write")
def start(request: PortalRequest) -> HttpResponse:
    """Begins a report and opens it; one that is there already is opened. Raises: RecordNotYours, ReportNotOwed."""
    number, year = request.POST.get("number", ""), request.POST.get("year", "")
    if not all(t.isascii() and t.isdecimal() for t in (number, year)) or len(number) > 11 or len(year) != 4:
        raise PageMissing
    try:
        report = start_number_report(request.actor, int(number), int(year))
    except ReportOnRecord as refusal:
        messages.info(request, say_text(request, refusal.text))
        found = list_reports_visible_to(request.actor).filter(number_resource_id=int(number), year=int(year))
        return redirect("report", found[0].pk)
    return redirect("report", report.pk)

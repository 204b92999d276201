"""年报: which are owed for a year, one report form by form, its faults together, handing in, and what the authority did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openbeian.entrypoints.web.bad_list import CANNOT_TELL, NOT_BEGUN, NOT_OWED, list_rules
from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.history import describe_history
from openbeian.entrypoints.web.listing import PAGE_SIZES, read_listing
from openbeian.entrypoints.web.report_view import (
    PHASES,
    list_grounds,
    list_tabs,
    make_anchor,
    place_faults,
    say_window,
    show_form,
    view_report_state,
)
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.entrypoints.web.views.errors import PageMissing
from openbeian.kernel import clock
from openbeian.kernel.errors import Fault, OpenBeianError
from openbeian.kernel.text import Text
from openbeian.registry.models import Licence
from openbeian.registry.queries import list_licences_visible_to
from openbeian.rules.annual_report import ReportForm
from openbeian.supervision.reporting.actions.check_report import check_report
from openbeian.supervision.reporting.actions.refresh_report import refresh_report
from openbeian.supervision.reporting.actions.save_report import save_report
from openbeian.supervision.reporting.actions.start_report import start_report
from openbeian.supervision.reporting.actions.submit_report import submit_report
from openbeian.supervision.reporting.actions.turn_report import turn_report
from openbeian.supervision.reporting.decisions.windows import explain_owed
from openbeian.supervision.reporting.errors import ReportIncomplete, ReportMovedOn, ReportOnRecord
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.queries import (
    find_regimes,
    find_window,
    get_readable_report,
    get_report,
    get_report_rules,
    get_rules_of,
    get_sides,
    get_state,
    list_possible_turns,
    list_reports_visible_to,
    may_read_figures,
)
from openbeian.supervision.reporting.turning import list_faults

YEARS_BACK = 12
ORDERS = ("valid_until", "number", "holder")
_CHUNK = 500
_SUBMITS = frozenset({"submit", "submit_late"})


@dataclass(frozen=True, slots=True)
class Row:
    """A licence in a year: what the law asks for, or why none is owed, or that none was begun.

    `beside` is an inspection gone through by policy, which never stands in the report's place; `startable` are the
    regimes that may be begun now, each with whether it is policy only.
    """

    licence: Licence
    report: AnnualReport | None
    beside: AnnualReport | None
    label: Text
    tone: str
    not_owed: Text | None
    startable: tuple[tuple[str, bool], ...]


@require_safe
@needs("record.read")
def list_reports(request: PortalRequest) -> HttpResponseBase:
    """`?year=&q=&sort=&size=&page=`; `?export=csv|xlsx` gives the same rows. Found under 年检 as well."""
    today = clock.today()
    years = [str(y) for y in range(today.year - 1, today.year - 1 - YEARS_BACK, -1)]
    listing = read_listing(request.GET, {"year": frozenset(years)}, ORDERS)
    year = int(listing.filters.get("year") or years[0])
    licences = list_licences_visible_to(request.actor)
    if listing.words:
        licences = licences.filter(Q(number__icontains=listing.words) | Q(holder__icontains=listing.words))
    licences = licences.order_by(listing.order, "pk")
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        return answer_with_sheet(f"annual-reports-{year}", export, _head(request), _cells(request, licences, year))
    page = listing.paginate(licences)
    window = find_window(year)
    phase, tone = say_window(window)
    context = {
        "page": page,
        "rows": _make_rows(request, list(page.object_list), year),
        "listing": listing,
        "sizes": PAGE_SIZES,
        "years": years,
        "year": year,
        "window": window,
        "window_rule": get_report_rules().window_rule,
        "phase": phase,
        "phase_tone": tone,
    }
    return render(request, "openbeian/reports/list.html", context)


def _make_rows(request: PortalRequest, licences: list[Licence], year: int) -> list[Row]:
    reports = list_reports_visible_to(request.actor).filter(year=year, licence_id__in=[row.pk for row in licences])
    asked = {report.licence_id: report for report in reports if not report.is_policy}
    beside = {report.licence_id: report for report in reports if report.is_policy}
    regimes = find_regimes(year, request.actor.organisation_id)
    rows = []
    for licence in licences:
        report = asked.get(licence.pk)
        own = licence.organisation_id == request.actor.organisation_id and request.actor.may("case.write")
        not_owed = None
        if report is not None:
            view = view_report_state(report)
            label, tone = view.label, view.tone
        else:
            not_owed = explain_owed(licence.issued_on, licence.cancelled_on, licence.valid_until, year, clock.today())
            is_own = licence.organisation_id == request.actor.organisation_id
            label, tone = (NOT_OWED, "calm") if not_owed else (NOT_BEGUN, "warn") if is_own else (CANNOT_TELL, "calm")
        begun = {False: report is not None, True: licence.pk in beside}
        startable = tuple(r for r in regimes.items() if own and not_owed is None and not begun[r[1]])
        rows.append(Row(licence, report, beside.get(licence.pk), label, tone, not_owed, startable))
    return rows


@require_POST
@needs("case.write")
def start(request: PortalRequest) -> HttpResponse:
    """Begins a report and opens it; one that is there already is opened. Raises: RecordNotYours, ReportNotOwed."""
    licence, year = request.POST.get("licence", ""), request.POST.get("year", "")
    if not (licence.isascii() and licence.isdecimal() and len(licence) < 12 and year.isascii() and year.isdecimal() and len(year) == 4):  # fmt: skip
        raise PageMissing
    regime = "inspection" if request.POST.get("regime") == "inspection" else "report"
    try:
        report = start_report(request.actor, int(licence), int(year), regime=regime)
    except ReportOnRecord as refusal:
        messages.info(request, say_text(request, refusal.text))
        found = list_reports_visible_to(request.actor).filter(licence_id=int(licence), year=int(year), regime=regime)
        return redirect("report", found[0].pk)
    return redirect("report", report.pk)


@require_safe
@needs("record.read")
def show_report(request: PortalRequest, report_id: int) -> HttpResponse:
    """Raises: ReportNotYours."""
    return _show_overview(request, get_report(request.actor, report_id))


def _show_overview(request: PortalRequest, report: AnnualReport, refusal: OpenBeianError | None = None) -> HttpResponse:
    rules, shows_figures = get_rules_of(report), may_read_figures(request.actor, report)
    faults = list_faults(report) if shows_figures else []
    flow = rules.flows[report.regime]
    is_own = report.organisation_id == request.actor.organisation_id
    turns = [(v, flow.verbs[v], t) for v, t in list_possible_turns(request.actor, report) if v not in _SUBMITS]
    window = find_window(report.year, report.regime)
    phase, phase_tone = say_window(window)
    last = report.steps.order_by("-pk").first()
    context: dict[str, Any] = {
        "report": report,
        "view": view_report_state(report),
        "tabs": list_tabs(report, "", faults),
        "faults": place_faults(report, [f for f in faults if f.certain]),
        "advice": place_faults(report, [f for f in faults if not f.certain]),
        "may_edit": is_own and "applicant" in get_sides(request.actor, report) and get_state(report).is_editable,
        "is_own": is_own,
        "turns": turns,
        "reasons": rules.reasons,
        "steps": [(s, flow.verbs[s.verb], flow.states[s.to_state].label, [(rules.reasons.get(r["code"]), r["note"]) for r in s.reasons]) for s in report.steps.order_by("-pk")],
        "returned": last if last is not None and last.reasons and get_state(report).is_editable else None,
        "window": window,
        "window_rule": get_rules_of(report).window_rule,
        "phase": phase,
        "phase_tone": phase_tone,
        "history": describe_history("report", report.pk),
        "refusal": refusal,
        "show_all": True,
        "shows_figures": shows_figures,
        "list_rules": list_rules() if report.state == "listed" and report.regime == "report" else [],
    }  # fmt: skip
    return render(request, "openbeian/reports/detail.html", context, status=refusal.status if refusal else 200)


@needs("record.read")
@require_http_methods(["GET", "HEAD", "POST"])
def fill_form(request: PortalRequest, report_id: int, form_id: str) -> HttpResponse:
    """One form of the report. 暂存 keeps what was typed; 保存 checks everything as well.

    Raises: ReportNotYours, ReportFrozen, PageMissing for a form that the report does not have.
    """
    report = get_readable_report(request.actor, report_id)
    form = _get_form(report, form_id)
    if request.method != "POST":
        return _show_form(request, report, form, show_all="check" in request.GET)
    typed = {form.path(f): request.POST[form.path(f)] for f in form.fields if form.path(f) in request.POST}
    try:
        report = save_report(request.actor, report.pk, typed, revision=_revision(request))
    except ReportMovedOn as refusal:
        # What was typed stays on the page, over the newer version: saving again is a decision.
        current = get_report(request.actor, report_id)
        current.figures = {**current.figures, **typed}
        return _show_form(request, current, form, show_all=False, refusal=refusal)
    return _go(request, report, form)


def _go(request: PortalRequest, report: AnnualReport, form: ReportForm) -> HttpResponse:
    verb, _, wanted = (request.POST.get("go") or "stash").partition(":")
    if verb == "check":
        try:
            check_report(request.actor, report.pk)
        except ReportIncomplete as refusal:
            return _show_overview(request, report, refusal)
        messages.success(request, say_text(request, Text("已保存，核对无误。", "Saved; nothing is wrong.")))
        return redirect("report", report.pk)
    if verb == "to" and wanted in {f.id for f in get_rules_of(report).list_forms(report.codes)}:
        return redirect("report_form", report.pk, wanted)
    if verb == "submission":
        return redirect("report_submission", report.pk)
    messages.success(request, say_text(request, Text("已暂存。", "Draft saved.")))
    return redirect("report_form", report.pk, form.id)


def _show_form(
    request: PortalRequest,
    report: AnnualReport,
    form: ReportForm,
    *,
    show_all: bool,
    refusal: OpenBeianError | None = None,
) -> HttpResponse:
    faults = list_faults(report)
    tabs = list_tabs(report, form.id, faults)
    here = next(i for i, tab in enumerate(tabs) if tab.is_current)
    context = {
        "report": report,
        "form": form,
        "grounds": list_grounds(form),
        "fields": show_form(report, form, faults, show_all=show_all),
        "tabs": tabs,
        "next": tabs[here + 1] if here + 1 < len(tabs) else None,
        "may_edit": "applicant" in get_sides(request.actor, report) and get_state(report).is_editable,
        "view": view_report_state(report),
        "refusal": refusal,
    }
    return render(request, "openbeian/reports/form.html", context, status=refusal.status if refusal else 200)


@needs("case.write")
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: PortalRequest, report_id: int) -> HttpResponse:
    """Promises and signature, every fault together, and one button. Raises: ReportNotYours, ReportFrozen."""
    report = get_readable_report(request.actor, report_id)
    refusal: OpenBeianError | None = None
    if request.method == "POST":
        try:
            report = save_report(
                request.actor,
                report.pk,
                {},
                promises=request.POST.getlist("promise"),
                signed_by=request.POST.get("signed_by", ""),
                revision=_revision(request),
            )
            if request.POST.get("go") == "stash":
                messages.success(request, say_text(request, Text("已暂存。", "Draft saved.")))
                return redirect("report_submission", report.pk)
            report = submit_report(request.actor, report.pk)
        except OpenBeianError as refused:
            if refused.status in {403, 404}:
                raise
            refusal = refused
        else:
            state = get_state(report).label
            messages.success(request, say_text(request, Text("已报送，现为「{s}」。", "Submitted; now “{s}”.").format(s=state)))  # fmt: skip
            return redirect("report", report.pk)
    return _show_submission(request, report, refusal)


def _show_submission(request: PortalRequest, report: AnnualReport, refusal: OpenBeianError | None) -> HttpResponse:
    faults: list[Fault] = list_faults(report)
    window = find_window(report.year, report.regime)
    phase, phase_tone = PHASES[window.find_phase(clock.today())]
    context = {
        "report": report,
        "view": view_report_state(report),
        "tabs": list_tabs(report, "", faults),
        "faults": place_faults(report, [f for f in faults if f.certain]),
        "advice": place_faults(report, [f for f in faults if not f.certain]),
        "promises": [(key, text, key in report.promises, make_anchor(f"promises.{key}")) for key, text in get_rules_of(report).promises.items()],
        "signature_anchor": make_anchor("signed_by"),
        "may_edit": "applicant" in get_sides(request.actor, report) and get_state(report).is_editable,
        "window": window,
        "window_rule": get_rules_of(report).window_rule,
        "phase": phase,
        "phase_tone": phase_tone,
        "refusal": refusal,
    }  # fmt: skip
    return render(request, "openbeian/reports/submission.html", context, status=refusal.status if refusal else 200)


@require_POST
@needs("case.write")
def refresh(request: PortalRequest, report_id: int) -> HttpResponse:
    """Draws the figures again; typed ones stay. Raises: ReportNotYours, ReportFrozen, ReportMovedOn."""
    report = refresh_report(request.actor, report_id, revision=_revision(request))
    messages.success(
        request, say_text(request, Text("已重新取数，手工填写的保留。", "Drawn again; what was typed stays."))
    )
    return redirect("report", report.pk)


@require_POST
@needs("case.write", "case.decide")
def turn(request: PortalRequest, report_id: int, verb: str) -> HttpResponse:
    """What the authority did. Raises: ReportNotYours, ReportMovedOn, ReportTurnNotPossible, ReportReasonsMissing."""
    reasons = [
        {"code": code, "note": request.POST.get("reason_note", "")} for code in request.POST.getlist("reason") if code
    ]
    report = turn_report(
        request.actor, report_id, verb, revision=_revision(request), reasons=reasons, note=request.POST.get("note", "")
    )
    state = get_state(report).label
    messages.success(request, say_text(request, Text("现为「{s}」。", "Now “{s}”.").format(s=state)))
    return redirect("report", report.pk)


def _get_form(report: AnnualReport, form_id: str) -> ReportForm:
    for form in get_rules_of(report).list_forms(report.codes):
        if form.id == form_id:
            return form
    raise PageMissing


def _revision(request: PortalRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _head(request: PortalRequest) -> list[str]:
    words = (
        Text("年度", "Year"),
        Text("许可证号", "Licence"),
        Text("持证人", "Holder"),
        Text("状态", "State"),
        Text("报送时间", "Submitted"),
        Text("列入名单", "Listed on"),
        Text("移出名单", "Removed on"),
        Text("说明", "Remarks"),
    )
    return [say_text(request, word) for word in words]


def _cells(request: PortalRequest, licences: QuerySet[Licence], year: int) -> Iterator[list[Any]]:
    chunk: list[Licence] = []
    for licence in licences.iterator(chunk_size=_CHUNK):
        chunk.append(licence)
        if len(chunk) == _CHUNK:
            yield from _cells_of(request, chunk, year)
            chunk = []
    yield from _cells_of(request, chunk, year)


def _cells_of(request: PortalRequest, chunk: list[Licence], year: int) -> Iterator[list[Any]]:
    for row in _make_rows(request, chunk, year):
        report = row.report
        submitted = clock.legal_day(report.submitted_at).isoformat() if report and report.submitted_at else ""
        yield [
            str(year),
            row.licence.number,
            row.licence.holder,
            say_text(request, row.label),
            submitted,
            report.listed_on.isoformat() if report and report.listed_on else "",
            report.removed_on.isoformat() if report and report.removed_on else "",
            say_text(request, row.not_owed) if row.not_owed else "",
        ]


def list_report_years(licence: Licence) -> list[tuple[int, str]]:
    """The years a licence's page links to, newest first, with the address of each year's list."""
    last = clock.today().year - 1
    first = max(licence.issued_on.year, last - 4)
    return [(y, f"{reverse('reports')}?year={y}&q={licence.number}") for y in range(last, first - 1, -1)]

"""逾期未报: for officers, the holders of whom no report of a year came here, and putting one on the bad list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from openbeian.entrypoints.web.bad_list import CANNOT_TELL, list_rules
from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.listing import PAGE_SIZES, read_listing
from openbeian.entrypoints.web.report_view import say_window
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.entrypoints.web.wording import both
from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.registry.errors import RecordNotYours
from openbeian.registry.models import Licence
from openbeian.supervision.reporting.actions.list_missing_report import list_missing_report
from openbeian.supervision.reporting.errors import ListingUnfit
from openbeian.supervision.reporting.queries import find_window, list_missing_reports

YEARS_BACK = 8
ORDERS = ("number", "holder", "valid_until")


class ListingForm(PortalForm):
    ordered_until = forms.DateField(label=both("责令报送的期限", "Day of the order"), widget=forms.DateInput(attrs={"type": "date"}), help_text=both("责令限期报送通知上的日期；到期仍未报才列入。", "As the order names it; only who misses it is listed."))  # fmt: skip
    statement = forms.CharField(label=both("理由和核实情况", "Reason, and how it was seen"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text=both("责令文号、何时在何处查过。持证人会看到。", "The order, and where and when you looked. The holder reads it."))  # fmt: skip
    is_stated = forms.BooleanField(label=both("我已在管理平台核实，该持证人这一年度在其他系统也没有报送。", "I looked on the platform: this holder handed in nothing for this year elsewhere either."), required=False)  # fmt: skip


@require_safe
@needs("case.decide")
def list_missing(request: PortalRequest) -> HttpResponseBase:
    """`?year=&q=&sort=&size=&page=`; `?export=csv|xlsx` gives the same rows as a file."""
    years, year = _read_year(request)
    listing = read_listing(request.GET, {"year": frozenset(years)}, ORDERS)
    window = find_window(year)
    is_over = window.closes_on is not None and clock.today() > window.closes_on
    rows = list_missing_reports(request.actor, year) if is_over else Licence.objects.none()
    if listing.words:
        rows = rows.filter(Q(number__icontains=listing.words) | Q(holder__icontains=listing.words))
    rows = rows.order_by(listing.order, "pk")
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        return answer_with_sheet(f"missing-reports-{year}", export, _head(request), _cells(request, rows))
    phase, tone = say_window(window)
    context = {
        "page": listing.paginate(rows),
        "listing": listing,
        "sizes": PAGE_SIZES,
        "years": years,
        "year": str(year),
        "year_number": year,
        "window": window,
        "window_rule": "licence.annual_report.submit",
        "phase": phase,
        "phase_tone": tone,
        "is_over": is_over,
        "cannot_tell": CANNOT_TELL,
    }
    return render(request, "openbeian/reports/missing.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("case.decide")
def list_one(request: PortalRequest, licence_id: int, year: int) -> HttpResponse:
    """The form with the grounds, and the listing itself. Raises: RecordNotYours."""
    is_known = year in range(clock.today().year - YEARS_BACK, clock.today().year)
    licence = list_missing_reports(request.actor, year).filter(pk=licence_id).first() if is_known else None
    if licence is None:
        raise RecordNotYours
    form = ListingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            report = list_missing_report(
                request.actor,
                licence.pk,
                year,
                ordered_until=values["ordered_until"],
                statement=values["statement"],
                is_stated=values["is_stated"],
            )
        except ListingUnfit as refusal:
            form.take_refusal(refusal)
        else:
            messages.success(request, both("已列入不良名单，并通知持证人。", "Listed; the holder is told."))
            return redirect("report", report.pk)
    context = {
        "form": form,
        "licence": licence,
        "year": str(year),
        "window": find_window(year),
        "rules": list_rules(),
        "cannot_tell": CANNOT_TELL,
    }
    return render(request, "openbeian/reports/missing_one.html", context, status=422 if form.errors else 200)


def _read_year(request: PortalRequest) -> tuple[list[str], int]:
    last = clock.today().year - 1
    years = [str(y) for y in range(last, last - YEARS_BACK, -1)]
    asked = request.GET.get("year", "")
    return years, int(asked) if asked in years else last


def _head(request: PortalRequest) -> list[str]:
    words = (
        Text("许可证号", "Licence"),
        Text("持证人", "Holder"),
        Text("有效期至", "Valid until"),
        Text("情况", "State"),
    )
    return [say_text(request, word) for word in words]


def _cells(request: PortalRequest, rows: QuerySet[Licence]) -> Iterator[list[Any]]:
    for row in rows.iterator(chunk_size=500):
        yield [row.number, row.holder, row.valid_until.isoformat(), say_text(request, CANNOT_TELL)]

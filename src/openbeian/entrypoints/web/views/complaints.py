"""投诉: the register of a holder's complaints: taken in, answered in time, counted for the annual report."""

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

from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.listing import PAGE_SIZES, read_listing
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.entrypoints.web.wording import both, said
from openbeian.kernel import clock
from openbeian.kernel.dates import read_date
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text
from openbeian.registry.queries import list_licences_visible_to
from openbeian.rules.code_tables import load_code_tables
from openbeian.supervision.reporting.actions.answer_complaint import answer_complaint
from openbeian.supervision.reporting.actions.receive_complaint import receive_complaint
from openbeian.supervision.reporting.complaint_values import CHANNELS
from openbeian.supervision.reporting.models import Complaint
from openbeian.supervision.reporting.queries import find_answer_doubt, get_complaint, list_complaints_visible_to

ORDERS = ("answer_due_on", "-received_on", "received_on")
STATES = {
    "open": Text("待答复", "To answer"),
    "late": Text("逾期未答复", "Overdue"),
    "answered": Text("已答复", "Answered"),
}


class ComplaintForm(PortalForm):
    received_on = forms.CharField(label=both("收到日期", "Received on"), max_length=20, widget=forms.DateInput(attrs={"type": "date"}))  # fmt: skip
    channel = forms.ChoiceField(label=both("渠道", "How it came"), choices=[(k, said(v)) for k, v in CHANNELS.items()])
    subject = forms.CharField(label=both("事由", "Subject"), max_length=200)
    content = forms.CharField(label=both("内容", "Content"), required=False, widget=forms.Textarea(attrs={"rows": 4}))
    complainant = forms.CharField(label=both("投诉人与联系方式", "Complainant and contact"), max_length=200, required=False, help_text=both("加密保存。", "Stored sealed."))  # fmt: skip
    licence_number = forms.ChoiceField(label=both("所涉许可证", "Licence"), required=False)
    business = forms.ChoiceField(label=both("所涉业务", "Business"), required=False)

    def __init__(self, request: PortalRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = list_licences_visible_to(request.actor).filter(organisation_id=request.actor.organisation_id or 0)
        numbers = own.order_by("number").values_list("number", flat=True)[:200]
        self.fields["licence_number"].choices = [("", "—"), *((n, n) for n in numbers)]  # type: ignore[attr-defined]
        rows = load_code_tables().businesses
        self.fields["business"].choices = [("", "—"), *((r.id, f"{r.id} {said(r.label)}") for r in rows)]  # type: ignore[attr-defined]


class AnswerForm(PortalForm):
    answer = forms.CharField(label=both("答复内容", "Answer"), widget=forms.Textarea(attrs={"rows": 5}))
    answered_on = forms.CharField(label=both("答复日期", "Answered on"), max_length=20, widget=forms.DateInput(attrs={"type": "date"}))  # fmt: skip
    is_settled = forms.BooleanField(label=both("投诉人已认可", "The complainant is content"), required=False)


@require_safe
@needs("record.read")
def list_complaints(request: PortalRequest) -> HttpResponseBase:
    """`?q=&year=&state=&sort=&size=&page=`; `?export=csv|xlsx` gives the same rows without people's details."""
    this_year = clock.today().year
    years = [str(y) for y in range(this_year, this_year - 6, -1)]
    listing = read_listing(request.GET, {"year": frozenset(years), "state": frozenset(STATES)}, ORDERS)
    found = _select(request, listing.words, listing.filters).order_by(listing.order, "pk")
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        return answer_with_sheet("complaints", export, _head(request), _cells(request, found))
    page = listing.paginate(found)
    context = {
        "page": page,
        "rows": [(c, CHANNELS.get(c.channel), *_state(c)) for c in page],
        "listing": listing,
        "sizes": PAGE_SIZES,
        "years": years,
        "states": STATES,
        "may_write": request.actor.may("case.write"),
        "doubt": find_answer_doubt(),
    }
    return render(request, "openbeian/reports/complaints.html", context)


def _select(request: PortalRequest, words: str, filters: dict[str, str]) -> QuerySet[Complaint]:
    found = list_complaints_visible_to(request.actor)
    if words:
        found = found.filter(Q(number__icontains=words) | Q(subject__icontains=words))
    if "year" in filters:
        found = found.filter(received_on__year=int(filters["year"]))
    match filters.get("state"):
        case "open":
            found = found.filter(answered_on__isnull=True)
        case "late":
            found = found.filter(answered_on__isnull=True, answer_due_on__lt=clock.today())
        case "answered":
            found = found.filter(answered_on__isnull=False)
    return found


def _state(complaint: Complaint) -> tuple[Text, str]:
    if complaint.answered_on is not None:
        return STATES["answered"], "good"
    # A day that nobody verified makes no breach: it is told, and not painted as one.
    late = "warn" if find_answer_doubt() else "bad"
    return (STATES["late"], late) if complaint.answer_due_on < clock.today() else (STATES["open"], "warn")


@needs("case.write")
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: PortalRequest) -> HttpResponse:
    form = ComplaintForm(request, request.POST or None, initial={"received_on": clock.today().isoformat()})
    if request.method == "POST" and form.is_valid():
        try:
            complaint = receive_complaint(request.actor, form.cleaned_data)
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
        else:
            words = Text("已登记 {n}，须在 {d} 前答复。", "{n} is on the register; answer by {d}.")
            words, doubt = words.format(n=complaint.number, d=complaint.answer_due_on), find_answer_doubt()
            messages.success(request, " ".join(say_text(request, one) for one in (words, doubt) if one))
            return redirect("complaints")
    return render(request, "openbeian/reports/complaint_new.html", {"form": form}, status=422 if form.errors else 200)


@needs("case.write")
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: PortalRequest, complaint_id: int) -> HttpResponse:
    """Raises: ComplaintNotYours."""
    complaint = get_complaint(request.actor, complaint_id)
    form = AnswerForm(request.POST or None, initial={"answered_on": clock.today().isoformat()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            on = read_date(given["answered_on"])
            answer_complaint(
                request.actor, complaint.pk, given["answer"], answered_on=on, is_settled=given["is_settled"]
            )
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
        else:
            messages.success(request, say_text(request, Text("已记录答复。", "The answer is on the register.")))
            return redirect("complaints")
    context = {
        "form": form,
        "complaint": complaint,
        "channel": CHANNELS.get(complaint.channel),
        "doubt": find_answer_doubt(),
    }
    return render(request, "openbeian/reports/complaint.html", context, status=422 if form.errors else 200)


def _head(request: PortalRequest) -> list[str]:
    words = (
        Text("编号", "Number"),
        Text("收到日期", "Received on"),
        Text("渠道", "How"),
        Text("事由", "Subject"),
        Text("业务", "Business"),
        Text("许可证", "Licence"),
        Text("答复期限（未核实）", "Answer by (not verified)")
        if find_answer_doubt()
        else Text("答复期限", "Answer by"),
        Text("答复日期", "Answered on"),
        Text("状态", "State"),
    )
    return [say_text(request, word) for word in words]


def _cells(request: PortalRequest, found: QuerySet[Complaint]) -> Iterator[list[Any]]:
    for c in found.iterator(chunk_size=1000):
        channel = CHANNELS.get(c.channel)
        yield [
            c.number,
            c.received_on.isoformat(),
            say_text(request, channel) if channel else c.channel,
            c.subject,
            c.business,
            c.licence.number if c.licence else "",
            c.answer_due_on.isoformat(),
            c.answered_on.isoformat() if c.answered_on else "",
            say_text(request, _state(c)[0]),
        ]

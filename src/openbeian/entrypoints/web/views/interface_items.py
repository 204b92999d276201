"""对接 · 下发事项: tasks, checks, notices and lists that administrations sent, each to answer or to note as dealt with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from openbeian.authority.actions.answer_item import ANSWERABLE, answer_item
from openbeian.authority.actions.close_item import close_item
from openbeian.authority.carrying import read_received_codes
from openbeian.authority.incoming import KINDS, list_lines
from openbeian.authority.models import Item
from openbeian.authority.operating import may_operate
from openbeian.authority.queries import get_item, list_items
from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.listing import PAGE_SIZES, read_listing
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.entrypoints.web.views.interface import frame
from openbeian.entrypoints.web.wording import both
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class VerificationForm(PortalForm):
    outcome = forms.TypedChoiceField(
        label=both("核实结果", "Result"),
        choices=[("0", both("属实，通过", "True: passed")), ("1", both("不属实，不通过", "Not true: refused"))],
        coerce=int,
    )
    verifier = forms.CharField(label=both("核实人", "Verified by"), max_length=128)
    opinion = forms.CharField(
        label=both("核实意见", "Opinion"), max_length=1024, widget=forms.Textarea(attrs={"rows": 3})
    )
    wrong = forms.CharField(
        label=both("错误信息", "What is wrong"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class UnfiledForm(PortalForm):
    outcome = forms.TypedChoiceField(
        label=both("处理结果", "Result"),
        help_text=both("取自管局下发的代码表。", "From the table that the administration sent."),
        coerce=int,
    )
    verifier = forms.CharField(label=both("上报人", "Reported by"), max_length=128)
    opinion = forms.CharField(label=both("处理意见", "Opinion"), max_length=255)
    due_on = forms.DateField(
        label=both("处理时限", "Due day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, outcomes: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(str(code), f"{code} {name}") for code, name in outcomes.items()]  # type: ignore[attr-defined]


@require_safe
@needs("interface.read")
def show_items(request: PortalRequest) -> HttpResponseBase:
    """`?kind=&open=open|closed&size=&page=`; `?export=csv|xlsx` gives the same rows."""
    offered = {"kind": frozenset(KINDS), "open": frozenset({"open", "closed"})}
    listing = read_listing(request.GET, offered, ("-pk",))
    items = list_items(request.actor)
    if "kind" in listing.filters:
        items = items.filter(kind=listing.filters["kind"])
    if "open" in listing.filters:
        items = items.filter(is_open=listing.filters["open"] == "open")
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        head = [
            say_text(request, word)
            for word in (Text("种类", "Kind"), Text("内容", "Title"), Text("状态", "State"), Text("收到", "Received"))
        ]
        return answer_with_sheet("items", export, head, _cells(request, items))
    page = listing.paginate(items)
    context = {
        **frame(request.actor, "items"),
        "page": page,
        "rows": [(item, KINDS[item.kind]) for item in page],
        "listing": listing,
        "sizes": PAGE_SIZES,
        "kinds": KINDS,
    }
    return render(request, "openbeian/interface/items.html", context)


@needs("interface.read")
def show_item(request: PortalRequest, authority_item_id: int) -> HttpResponse:
    """What it says, and for a task or a listed site the form of the answer. Raises: NotYourConnection."""
    item = get_item(request.actor, authority_item_id)
    form = _choose_form(request, item)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            answer_item(request.actor, item.pk, form.cleaned_data)
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
        else:
            messages.success(
                request, both("已写入待上报，随下一个文件发出。", "Written; it leaves with the next file.")
            )
            return redirect("interface_items")
    context = {
        "item": item,
        "kind": KINDS[item.kind],
        "lines": list_lines(item.content),
        "form": form,
        "may_operate": may_operate(request.actor),
    }
    return render(request, "openbeian/interface/item.html", context, status=422 if form and form.errors else 200)


@require_POST
@needs("interface.read")
def close(request: PortalRequest, authority_item_id: int) -> HttpResponse:
    close_item(request.actor, authority_item_id)
    messages.success(request, both("已标为办结。", "Noted as dealt with."))
    return redirect("interface_items")


def _choose_form(request: PortalRequest, item: Item) -> PortalForm | None:
    if item.kind not in ANSWERABLE or not item.is_open or not item.content or not may_operate(request.actor):
        return None
    initial = {"verifier": request.actor.name}
    if item.kind == "verification_tasks":
        return VerificationForm(request.POST or None, initial=initial)
    outcomes = read_received_codes(item.connection).get("unfiled_outcomes", {})
    return UnfiledForm(request.POST or None, initial=initial, outcomes=outcomes)


def _cells(request: PortalRequest, items: QuerySet[Item]) -> Iterator[list[Any]]:
    for item in items.iterator(chunk_size=500):
        state = Text("未办", "Open") if item.is_open else Text("已办结", "Dealt with")
        yield [
            say_text(request, KINDS[item.kind]),
            item.title,
            say_text(request, state),
            item.file.received_at.isoformat(),
        ]

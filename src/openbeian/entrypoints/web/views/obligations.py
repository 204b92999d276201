"""义务: everything that is owed, filtered in its address, taken away as a sheet, settled or waived in a dialog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.listing import PAGE_SIZES, read_listing
from openbeian.entrypoints.web.obligation_view import RESPONSIBLE, make_lines
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.kernel.text import Text
from openbeian.obligations.actions.settle_obligation import settle_obligation
from openbeian.obligations.actions.waive_obligation import waive_obligation
from openbeian.obligations.decisions import SETTLED, STAGES
from openbeian.obligations.models import Obligation
from openbeian.obligations.queries import describe, list_obligations_visible_to, order_by_harm, within_days
from openbeian.obligations.recomputing import get_kinds

ORDERS = {"harm": Text("后果最重", "Gravest first"), "due": Text("期限最近", "Due first")}
SPANS = ("7", "30", "90", "180", "365")
SUBJECTS = {
    "sponsor": Text("主体", "Sponsors"),
    "service": Text("服务", "Services"),
    "licence": Text("许可证", "Licences"),
    "number": Text("码号", "Number resources"),
    "case": Text("办件", "Cases"),
    "finding": Text("巡检问题", "Findings"),
}
_CHUNK = 500


@require_safe
@needs("record.read")
def list_obligations(request: PortalRequest) -> HttpResponseBase:
    """`?stage=&kind=&on=&within=&subject=kind:id&sponsor=&sort=&size=&page=`; `?export=csv|xlsx` gives the same rows."""
    kinds = {kind.id: kind.title for kind in get_kinds().kinds.values()}
    offered = {
        "stage": frozenset(STAGES),
        "kind": frozenset(kinds),
        "on": frozenset(SUBJECTS),
        "within": frozenset(SPANS),
    }
    listing = read_listing(request.GET, offered, tuple(ORDERS))
    rows = _select(request, listing.filters)
    rows = order_by_harm(rows) if listing.order == "harm" else rows.order_by(F("due_on").asc(nulls_last=True), "pk")
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        return answer_with_sheet("obligations", export, _head(request), _cells(request, rows))
    page = Paginator(rows, listing.size).get_page(listing.page)
    context = {
        "page": page,
        "lines": make_lines(request.actor, list(page.object_list)),
        "listing": listing,
        "sizes": PAGE_SIZES,
        "orders": ORDERS,
        "stages": STAGES,
        "kinds": kinds,
        "subjects": SUBJECTS,
        "spans": SPANS,
        "kept": {name: request.GET[name][:40] for name in ("subject", "sponsor") if request.GET.get(name)},
        "may_settle": request.actor.may("case.write"),
        "settled": [str(stage) for stage in SETTLED],
    }
    return render(request, "openbeian/obligations/list.html", context)


@require_POST
@needs("case.write")
def waive(request: PortalRequest, obligation_id: int) -> HttpResponse:
    waive_obligation(request.actor, obligation_id, request.POST.get("why", ""))
    messages.success(
        request, say_text(request, Text("已豁免，理由已记入日志。", "Waived; the reason is in the journal."))
    )
    return _back(request)


@require_POST
@needs("case.write")
def settle(request: PortalRequest, obligation_id: int) -> HttpResponse:
    settle_obligation(request.actor, obligation_id, request.POST.get("why", ""))
    messages.success(request, say_text(request, Text("已记为完成，凭证已留存。", "Noted as done, with the evidence.")))
    return _back(request)


def _select(request: PortalRequest, filters: dict[str, str]) -> QuerySet[Obligation]:
    rows = list_obligations_visible_to(request.actor)
    rows = rows.filter(stage=filters["stage"]) if "stage" in filters else rows.exclude(stage__in=SETTLED)
    if "kind" in filters:
        rows = rows.filter(kind=filters["kind"])
    if "on" in filters:
        rows = rows.filter(subject_kind=filters["on"])
    if "within" in filters:
        rows = within_days(rows, int(filters["within"]))
    kind, _, number = request.GET.get("subject", "").partition(":")
    if kind in SUBJECTS and _is_key(number):
        rows = rows.filter(subject_kind=kind, subject_id=int(number))
    if _is_key(sponsor := request.GET.get("sponsor", "")):
        rows = rows.filter(sponsor_id=int(sponsor))
    return rows


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 12


def _back(request: PortalRequest) -> HttpResponse:
    """To where the dialog stood, if that is one of our pages."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}) and target.startswith("/"):
        return redirect(target)
    return redirect("obligations")


def _head(request: PortalRequest) -> list[str]:
    words = (
        Text("义务", "Obligation"),
        Text("对象", "Record"),
        Text("阶段", "Stage"),
        Text("可办之日", "Window opens"),
        Text("建议日", "Advised day"),
        Text("截止日", "Due day"),
        Text("后果", "Consequence"),
        Text("责任方", "Responsible"),
        Text("下一步", "Next step"),
        Text("规则", "Rule"),
        Text("说明", "Remarks"),
    )
    return [say_text(request, word) for word in words]


def _cells(request: PortalRequest, rows: QuerySet[Obligation]) -> Iterator[list[Any]]:
    chunk: list[Obligation] = []
    for row in rows.iterator(chunk_size=_CHUNK):
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield from _cells_of(request, chunk)
            chunk = []
    yield from _cells_of(request, chunk)


def _cells_of(request: PortalRequest, chunk: list[Obligation]) -> Iterator[list[Any]]:
    for shown in describe(chunk):
        row = shown.row
        remarks = [say_text(request, text) for text in (shown.policy, shown.doubt) if text]
        yield [
            say_text(request, shown.kind.title),
            shown.subject,
            say_text(request, shown.stage),
            row.window_opens_on or "",
            row.advised_on or "",
            row.due_on or "",
            say_text(request, shown.harm.text),
            say_text(request, RESPONSIBLE[shown.kind.responsible]),
            say_text(request, shown.kind.action),
            row.rule_id,
            " ".join([*remarks, row.settled_why]).strip(),
        ]

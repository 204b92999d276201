"""义务: everything that is owed, filtered in its address, taken away as a sheet, settled or waived in a dialog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openbeian.documents.actions.store_document import store_document
from openbeian.documents.decisions import describe_bytes
from openbeian.documents.errors import UploadRefused
from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.listing import PAGE_SIZES, read_listing
from openbeian.entrypoints.web.obligation_view import RESPONSIBLE, make_lines
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.entrypoints.web.views.case_papers import find_limits, read_upload
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text
from openbeian.obligations.actions.put_in_charge import MOST, put_in_charge
from openbeian.obligations.actions.settle_obligation import settle_obligation
from openbeian.obligations.actions.waive_obligation import waive_obligation
from openbeian.obligations.decisions import SETTLED, STAGES
from openbeian.obligations.errors import EvidenceUnfit, PersonUnfit, ReasonMissing, RecordUnassignable
from openbeian.obligations.in_charge import only_mine
from openbeian.obligations.models import Obligation
from openbeian.obligations.queries import (
    describe,
    get_obligation,
    list_obligations_visible_to,
    order_by_harm,
    within_days,
)
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
    "inspection_fault": Text("检查发现的问题", "Inspection findings"),
}
_CHUNK = 500


@require_safe
@needs("record.read")
def list_obligations(request: PortalRequest) -> HttpResponseBase:
    """`?stage=&kind=&on=&within=&mine=1&subject=kind:id&sponsor=&sort=&size=&page=`; `?export=csv|xlsx` gives the same rows."""
    kinds = {kind.id: kind.title for kind in get_kinds().kinds.values()}
    offered = {
        "stage": frozenset(STAGES),
        "kind": frozenset(kinds),
        "on": frozenset(SUBJECTS),
        "within": frozenset(SPANS),
        "mine": frozenset({"1"}),
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
        "largest": describe_bytes(find_limits(None, "").max_bytes),
    }
    return render(request, "openbeian/obligations/list.html", context)


@require_POST
@needs("case.write", "organisation.manage")
def put_people_in_charge(request: PortalRequest) -> HttpResponse:
    """`subject=kind:id`, once or many times, and `person`, empty for nobody; back to `next`.

    Raises: RecordUnassignable, PersonUnfit.
    """
    subjects = [_read_subject(given) for given in request.POST.getlist("subject")[: MOST + 1]]
    person = request.POST.get("person", "")
    if person and not _is_key(person):
        raise PersonUnfit
    changed = put_in_charge(request.actor, subjects, int(person) if person else None)
    said = Text(f"已保存，{changed} 项有变化。", f"Saved; {changed} changed.")
    messages.success(request, say_text(request, said))
    return _back(request)


def _read_subject(given: str) -> tuple[str, int]:
    kind, _, number = given.partition(":")
    if not _is_key(number):
        raise RecordUnassignable
    return kind[:12], int(number)


@require_POST
@needs("case.write")
def waive(request: PortalRequest, obligation_id: int) -> HttpResponse:
    waive_obligation(request.actor, obligation_id, request.POST.get("why", ""))
    messages.success(
        request, say_text(request, Text("已豁免，理由已记入日志。", "Waived; the reason is in the journal."))
    )
    return _back(request)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("case.write")
def settle(request: PortalRequest, obligation_id: int) -> HttpResponse:
    """Notes as done, with words (`why`) and if there is one a file (`paper`); a refusal comes back with what was typed.

    Raises: ObligationNotYours, ObligationSettled, StandingDuty.
    """
    row = get_obligation(request.actor, obligation_id)
    refusal: OpenBeianError | None = None
    if request.method == "POST":
        try:
            _settle(request, row)
        except (ReasonMissing, EvidenceUnfit, UploadRefused) as refused:
            refusal = refused
        else:
            said = Text("已记为完成，凭证已留存。", "Noted as done, with the evidence.")
            messages.success(request, say_text(request, said))
            return _back(request)
    lines = make_lines(request.actor, [row])
    if row.stage in SETTLED or not lines or not lines[0].is_own:
        return _back(request)
    context = {
        "line": lines[0],
        "refusal": refusal,
        "why": request.POST.get("why", ""),
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "largest": describe_bytes(find_limits(None, "").max_bytes),
    }
    return render(request, "openbeian/obligations/done.html", context, status=refusal.status if refusal else 200)


def _settle(request: PortalRequest, row: Obligation) -> None:
    """The paper belongs to the settlement: refused, its row goes too, and its file is swept up later."""
    with transaction.atomic():
        file, paper = request.FILES.get("paper"), None
        if file is not None:
            limits = find_limits(None, row.sponsor.province if row.sponsor else "")
            name, content = read_upload(file, limits)
            subject = ("obligation", row.pk)
            paper = store_document(
                request.actor, subject, material="evidence", name=name, content=content, limits=limits
            )
        settle_obligation(request.actor, row.pk, request.POST.get("why", ""), paper.pk if paper else None)


def _select(request: PortalRequest, filters: dict[str, str]) -> QuerySet[Obligation]:
    rows = list_obligations_visible_to(request.actor)
    rows = rows.filter(stage=filters["stage"]) if "stage" in filters else rows.exclude(stage__in=SETTLED)
    if "kind" in filters:
        rows = rows.filter(kind=filters["kind"])
    if "on" in filters:
        rows = rows.filter(subject_kind=filters["on"])
    if "within" in filters:
        rows = within_days(rows, int(filters["within"]))
    if "mine" in filters:
        rows = only_mine(rows, request.actor)
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
        Text("责任人", "In charge"),
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
    for shown in describe(chunk, request.actor):
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
            shown.in_charge.name if shown.in_charge else "",
            say_text(request, shown.kind.action),
            row.rule_id,
            " ".join([*remarks, row.settled_why]).strip(),
        ]

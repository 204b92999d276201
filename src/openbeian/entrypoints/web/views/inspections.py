"""检查: the list, the draw, one inspection with what stands on each item, and what is to be rectified after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openbeian.accounts.models import Membership
from openbeian.documents.errors import DocumentNotFound
from openbeian.documents.models import Document
from openbeian.documents.paper import render_paper
from openbeian.documents.queries import find_paper
from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.documents import answer_with_document, answer_with_file
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.history import describe_history
from openbeian.entrypoints.web.inspection_turning import list_buttons, list_members, turn_by_form
from openbeian.entrypoints.web.listing import PAGE_SIZES, read_listing
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text
from openbeian.supervision.decisions import SEVERITIES
from openbeian.supervision.decisions import STATES as FAULT_STATES
from openbeian.supervision.inspections.actions.conclude_inspection import conclude_inspection
from openbeian.supervision.inspections.actions.declare_conflict import declare_conflict
from openbeian.supervision.inspections.actions.draw_inspections import draw_inspections
from openbeian.supervision.inspections.checklist import find_citation, get_checklist, get_sampling, name_item
from openbeian.supervision.inspections.decisions import ANSWERS, DOUBTS, ROLES, STATES
from openbeian.supervision.inspections.drawing import is_reproducible
from openbeian.supervision.inspections.errors import DrawUnfit, InspectionNotYours, NotConcluded
from openbeian.supervision.inspections.models import Fault, Inspection
from openbeian.supervision.inspections.queries import (
    CONDUCT,
    get_fault,
    get_inspection,
    is_assigned,
    list_draws_visible_to,
    list_inspections_visible_to,
    list_lines,
    list_signatures,
)

TONES = {"planned": "calm", "under_way": "info", "rectifying": "warn", "closed": "good"}
ICONS = {"planned": "clock", "under_way": "clipboard-list", "rectifying": "triangle-alert", "closed": "circle-check"}
ANSWER_LOOK = {
    "met": ("good", "circle-check"),
    "not_met": ("bad", "circle-x"),
    "cannot_tell": ("calm", "circle-question-mark"),
    "not_applicable": ("calm", "circle"),
}
ORDERS = ("-planned_at", "planned_at", "title", "-title")


@require_safe
@needs("record.read")
def list_inspections(request: PortalRequest) -> HttpResponseBase:
    """`?q=&state=&sort=&size=&page=`; `?export=csv|xlsx` gives the same rows as a file."""
    listing = read_listing(request.GET, {"state": frozenset(STATES)}, ORDERS)
    rows = list_inspections_visible_to(request.actor).filter(**listing.filters)
    if listing.words:
        rows = rows.filter(Q(title__icontains=listing.words) | Q(number__icontains=listing.words))
    rows = rows.annotate(
        fault_count=Count("faults", distinct=True),
        open_count=Count("faults", filter=~Q(faults__state="closed"), distinct=True),
    ).order_by(listing.order, "-pk")
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        return answer_with_sheet("inspections", export, _head(), _rows(rows))
    page = listing.paginate(rows)
    context = {
        "page": page,
        "rows": [(i, STATES[i.state], TONES[i.state], ICONS[i.state], _name_inspectors(i)) for i in page],
        "listing": listing,
        "sizes": PAGE_SIZES,
        "states": STATES,
        "draws": list_draws_visible_to(request.actor)[:5],
        "may_draw": request.actor.may("inspection.draw"),
    }
    return render(request, "openbeian/inspections/list.html", context)


def _head() -> list[str]:
    return ["检查编号", "被检查单位", "许可证或备案号", "状态", "检查员", "抽取时间", "结论时间", "不符合项", "未整改"]


def _rows(rows: QuerySet[Inspection]) -> Iterator[list[Any]]:
    for i in rows.prefetch_related("assignments").iterator(chunk_size=500):
        concluded = i.concluded_at.isoformat() if i.concluded_at else ""
        counts: Any = i
        yield [
            i.reference, i.title, i.number, STATES[i.state].zh, _name_inspectors(i), i.planned_at.isoformat(),
            concluded, counts.fault_count, counts.open_count,
        ]  # fmt: skip


def _name_inspectors(inspection: Inspection) -> str:
    return "、".join(a.name for a in sorted(inspection.assignments.all(), key=lambda a: a.place))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("inspection.draw")
def draw(request: PortalRequest) -> HttpResponse:
    """The form, and the draw itself."""
    context: dict[str, Any] = {"sampling": get_sampling(), "scheme": "", "seed": ""}
    if request.method != "POST":
        return render(request, "openbeian/inspections/draw.html", context)
    scheme, seed = request.POST.get("scheme", "")[:60], request.POST.get("seed", "")[:500]
    try:
        held = draw_inspections(request.actor, scheme, seed)
    except DrawUnfit as refusal:
        context |= {"refusal": refusal, "scheme": scheme, "seed": seed, "faults": {f.field: f for f in refusal.faults}}
        return render(request, "openbeian/inspections/draw.html", context, status=refusal.status)
    return redirect("inspection_draw_record", held.pk)


@require_safe
@needs("record.read")
def show_draw(request: PortalRequest, draw_id: int) -> HttpResponse:
    """The lot as it was drawn, and whether drawing it again gives the same. Raises: InspectionNotYours."""
    held = list_draws_visible_to(request.actor).filter(pk=draw_id).first()
    if held is None:
        raise InspectionNotYours
    if request.GET.get("export") in {"csv", "xlsx"}:
        rows = ([key, weight, "是" if key in set(held.drawn) else ""] for key, weight in held.population)
        return answer_with_sheet("draw", request.GET["export"], ["对象", "权重", "抽中"], rows)  # type: ignore[return-value]
    context = {
        "draw": held,
        "scheme": get_sampling().schemes.get(held.scheme),
        "inspections": [
            (i, STATES[i.state], TONES[i.state], ICONS[i.state], _name_inspectors(i))
            for i in held.inspections.prefetch_related("assignments").order_by("pk")
        ],
        "population": len(held.population),
        "is_reproducible": is_reproducible(held),
    }
    return render(request, "openbeian/inspections/draw_record.html", context)


@dataclass(frozen=True, slots=True)
class ShownFault:
    """A finding with everything that its card says."""

    row: Fault
    title: Text
    state: Text
    severity: Text
    citation: Text
    buttons: list[Any]
    members: list[Membership]
    steps: list[Any]


@require_safe
@needs("record.read")
def show_inspection(request: PortalRequest, inspection_id: int) -> HttpResponse:
    """Raises: InspectionNotYours."""
    return _show(request, get_inspection(request.actor, inspection_id))


def _show(request: PortalRequest, inspection: Inspection, refusal: OpenBeianError | None = None) -> HttpResponse:
    actor = request.actor
    is_open = inspection.state in {"planned", "under_way"}
    mine = is_assigned(actor, inspection) and actor.may(CONDUCT)
    lines = list_lines(inspection)
    signatures = list_signatures(inspection)
    faults = [
        _describe_fault(request, f)
        for f in inspection.faults.select_related("owner").prefetch_related("steps__evidence").order_by("pk")
    ]
    context = {
        "inspection": inspection,
        "state": STATES[inspection.state],
        "tone": TONES[inspection.state],
        "icon_name": ICONS[inspection.state],
        "inspectors": inspection.assignments.order_by("place"),
        "groups": _group(lines),
        "answered": sum(1 for line in lines if line.answer),
        "count": len(lines),
        "conflicts": sum(1 for line in lines if line.is_conflict),
        "signatures": [(label, signatures.get(role)) for role, label in ROLES.items()],
        "faults": faults,
        "is_open": is_open,
        "may_conduct": mine and is_open,
        "may_keep_away": inspection.state == "planned" and mine,
        "is_ours": inspection.administration_id == actor.organisation_id,
        "history": describe_history("inspection", inspection.pk),
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "openbeian/inspections/detail.html", context, status=status)


def _group(lines: list[Any]) -> list[tuple[Text, list[Any]]]:
    groups = get_checklist().groups
    found: dict[str, list[Any]] = {}
    for line in lines:
        tone, icon = ANSWER_LOOK.get(line.answer, ("calm", "circle-dashed"))
        shown = {
            "line": line,
            "answer": ANSWERS.get(line.answer),
            "tone": "warn" if line.is_conflict else tone,
            "icon": "triangle-alert" if line.is_conflict else icon,
            "heads": [(ANSWERS[h.answer], h.note) for h in line.heads] if line.is_conflict else [],
            "citation": find_citation(line.item),
            "photos": [(p, DOUBTS[p.doubt]) for p in line.photos],
        }
        found.setdefault(line.item.group, []).append(shown)
    return [(groups[group], shown) for group, shown in found.items()]


def _describe_fault(request: PortalRequest, fault: Fault) -> ShownFault:
    return ShownFault(
        fault,
        name_item(fault.item),
        FAULT_STATES[fault.state],
        SEVERITIES[fault.severity],
        Text(fault.citation_zh, fault.citation_en),
        list_buttons(request.actor, fault),
        list_members(request.actor, fault),
        [(step, FAULT_STATES[step.to_state], list(step.evidence.all())) for step in fault.steps.order_by("-pk")],
    )


@require_POST
@needs("inspection.conduct")
def conclude(request: PortalRequest, inspection_id: int) -> HttpResponse:
    """What is missing is listed on the page itself. Raises: InspectionNotYours, InspectionOver."""
    summary, refused = request.POST.get("summary", ""), request.POST.get("refused", "")
    try:
        conclude_inspection(request.actor, inspection_id, summary=summary, refused_to_sign=refused)
    except NotConcluded as refusal:
        return _show(request, get_inspection(request.actor, inspection_id), refusal)
    messages.success(
        request, say_text(request, Text("已作出结论，检查记录已签名出具。", "Concluded; the signed record is issued."))
    )
    return redirect("inspection", inspection_id)


@require_POST
@needs("inspection.conduct", "inspection.draw")
def keep_away(request: PortalRequest, inspection_id: int) -> HttpResponse:
    """An inspector declares a conflict of interest; the lot names another."""
    declare_conflict(request.actor, inspection_id, request.POST.get("why", ""))
    said = Text("已回避，改由抽签确定的其他检查员承担。", "You are excused; the lot named another inspector.")
    messages.success(request, say_text(request, said))
    return redirect("inspections")


@require_safe
@needs("record.read")
def show_record(request: PortalRequest, inspection_id: int) -> HttpResponse:
    """The signed record as PDF, with photographs and signatures, to both sides. Raises: InspectionNotYours."""
    inspection = get_inspection(request.actor, inspection_id)
    paper = find_paper(inspection.paper_code) if inspection.paper_code else None
    if paper is None:
        raise InspectionNotYours
    base_url = settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
    pdf = render_paper(paper, base_url)
    return answer_with_file(pdf, "application/pdf", f"{inspection.reference}.pdf", is_download=True)


@require_safe
@needs("record.read")
def show_file(request: PortalRequest, inspection_id: int, document_id: int) -> HttpResponse:
    """A photograph, signature or piece of evidence, to those who may see the inspection. Raises: DocumentNotFound."""
    inspection = get_inspection(request.actor, inspection_id)
    faults = [str(pk) for pk in inspection.faults.values_list("pk", flat=True)]
    subjects = Q(subject_kind="inspection", subject_id=str(inspection.pk))
    subjects |= Q(subject_kind="inspection_fault", subject_id__in=faults)
    document = Document.objects.filter(subjects, pk=document_id).first()
    if document is None:
        raise DocumentNotFound
    return answer_with_document(document)


@require_safe
@needs("record.read")
def show_fault(request: PortalRequest, fault_id: int) -> HttpResponse:
    """One finding by itself, where lists, reminders and the calendar lead. Raises: InspectionNotYours."""
    fault = get_fault(request.actor, fault_id)
    context = {
        "fault": _describe_fault(request, fault),
        "inspection": fault.inspection,
        "history": describe_history("inspection_fault", fault.pk),
    }
    return render(request, "openbeian/inspections/fault_page.html", context)


@require_POST
@needs("finding.write", "finding.decide")
def turn_fault(request: PortalRequest, fault_id: int) -> HttpResponse:
    """Does one verb of a finding's life, with its words and evidence. Raises: InspectionNotYours, PageMissing …"""
    fault = turn_by_form(request, fault_id)
    said = Text("已记录，现为「{state}」。", "Noted; it is now “{state}”.").format(state=FAULT_STATES[fault.state])
    messages.success(request, say_text(request, said))
    return (
        redirect("inspection_fault", fault.pk)
        if "alone" in request.POST
        else redirect("inspection", fault.inspection_id)
    )

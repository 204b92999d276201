"""检查 over the API: read only; what stands on each item, and what is to be put right by when."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema

from openbeian.entrypoints.api.shapes import REFUSALS, Page, PageQuery, Sentence, cut_page
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.supervision.inspections.queries import get_inspection, list_inspections_visible_to
from openbeian.supervision.inspections.telling import describe_inspection, describe_whole_inspection

router = Router(tags=["检查 inspections"])


class InspectionOut(Schema):
    """`chosen`: by lot, or ordered by an officer."""

    id: int
    reference: str
    title: str
    number: str
    state: str
    state_label: Sentence
    chosen: Literal["lot", "order"]
    inspectors: list[str]
    planned_on: date
    concluded_on: date | None
    closed_on: date | None
    findings: int
    open_findings: int


class PhotoOut(Schema):
    taken_at: str
    sha256: str
    doubt: str


class ItemOut(Schema):
    item: str
    title: Sentence
    rule: str | None
    answer: str | None
    answer_label: Sentence | None
    is_conflict: bool
    note: str
    photos: list[PhotoOut]


class InspectionFaultOut(Schema):
    id: int
    reference: str
    item: str
    title: Sentence
    note: str
    severity: str
    severity_label: Sentence
    state: str
    state_label: Sentence
    due_on: date
    due_is_provisional: bool
    limit_rule: str
    rule: str | None
    ground: Sentence
    next_step: Sentence


class WholeInspectionOut(InspectionOut):
    reason: str | None
    checklist: str
    summary: str
    refused_to_sign: str | None
    paper: str | None
    items: list[ItemOut]
    faults: list[InspectionFaultOut]


class Narrowed(Schema):
    state: Literal["", "planned", "under_way", "rectifying", "closed"] = ""


def _actor(request: HttpRequest) -> Actor:
    # Set by the token.
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor


@router.get("", response={200: Page[InspectionOut], **REFUSALS}, summary="检查 Inspections, newest first")
def list_inspections(request: HttpRequest, paging: PageQuery, narrowed: Query[Narrowed]) -> dict[str, Any]:
    check_permitted(_actor(request), "record.read")
    rows = list_inspections_visible_to(_actor(request)).prefetch_related("assignments", "faults").order_by("-pk")
    if narrowed.state:
        rows = rows.filter(state=narrowed.state)
    return cut_page(rows, paging, describe_inspection)


@router.get("/{inspection_id}", response={200: WholeInspectionOut, **REFUSALS}, summary="一次检查 One inspection")
def show_inspection(request: HttpRequest, inspection_id: Path[int]) -> dict[str, Any]:
    check_permitted(_actor(request), "record.read")
    return describe_whole_inspection(_actor(request), get_inspection(_actor(request), inspection_id))

"""外部信息比对: rows pasted or imported from a public look-up or register, compared with the record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.listing import PAGE_SIZES, read_listing
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text
from openbeian.registry.models import Service, Sponsor
from openbeian.registry.queries import list_services_visible_to, list_sponsors_visible_to
from openbeian.supervision.actions.compare_outside_rows import compare_outside_rows
from openbeian.supervision.decisions import Cell
from openbeian.supervision.models import OutsideRow
from openbeian.supervision.outside import LARGEST_BYTES, ComparedRow, compare_rows, read_file, read_pasted

CELLS: dict[str, tuple[Text, str, str]] = {
    Cell.SAME: (Text("一致", "Same"), "good", "circle-check"),
    Cell.DIFFERS: (Text("不一致", "Differs"), "bad", "circle-x"),
    Cell.CANNOT_TELL: (Text("无法比对", "Cannot tell"), "calm", "circle-question-mark"),
}
_CHUNK = 200


@needs("import.run")
def show_outside(request: PortalRequest) -> HttpResponseBase:
    """`?only=changed&size=&page=`; `?export=csv|xlsx` gives the same rows as a file."""
    refusal = None
    if request.method == "POST":
        try:
            return _take_in(request)
        except OpenBeianError as refused:
            refusal = refused.text
    listing = read_listing(request.GET, {"only": frozenset({"changed"})}, ("-told_at",))
    rows = OutsideRow.objects.filter(organisation_id=request.actor.organisation_id or 0)
    if listing.filters.get("only"):
        rows = rows.filter(changed_at__isnull=False)
    rows = rows.order_by("-told_at", "number")
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        head = ["number", "field", "record", "told", "answer", "before", "told_at"]
        return answer_with_sheet("outside", export, head, _cells(request, list(rows[: 100 * _CHUNK])))
    page = listing.paginate(rows)
    context = {
        "page": page,
        "rows": _compare(request, list(page.object_list)),
        "listing": listing,
        "sizes": PAGE_SIZES,
        "cells": CELLS,
        "refusal": refusal,
        "pasted": request.POST.get("rows", "")[:20_000],
    }
    return render(request, "openbeian/watch/outside.html", context, status=422 if refusal else 200)


def _take_in(request: PortalRequest) -> HttpResponse:
    file = request.FILES.get("file")
    told = read_file(file.read(LARGEST_BYTES + 1)) if file is not None else read_pasted(request.POST.get("rows", ""))
    counts = compare_outside_rows(request.actor, told)
    done = Text(
        "新增 {new} 行，有变化 {changed} 行，无变化 {same} 行。", "{new} new, {changed} changed, {same} as before."
    )
    messages.success(request, say_text(request, done.format(**counts)))
    return redirect("outside")


def _compare(request: PortalRequest, rows: list[OutsideRow]) -> list[ComparedRow]:
    numbers = [row.number for row in rows]
    services: dict[str, Service] = {
        s.number: s
        for s in list_services_visible_to(request.actor).filter(number__in=numbers).prefetch_related("domains")
    }
    sponsors: dict[str, Sponsor] = {
        s.number: s for s in list_sponsors_visible_to(request.actor).filter(number__in=numbers)
    }
    return compare_rows(rows, services, sponsors)


def _cells(request: PortalRequest, rows: list[OutsideRow]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), _CHUNK):
        for row in _compare(request, rows[start : start + _CHUNK]):
            for c in row.cells:
                word = say_text(request, CELLS[c.cell][0])
                yield [row.number, say_text(request, c.label), c.recorded, c.told, word, c.before, row.told_at.date()]

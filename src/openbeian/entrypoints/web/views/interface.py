"""对接: what was reported to administrations, what waits, what failed and why, and the files of both directions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from openbeian.authority.actions.request_exchange import request_exchange
from openbeian.authority.actions.retry_report import retry_report
from openbeian.authority.actions.take_out_report import take_out_report
from openbeian.authority.mapping.records import KINDS
from openbeian.authority.models import Batch, ReceivedFile, Report
from openbeian.authority.operating import MOVABLE, STATES, may_operate
from openbeian.authority.queries import (
    count_reports,
    find_own_provider,
    list_batches,
    list_connections,
    list_files,
    list_items,
    list_reports,
)
from openbeian.authority.resource_reports import is_standing
from openbeian.cases.actions.change_channel import change_channel
from openbeian.cases.queries import get_materials
from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.listing import PAGE_SIZES, read_listing
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text

_EXPORTS = {"csv", "xlsx"}
_BATCHES: dict[str, tuple[Text, str, str]] = {
    Batch.State.WAITING: (Text("待发送", "Waiting"), "calm", "clock"),
    Batch.State.ACCEPTED: (Text("已接收", "Accepted"), "good", "circle-check"),
    Batch.State.REFUSED: (Text("被拒收", "Refused"), "bad", "circle-x"),
}
_RECEIVED: dict[str, tuple[Text, str, str]] = {
    ReceivedFile.State.APPLIED: (Text("已处理", "Applied"), "good", "circle-check"),
    ReceivedFile.State.UNREADABLE: (Text("无法读取，未确认", "Unreadable, not acknowledged"), "bad", "triangle-alert"),
}


@require_safe
@needs("interface.read")
def show_reports(request: PortalRequest) -> HttpResponseBase:
    """`?q=&state=&kind=&size=&page=`; `?export=csv|xlsx` gives the same rows."""
    listing = read_listing(request.GET, {"state": frozenset(STATES), "kind": frozenset(KINDS)}, ("-pk",))
    reports = list_reports(request.actor)
    if "state" in listing.filters:
        reports = reports.filter(state=listing.filters["state"])
    if "kind" in listing.filters:
        reports = reports.filter(kind=listing.filters["kind"])
    if listing.words:
        reports = reports.filter(title__icontains=listing.words)
    export = request.GET.get("export")
    if export in _EXPORTS:
        return answer_with_sheet("reports", export, _report_head(request), _report_cells(request, reports))
    page = listing.paginate(reports)
    counts, papers = count_reports(request.actor), get_materials("filing")
    for report in page:
        # Ids on the row, labels on the page.
        report.left_out = [say_text(request, papers[m].label) if m in papers else m for m in report.left_out]
    context = {
        **frame(request.actor, "reports"),
        "page": page,
        "rows": [
            (report, KINDS[report.kind], STATES[report.state], report.state in MOVABLE, is_standing(report))
            for report in page
        ],
        "listing": listing,
        "sizes": PAGE_SIZES,
        "states": [(state, label, counts.get(state, 0)) for state, (label, _, _) in STATES.items()],
        "kinds": KINDS,
        "may_operate": may_operate(request.actor),
    }
    return render(request, "openbeian/interface/reports.html", context)


@require_safe
@needs("interface.read")
def show_files(request: PortalRequest) -> HttpResponseBase:
    """`?way=up|down&size=&page=`; `?export=csv|xlsx` gives the same rows."""
    listing = read_listing(request.GET, {"way": frozenset({"down"})}, ("-pk",))
    is_down = listing.filters.get("way") == "down"
    export = request.GET.get("export")
    if export in _EXPORTS:
        head, cells = _received_sheet(request) if is_down else _batch_sheet(request)
        return answer_with_sheet("files", export, head, cells)
    context = {**frame(request.actor, "files"), "listing": listing, "sizes": PAGE_SIZES, "is_down": is_down}
    if is_down:
        received = listing.paginate(list_files(request.actor))
        context |= {"page": received, "received": [(file, _RECEIVED[file.state]) for file in received]}
    else:
        batches = listing.paginate(list_batches(request.actor))
        context |= {"page": batches, "batches": [(b, KINDS[b.kind], _BATCHES[b.state]) for b in batches]}
    return render(request, "openbeian/interface/files.html", context)


@require_POST
@needs("interface.read")
def retry(request: PortalRequest, outgoing_id: int) -> HttpResponse:
    retry_report(request.actor, outgoing_id)
    messages.success(request, say_text(request, Text("已放回待发送。", "Put back to be sent.")))
    return redirect("interface")


@require_POST
@needs("interface.read")
def take_out(request: PortalRequest, outgoing_id: int) -> HttpResponse:
    report = take_out_report(request.actor, outgoing_id)
    said = Text("已撤出。", "Taken out.")
    if report.case_id is not None:
        said = Text(
            "已撤出；办件改走外部通道，请在办件中记录管局的决定。",
            "Taken out; the case goes by the outside channel. Record the administration's decision in the case.",
        )
    messages.success(request, say_text(request, said))
    return redirect("interface")


@require_POST
@needs("interface.read")
def exchange_now(request: PortalRequest, connection_id: int) -> HttpResponse:
    request_exchange(request.actor, connection_id)
    messages.success(
        request, say_text(request, Text("正在收发，稍后刷新看结果。", "Files are being exchanged; reload in a moment."))
    )
    return redirect("interface")


@require_POST
@needs("case.review")
def go_outside(request: PortalRequest, case_id: int) -> HttpResponse:
    """The way out that the review page offers beside what the interface cannot carry."""
    case = change_channel(request.actor, case_id)
    messages.success(
        request,
        say_text(
            request,
            Text(
                f"{case.reference} 改走外部通道。请在管局窗口或网上办理，并在此记录结果。",
                f"{case.reference} goes by the outside channel. Use the counter or portal and record the result here.",
            ),
        ),
    )
    return redirect("review", case_id=case.pk)


def frame(actor: Actor, here: str) -> dict[str, Any]:
    """What every page of 对接 shows on top: the connections with their troubles, and the tabs."""
    return {
        "here": here,
        "connections": list_connections(actor),
        "open_items": list_items(actor).filter(is_open=True).count(),
        "may_exchange": may_operate(actor),
        "may_manage": actor.may("interface.manage") and find_own_provider(actor) is not None,
    }


def _report_head(request: PortalRequest) -> list[str]:
    words = (
        Text("编号", "No."), Text("种类", "Kind"), Text("名称", "Title"), Text("办件", "Case"), Text("状态", "State"),
        Text("代码", "Code"), Text("说明", "Explanation"), Text("文件序号", "Sequence"), Text("生成时间", "Written"),
        Text("接收时间", "Accepted"),
    )  # fmt: skip
    return [say_text(request, word) for word in words]


def _report_cells(request: PortalRequest, reports: QuerySet[Report]) -> Iterator[list[Any]]:
    for report in reports.iterator(chunk_size=500):
        yield [
            report.pk,
            say_text(request, KINDS[report.kind]),
            report.title,
            report.case.reference if report.case else "",
            say_text(request, STATES[report.state][0]),
            report.result_code or "",
            say_text(request, Text(report.reason_zh, report.reason_en)),
            report.batch.sequence if report.batch else "",
            report.created_at.isoformat(),
            report.sent_at.isoformat() if report.sent_at else "",
        ]


def _batch_sheet(request: PortalRequest) -> tuple[list[str], Iterator[list[Any]]]:
    words = (
        Text("文件", "File"), Text("种类", "Kind"), Text("序号", "Sequence"), Text("记录数", "Records"),
        Text("状态", "State"), Text("代码", "Code"), Text("说明", "Explanation"), Text("生成时间", "Packed"),
    )  # fmt: skip
    cells = (
        [
            batch.file_name, say_text(request, KINDS[batch.kind]), batch.sequence or "", batch.records,
            say_text(request, _BATCHES[batch.state][0]), batch.result_code or "",
            say_text(request, Text(batch.reason_zh, batch.reason_en)), batch.created_at.isoformat(),
        ]
        for batch in list_batches(request.actor).iterator(chunk_size=500)
    )  # fmt: skip
    return [say_text(request, word) for word in words], cells


def _received_sheet(request: PortalRequest) -> tuple[list[str], Iterator[list[Any]]]:
    words = (
        Text("文件", "File"), Text("SHA-256", "SHA-256"), Text("状态", "State"), Text("内容", "Holds"),
        Text("说明", "Explanation"), Text("收到时间", "Received"), Text("确认时间", "Acknowledged"),
    )  # fmt: skip
    cells = (
        [
            file.name, file.digest, say_text(request, _RECEIVED[file.state][0]),
            "；".join(f"{name} {count}" for name, count in file.holds.items()),
            say_text(request, Text(file.reason_zh, file.reason_en)), file.received_at.isoformat(),
            file.acknowledged_at.isoformat() if file.acknowledged_at else "",
        ]
        for file in list_files(request.actor).iterator(chunk_size=500)
    )  # fmt: skip
    return [say_text(request, word) for word in words], cells

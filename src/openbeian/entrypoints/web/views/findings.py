"""问题: the list of everything to put right, the page of one of the watch with everything people do to it, its report on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from openbeian.accounts.models import Membership
from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.documents import answer_with_file
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.history import describe_history
from openbeian.entrypoints.web.listing import PAGE_SIZES, read_listing
from openbeian.entrypoints.web.rectification_view import make_rectify_lines
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.entrypoints.web.watch_view import make_finding_line
from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.supervision.actions.appeal_finding import appeal_finding
from openbeian.supervision.actions.ask_extension import ask_extension
from openbeian.supervision.actions.assign_finding import assign_finding
from openbeian.supervision.actions.close_finding import close_finding
from openbeian.supervision.actions.decide_petition import decide_petition
from openbeian.supervision.actions.report_fixed import report_fixed
from openbeian.supervision.actions.request_recheck import request_recheck
from openbeian.supervision.actions.start_finding import start_finding
from openbeian.supervision.decisions import PETITIONS, SEVERITIES, STATES, State, Verb, find_turn
from openbeian.supervision.errors import DayUnfit, OwnerUnfit
from openbeian.supervision.models import Petition
from openbeian.supervision.queries import get_finding
from openbeian.supervision.rectification import (
    ORDERS,
    SOURCES,
    Keyed,
    Wanted,
    list_to_rectify,
    load_rows,
)
from openbeian.supervision.report import describe_report, render_report

_CHUNK = 500
Act = Callable[[PortalRequest, int], Any]


@require_safe
@needs("record.read")
def list_findings(request: PortalRequest) -> HttpResponseBase:
    """`?q=&state=&severity=&source=&whose=&sort=&size=&page=`; `?export=csv|xlsx` gives the same rows as a file.

    Findings of the watch and of inspections in one list.
    """
    offered = {
        "state": frozenset(STATES) | {"all"},
        "severity": frozenset(SEVERITIES),
        "source": frozenset(SOURCES),
        "whose": frozenset({"mine"}),
    }
    listing = read_listing(request.GET, offered, tuple(ORDERS))
    chosen = listing.filters
    owner_id = request.actor.user_id if "whose" in chosen else None
    wanted = Wanted(
        chosen.get("state", ""), chosen.get("severity", ""), chosen.get("source", ""), listing.words, owner_id
    )
    keys = list_to_rectify(request.actor, wanted, listing.order)
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        return answer_with_sheet("findings", export, _head(request), _cells(request, keys))
    page = Paginator(keys, listing.size).get_page(listing.page)
    context = {
        "page": page,
        "lines": make_rectify_lines(request.actor, load_rows(page.object_list)),
        "listing": listing,
        "sizes": PAGE_SIZES,
        "states": STATES,
        "severities": SEVERITIES,
        "sources": SOURCES,
    }
    return render(request, "openbeian/findings/list.html", context)


@require_safe
@needs("record.read")
def show_finding(request: PortalRequest, finding_id: int) -> HttpResponse:
    finding = get_finding(request.actor, finding_id)
    actor = request.actor
    is_own = finding.organisation_id == actor.organisation_id and actor.may("finding.write")
    decides = actor.may("finding.decide")
    petition = Petition.objects.filter(finding=finding, decided_at__isnull=True).first()
    members = Membership.objects.filter(organisation_id=finding.organisation_id, is_active=True, user__is_active=True)
    context = {
        "finding": finding,
        "line": make_finding_line(finding),
        "is_own": is_own,
        "decides": decides,
        "open_verbs": {str(verb) for verb in Verb if find_turn(finding.state, verb)},
        "petition": petition,
        "petition_name": PETITIONS[petition.kind] if petition else None,
        "may_answer": decides and petition is not None and petition.asked_by_id != actor.user_id,
        "petitions": [
            (p, PETITIONS[p.kind]) for p in finding.petitions.filter(decided_at__isnull=False).order_by("-pk")
        ],
        "packs": list(finding.packs.order_by("pk")),
        "members": members.select_related("user").order_by("user__name") if is_own else [],
        "history": describe_history("finding", finding.pk),
        "is_late": finding.state != State.CLOSED and finding.due_on < clock.today(),
        "may_teach": decides or is_own,
    }
    return render(request, "openbeian/findings/detail.html", context)


@require_POST
@needs("finding.write", "finding.decide")
def act(request: PortalRequest, finding_id: int, deed: str) -> HttpResponse:
    """What a button of the page asks for; `deed` names it."""
    if deed not in _DEEDS:
        raise Http404
    does, done = _DEEDS[deed]
    does(request, finding_id)
    messages.success(request, say_text(request, done))
    return redirect("finding", finding_id=finding_id)


def _why(request: PortalRequest) -> str:
    return request.POST.get("why", "")


def _extend(request: PortalRequest, finding_id: int) -> None:
    finding = get_finding(request.actor, finding_id)
    try:
        until_on = date.fromisoformat(request.POST.get("until_on", ""))
    except ValueError:
        raise DayUnfit(due=finding.due_on.isoformat()) from None
    ask_extension(request.actor, finding_id, until_on, _why(request))


def _assign(request: PortalRequest, finding_id: int) -> None:
    person = request.POST.get("owner", "")
    if person and not (person.isascii() and person.isdecimal() and len(person) < 12):
        raise OwnerUnfit
    assign_finding(request.actor, finding_id, int(person) if person else None)


def _probe(request: PortalRequest, finding_id: int) -> None:
    request_recheck(request.actor, get_finding(request.actor, finding_id).site_id)


_DEEDS: dict[str, tuple[Act, Text]] = {
    "start": (
        lambda request, pk: start_finding(request.actor, pk),
        Text("已开始整改。", "Work has begun."),
    ),
    "fixed": (
        lambda request, pk: report_fixed(request.actor, pk),
        Text("已申请复查，稍后刷新查看结果。", "A re-check is queued; reload in a moment."),
    ),
    "extend": (_extend, Text("延期申请已提交，等待决定。", "The extension is asked for and awaits a decision.")),
    "appeal": (
        lambda request, pk: appeal_finding(request.actor, pk, _why(request)),
        Text("申诉已提交，等待决定。", "The appeal awaits a decision."),
    ),
    "grant": (
        lambda request, pk: decide_petition(request.actor, pk, _why(request), grants=True),
        Text("已同意。", "Granted."),
    ),
    "refuse": (
        lambda request, pk: decide_petition(request.actor, pk, _why(request), grants=False),
        Text("已答复：不同意。", "Refused."),
    ),
    "close": (
        lambda request, pk: close_finding(request.actor, pk, _why(request)),
        Text("已关闭。", "Closed."),
    ),
    "assign": (_assign, Text("负责人已更新。", "The person in charge is noted.")),
    "recheck": (_probe, Text("已排入任务，稍后刷新查看结果。", "Queued; reload in a moment to see the result.")),
}


@require_safe
@needs("record.read")
def show_report(request: PortalRequest, finding_id: int) -> HttpResponse:
    """The report as a page: read aloud, searched, and printed by the browser, as the PDF is."""
    finding = get_finding(request.actor, finding_id)
    return render(request, "openbeian/findings/report.html", {"finding": finding, "report": describe_report(finding)})


@require_safe
@needs("record.read")
def print_report(request: PortalRequest, finding_id: int) -> HttpResponse:
    finding = get_finding(request.actor, finding_id)
    base_url = settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
    report = render_report(finding, base_url)
    return answer_with_file(report, "application/pdf", f"{finding.reference}.pdf", is_download=True)


def _head(request: PortalRequest) -> list[str]:
    words = (
        Text("编号", "Reference"),
        Text("来源", "Found by"),
        Text("问题", "Fault"),
        Text("服务或被检查单位", "Service or inspected"),
        Text("域名或证号", "Domain or number"),
        Text("轻重", "Severity"),
        Text("状态", "State"),
        Text("下一步", "Next step"),
        Text("负责人", "In charge"),
        Text("期限", "Due"),
        Text("可能的罚款（元）", "Possible fine, yuan"),
        Text("依据", "Ground"),
        Text("确认时间", "Confirmed at"),
        Text("关闭时间", "Closed at"),
        Text("说明", "Detail"),
    )
    return [say_text(request, word) for word in words]


def _cells(request: PortalRequest, keys: QuerySet[Any, Keyed]) -> Iterator[list[Any]]:
    found = keys.iterator(chunk_size=_CHUNK)
    while chunk := list(islice(found, _CHUNK)):
        for line in make_rectify_lines(request.actor, load_rows(chunk)):
            yield [
                line.reference,
                say_text(request, line.source),
                say_text(request, line.title),
                line.about,
                line.where,
                say_text(request, line.severity.label),
                say_text(request, line.state.label),
                say_text(request, line.next_step),
                line.owner,
                line.due_on.isoformat(),
                line.fine,
                say_text(request, line.ground),
                _moment(line.opened_at),
                _moment(line.closed_at),
                say_text(request, line.detail),
            ]


def _moment(at: datetime | None) -> str:
    return at.astimezone(clock.CHINA).strftime("%Y-%m-%d %H:%M") if at else ""

"""办件: the list of cases — filtered in its address, exported as it stands, and acted on in bulk after a preview."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from openbeian.cases.actions.turn_case import turn_case
from openbeian.cases.decisions.turns import list_possible
from openbeian.cases.listing import MOST_IN_BULK, CaseFilter, list_cases
from openbeian.cases.models import Case
from openbeian.cases.queries import get_channels, get_procedure, get_sides, list_procedures
from openbeian.entrypoints.web.case_wording import StateView, say_text, say_who_acts, view_state
from openbeian.entrypoints.web.exports import FORMATS, MOST_ROWS, answer_with_table
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.views.errors import PageMissing
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text
from openbeian.registry.models import Provider
from openbeian.rules.procedures import Procedure, State

PAGE_SIZES = (20, 50, 100)
BULK_VERBS = ("withdraw", "abandon")

SORTS: dict[str, Text] = {
    "-saved": Text("最近更新", "Latest change"),
    "due": Text("期限最近", "Due first"),
    "-started": Text("最近开始", "Latest start"),
    "sponsor": Text("主体名称", "Sponsor"),
    "state": Text("状态", "State"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One case in the list."""

    case: Case
    procedure: Procedure
    state: StateView
    who_acts: Text | None


def make_rows(cases: Iterable[Case]) -> list[Row]:
    rows = []
    for case in cases:
        procedure = get_procedure(case.procedure)
        rows.append(Row(case, procedure, view_state(procedure, case.state), say_who_acts(case, procedure)))
    return rows


@needs("case.read")
@require_safe
def show_cases(request: PortalRequest) -> HttpResponse:
    wanted = CaseFilter.read(request.GET.dict())
    size = next((s for s in PAGE_SIZES if str(s) == request.GET.get("size")), PAGE_SIZES[0])
    cases = list_cases(request.actor, wanted)
    page = Paginator(cases, size).get_page(request.GET.get("page"))
    context = {
        "wanted": wanted,
        "page": page,
        "rows": make_rows(page.object_list),
        "sizes": PAGE_SIZES,
        "size": size,
        "sorts": SORTS,
        "procedures": list_procedures(),
        "states": list_all_states(),
        "providers": _list_providers(request),
        "is_filtered": any([wanted.search, wanted.state, wanted.procedure, wanted.standing, wanted.provider]),
        "bulk_verbs": [(v, _verb_label(v)) for v in BULK_VERBS] if request.actor.may("case.write") else [],
    }
    return render(request, "openbeian/cases/list.html", context)


def list_all_states() -> list[State]:
    """Every state some procedure has, once, in the order of the flows."""
    seen: dict[str, State] = {}
    for procedure in list_procedures():
        for state in procedure.list_states():
            seen.setdefault(state.id, state)
    return list(seen.values())


def _list_providers(request: PortalRequest) -> QuerySet[Provider]:
    seen = list_cases(request.actor, CaseFilter()).order_by().values("provider_id")
    return Provider.objects.filter(pk__in=seen).order_by("name")


def _verb_label(verb: str) -> Text:
    return next(p.flow.verbs[verb] for p in list_procedures() if verb in p.flow.verbs)


@needs("case.read")
@require_safe
def export_cases(request: PortalRequest, kind: str) -> HttpResponse:
    """The whole list as filtered and sorted, up to a bound. Raises: PageMissing for an unknown format."""
    if kind not in FORMATS:
        raise PageMissing
    cases = list_cases(request.actor, CaseFilter.read(request.GET.dict()))[:MOST_ROWS]
    header = [
        say_text(request, text)
        for text in (
            Text("办件号", "Reference"),
            Text("业务", "Procedure"),
            Text("主体", "Sponsor"),
            Text("服务", "Services"),
            Text("状态", "State"),
            Text("待谁处理", "Who acts next"),
            Text("期限", "Due"),
            Text("接入服务商", "Provider"),
            Text("更新时间", "Last change"),
        )
    ]
    rows = ([*_cells(request, row)] for row in make_rows(cases))
    return answer_with_table(f"cases-{clock.today()}", kind, header, rows)


def _cells(request: PortalRequest, row: Row) -> list[str]:
    case = row.case
    return [
        case.reference,
        say_text(request, row.procedure.label),
        case.title,
        case.service_names,
        say_text(request, row.state.label),
        say_text(request, row.who_acts) if row.who_acts else "",
        str(case.due_on or ""),
        case.provider.name if case.provider else "",
        f"{case.saved_at.astimezone(clock.CHINA):%Y-%m-%d %H:%M}",
    ]


@needs("case.write")
@require_POST
def turn_in_bulk(request: PortalRequest) -> HttpResponse:
    """First a preview of what the verb will and will not do; confirmed, the verb on each case by itself.

    Raises: PageMissing for a verb that is not offered in bulk.
    """
    verb = request.POST.get("verb", "")
    if verb not in BULK_VERBS:
        raise PageMissing
    cases = _chosen(request)
    if request.POST.get("confirmed") != "yes":
        return _preview(request, verb, cases)
    done, refused = 0, []
    for case in cases:
        try:
            turn_case(request.actor, case.pk, verb, revision=_seen_revision(request, case))
            done += 1
        except OpenBeianError as refusal:
            refused.append(f"{case.reference}：{say_text(request, refusal.text)}")
    places: dict[str, object] = {"verb": _verb_label(verb), "n": done}
    messages.success(request, say_text(request, Text("{verb}：{n} 笔已完成。", "{verb}: {n} done.").format(**places)))
    for sentence in refused[:20]:
        messages.warning(request, sentence)
    return redirect("cases")


def _chosen(request: PortalRequest) -> list[Case]:
    if request.POST.get("all") == "yes":
        given = {k[2:]: v for k, v in request.POST.dict().items() if k.startswith("f_")}
        return list(list_cases(request.actor, CaseFilter.read(given))[:MOST_IN_BULK])
    ids = [int(i) for i in request.POST.getlist("id")[:MOST_IN_BULK] if i.isdecimal() and len(i) < 12]
    return list(list_cases(request.actor, CaseFilter()).filter(pk__in=ids))


def _seen_revision(request: PortalRequest, case: Case) -> int | None:
    seen = request.POST.get(f"revision:{case.pk}", "")
    return int(seen) if seen.isdecimal() and len(seen) < 9 else None


def _list_verbs(actor: Actor, case: Case) -> set[str]:
    """What this side may do with the case. Who acted before is of no matter to the verbs offered in bulk, and
    asking it of each case would cost two queries."""
    possible = list_possible(get_procedure(case.procedure), case.state, get_sides(actor, case), get_channels(case))
    return {p.verb for p in possible}


def _preview(request: PortalRequest, verb: str, cases: list[Case]) -> HttpResponse:
    rows = make_rows(cases)
    can = {c.pk for c in cases if verb in _list_verbs(request.actor, c)}
    context: dict[str, Any] = {
        "verb": verb,
        "label": _verb_label(verb),
        "will": [r for r in rows if r.case.pk in can],
        "will_not": [r for r in rows if r.case.pk not in can],
        "most": MOST_IN_BULK,
    }
    return render(request, "openbeian/cases/bulk.html", context)

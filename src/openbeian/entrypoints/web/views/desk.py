"""审核台: the queue of first reviewers and officers, and the page on which one case is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render

from openbeian.authority.queries import list_questions
from openbeian.cases.actions.reveal_personal import reveal_personal
from openbeian.cases.carrying import get_carrier
from openbeian.cases.checking import check_case
from openbeian.cases.desk import find_next, list_queue, list_recent
from openbeian.cases.models import Case
from openbeian.cases.queries import get_case, get_procedure, get_reasons, list_possible_turns
from openbeian.cases.sheets import lay_out
from openbeian.entrypoints.web.case_turning import do_turn
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.rules.reasons import Reason, ReasonCatalogue

_PAGE = 30
_REVIEW = ("case.review", "case.decide")
# The order of the buttons: what moves a case on comes first.
_ORDER = (
    "take", "accept", "approve", "forward", "confirm", "resume", "grant", "inspect", "hold_hearing", "return",
    "fail_confirmation", "refuse_acceptance", "refuse", "release",
)  # fmt: skip
_KEYS = {"take": "t", "accept": "t", "approve": "a", "grant": "a", "return": "r", "refuse": "x"}


@needs(*_REVIEW)
def show_desk(request: PortalRequest) -> HttpResponse:
    """The queue by time left, and 最近."""
    tab = "recent" if request.GET.get("tab") == "recent" else "queue"
    cases = list_recent(request.actor) if tab == "recent" else list_queue(request.actor)
    text = request.GET.get("q", "").strip()[:60]
    if text:
        cases = cases.filter(title__icontains=text) | cases.filter(reference__icontains=text)
    page = Paginator(cases, _PAGE).get_page(request.GET.get("page"))
    rows = [(case, get_procedure(case.procedure)) for case in page]
    context = {
        "tab": tab,
        "page": page,
        "q": text,
        "rows": [(c, p, p.state(c.state)) for c, p in rows],
        "waiting": list_queue(request.actor).count(),
        "uploads": list_questions(request.actor).filter(state="waiting").count(),
    }
    return render(request, "openbeian/desk/queue.html", context)


@needs(*_REVIEW)
def show_review(request: PortalRequest, case_id: int) -> HttpResponse:
    """One case: old and new values side by side, each paper beside the fields it proves, the verbs below."""
    return render(request, "openbeian/desk/review.html", _review(request, get_case(request.actor, case_id)))


def _review(request: PortalRequest, case: Case) -> dict[str, Any]:
    procedure, catalogue = get_procedure(case.procedure), get_reasons(get_procedure(case.procedure).flow.id)
    sheet = lay_out(case)
    possible = {p.verb: p for p in list_possible_turns(request.actor, case)}
    usual = {code for paper in sheet.papers for code in paper.material.reasons}
    return {
        "case": case,
        "procedure": procedure,
        "state": procedure.state(case.state),
        "sheet": sheet,
        "turns": [
            {"verb": v, "label": procedure.flow.verbs[v], "possible": possible[v], "key": _KEYS.get(v, "")}
            for v in _ORDER
            if v in possible
        ],
        "reason_groups": _group_reasons(catalogue, usual),
        "advice": check_case(case),
        "obstacles": _list_obstacles(case, possible),
        "steps": [(s, _reasons(s.reasons, procedure.flow.id)) for s in case.steps.order_by("-pk")],
        "labels": procedure.flow.states,
        "confirmations": case.confirmations.filter(round=case.confirmation_round).order_by("pk"),
    }


def _list_obstacles(case: Case, possible: Mapping[str, Any]) -> Sequence[Fault] | None:
    """Why the interface could not carry the case that waits to be forwarded over it; None where it does not go there."""
    if case.channel != "interface" or "forward" not in possible:
        return None
    return get_carrier().list_obstacles(case)


def _group_reasons(catalogue: ReasonCatalogue, usual: set[str]) -> list[tuple[Text, list[Reason]]]:
    """The reasons that this case's papers usually lead to first, then the rest by group."""
    reasons = catalogue.reasons.values()
    groups = [(Text("本办件常见", "Usual for this case"), [r for r in reasons if r.code in usual])]
    groups += [
        (label, [r for r in reasons if r.group == group and r.code not in usual])
        for group, label in catalogue.groups.items()
    ]
    return [(label, members) for label, members in groups if members]


def _reasons(stored: list[dict[str, str]], flow_id: str) -> list[dict[str, Any]]:
    known = get_reasons(flow_id).reasons
    return [{**r, "reason": known.get(r["code"])} for r in stored]


@needs(*_REVIEW)
def turn(request: PortalRequest, case_id: int) -> HttpResponse:
    """Does the verb that was pressed, then opens the next case of the queue."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    verb = request.POST.get("verb", "")
    case = do_turn(request, get_case(request.actor, case_id), verb)
    procedure = get_procedure(case.procedure)
    done = procedure.flow.verbs[verb]
    state = procedure.state(case.state).label
    english = request.language == "en"
    messages.success(
        request,
        f"{case.reference}: {done.en} → {state.en}" if english else f"{case.reference} 已{done.zh}，现为「{state.zh}」",
    )
    if verb in {"take", "release"} or request.POST.get("stay"):
        return redirect("review", case_id=case.pk)
    following = find_next(request.actor, case)
    return redirect("review", case_id=following.pk) if following else redirect("desk")


@needs("personal.reveal")
def reveal(request: PortalRequest, case_id: int) -> HttpResponse:
    """One masked value in the clear; the journal says who asked."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    value = reveal_personal(request.actor, case_id, request.POST.get("path", "")[:120])
    return render(request, "openbeian/desk/revealed.html", {"value": value})

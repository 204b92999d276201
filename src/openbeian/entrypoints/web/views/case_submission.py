"""The last step: everything said at a glance, every fault at once, and one button."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from openbeian.cases.actions.submit_case import submit_case
from openbeian.cases.checking import check_case
from openbeian.cases.errors import CaseFrozen, CaseIncomplete, CaseMovedOn, CaseNotYours, TurnNotPossible
from openbeian.cases.models import Case
from openbeian.cases.queries import get_case, get_procedure, get_sides
from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.filing_form.sections import SUBMISSION, list_sections, list_stops, place_faults
from openbeian.entrypoints.web.filing_form.showing import FormView, Shown
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.policies import find_cycle_notice
from openbeian.entrypoints.web.views.case_papers import list_papers
from openbeian.kernel.errors import Fault, OpenBeianError
from openbeian.kernel.text import Text
from openbeian.registry.models import Provider


def summarise(case: Case) -> list[tuple[Any, list[Shown]]]:
    """The whole form by sections, closed to typing, personal data masked."""
    view = FormView(get_procedure(case.procedure), case.form, may_type=False, providers=Provider.objects.all())
    sections = [(s, view.show_section(s)) for s in list_sections(case)]
    return [(s, shown) for s, shown in sections if shown]


@needs("case.write")
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: PortalRequest, case_id: int) -> HttpResponse:
    """The summary; posting submits. A second press of the button is told what the first one did.

    Raises: CaseNotYours, CaseFrozen, OpenCaseExists.
    """
    case = get_case(request.actor, case_id)
    if "applicant" not in get_sides(request.actor, case):
        raise CaseNotYours
    state = get_procedure(case.procedure).state(case.state)
    if not state.is_editable:
        return _tell_where_it_stands(request, case)
    if request.method != "POST":
        return _show(request, case, check_case(case))
    revision = request.POST.get("revision", "")
    try:
        submitted = submit_case(
            request.actor, case.pk, revision=int(revision) if revision.isdecimal() and len(revision) < 9 else 0
        )
    except CaseIncomplete as refusal:
        return _show(request, case, [*refusal.faults, *(f for f in check_case(case) if not f.certain)], refusal)
    except (CaseMovedOn, TurnNotPossible) as refusal:
        current = get_case(request.actor, case.pk)
        if get_procedure(current.procedure).state(current.state).is_editable:
            return _show(request, current, check_case(current), refusal)
        return _tell_where_it_stands(request, current)
    messages.success(
        request,
        say_text(
            request,
            Text("已提交，办件号 {n}。", "Submitted. The reference is {n}.").format(n=submitted.reference),
        ),
    )
    return redirect("case", submitted.pk)


def _tell_where_it_stands(request: PortalRequest, case: Case) -> HttpResponse:
    state = get_procedure(case.procedure).state(case.state)
    if request.method != "POST" or case.submitted_at is None:
        raise CaseFrozen(state=state.label)
    messages.info(
        request,
        say_text(
            request,
            Text(
                "这笔办件已经提交过，现为「{state}」；没有重复提交。",
                "This case had already been submitted and is now “{state}”; nothing was submitted twice.",
            ).format(state=state.label),
        ),
    )
    return redirect("case", case.pk)


def _show(
    request: PortalRequest, case: Case, faults: list[Fault], refusal: OpenBeianError | None = None
) -> HttpResponse:
    procedure = get_procedure(case.procedure)
    placed = place_faults(case, faults)
    stops = list_stops(case, SUBMISSION, faults)
    context = {
        "case": case,
        "procedure": procedure,
        "section": next(s for s in list_sections(case) if s.id == SUBMISSION),
        "stops": stops,
        "previous": stops[-2],
        "faults": [p for p in placed if p.fault.certain],
        "advice": [p for p in placed if not p.fault.certain],
        "summary": summarise(case),
        "papers": list_papers(case),
        "may_reveal": request.actor.may("personal.reveal"),
        "refusal": refusal,
        "show_all": True,
        "cycle": find_cycle_notice(procedure, case.organisation_id),
    }
    return render(request, "openbeian/cases/submission.html", context, status=refusal.status if refusal else 200)

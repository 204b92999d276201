"""One case: how far it has come, who acts next and by when, what this person can do now, and what happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from openbeian.cases.actions.reveal_personal import reveal_personal
from openbeian.cases.decisions.turns import Possible
from openbeian.cases.errors import CaseMovedOn, TurnNotPossible
from openbeian.cases.limits import get_number
from openbeian.cases.models import Case, SmsConfirmation, Step
from openbeian.cases.queries import get_case, get_procedure, get_reasons, get_sides, list_possible_turns
from openbeian.entrypoints.web.case_turning import do_turn
from openbeian.entrypoints.web.case_wording import (
    find_ground,
    list_stage_views,
    say_text,
    say_who_acts,
    view_state,
)
from openbeian.entrypoints.web.filing_form.sections import Placed, place_faults
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.policies import find_cycle_notice
from openbeian.entrypoints.web.views.case_papers import list_papers
from openbeian.entrypoints.web.views.case_submission import summarise
from openbeian.journal.queries import list_history_of
from openbeian.kernel import clock
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.privacy.masking import mask_mobile, mask_name
from openbeian.rules.reasons import Reason

_DANGEROUS = frozenset({"withdraw", "abandon", "refuse", "refuse_acceptance", "fail_confirmation"})


@dataclass(frozen=True, slots=True)
class GivenReason:
    """Why a case came back, in words, with the way to the field it is about."""

    reason: Reason | None
    code: str
    note: str
    placed: Placed | None


@dataclass(frozen=True, slots=True)
class Turned:
    """One line of the 审核历史."""

    step: Step
    verb: Text
    to: Any
    reasons: list[GivenReason]


@dataclass(frozen=True, slots=True)
class Button:
    """A verb that this person can do now. Those with questions to ask open a dialog."""

    verb: str
    label: Text
    to: Text
    needs_reasons: bool
    records: bool
    is_dangerous: bool
    asks_numbers: bool
    asks_licence_number: bool


@needs("case.read")
@require_safe
def show_case(request: PortalRequest, case_id: int) -> HttpResponse:
    """Raises: CaseNotYours."""
    case = get_case(request.actor, case_id)
    procedure = get_procedure(case.procedure)
    state = procedure.state(case.state)
    steps = list(case.steps.select_related("evidence").order_by("-pk"))
    sides = get_sides(request.actor, case)
    is_applicant = case.organisation_id == request.actor.organisation_id
    turned = [_describe_step(case, s) for s in steps]
    context: dict[str, Any] = {
        "case": case,
        "procedure": procedure,
        "state": state,
        "view": view_state(procedure, case.state),
        "who_acts": say_who_acts(case, procedure),
        "ground": find_ground(state, clock.legal_day(case.entered_state_at), case.province),
        "stages": list_stage_views(case, procedure, steps),
        "can_edit": state.is_editable and "applicant" in sides,
        "is_applicant": is_applicant,
        "buttons": [_make_button(case, p) for p in list_possible_turns(request.actor, case) if p.verb != "submit"],
        "reasons": get_reasons(procedure.flow.id),
        "reason_fields": _list_reason_fields(case),
        "turned": turned,
        "returned": turned[0] if turned and turned[0].reasons and case.is_open else None,
        "summary": summarise(case),
        "papers": list_papers(case),
        "may_reveal": request.actor.may("personal.reveal"),
        "confirmations": _list_confirmations(case),
        "numbers": _list_numbers(case) if state.tone == "good" else [],
        "cycle": find_cycle_notice(procedure, case.organisation_id),
    }
    return render(request, "openbeian/cases/case.html", context)


def _make_button(case: Case, possible: Possible) -> Button:
    procedure = get_procedure(case.procedure)
    return Button(
        possible.verb,
        procedure.flow.verbs[possible.verb],
        procedure.state(possible.turn.to).label,
        possible.turn.needs_reasons,
        possible.records,
        possible.verb in _DANGEROUS,
        asks_numbers=possible.verb == "grant" and possible.records and _allots(case),
        asks_licence_number=possible.verb == "grant" and possible.records and _grants_licence(case),
    )


def _allots(case: Case) -> bool:
    return bool({"record_sponsor", "record_services"} & set(get_procedure(case.procedure).outcome))


def _grants_licence(case: Case) -> bool:
    return bool({"grant_licence", "record_number"} & set(get_procedure(case.procedure).outcome))


def _describe_step(case: Case, step: Step) -> Turned:
    procedure = get_procedure(case.procedure)
    known = get_reasons(procedure.flow.id).reasons
    given = []
    for entry in step.reasons:
        path, reason = str(entry.get("field") or ""), known.get(str(entry.get("code")))
        placed = None
        if path and reason:
            placed = place_faults(case, [Fault(path, reason.label, reason.fix, reason.code)])[0]
        given.append(GivenReason(reason, str(entry.get("code")), str(entry.get("note") or ""), placed))
    return Turned(step, procedure.flow.verbs[step.verb], view_state(procedure, step.to_state), given)


def _list_reason_fields(case: Case) -> list[tuple[str, Text]]:
    """The fields that a reason may point at: those this procedure asks for, by their section's leaves."""
    fields = []
    for section, shown in summarise(case):
        for one in shown:
            fields += [
                (
                    leaf.path,
                    Text(f"{section.label.zh} · {leaf.field.label.zh}", f"{section.label.en} · {leaf.field.label.en}"),
                )
                for leaf in one.walk()
                if leaf.field.type not in {"group", "list", "promise"}
            ]
    return fields


def _list_confirmations(case: Case) -> list[dict[str, Any]]:
    """Who has confirmed in the latest round; mobiles masked."""
    if not case.confirmation_round:
        return []
    allowed = get_number("filing.sms.wrong_codes_allowed", clock.today(), case.province)
    now = clock.now()
    tones = {"waiting": "warn", "confirmed": "good", "expired": "bad", "failed": "bad"}
    labels = {
        "waiting": Text("等待核验中", "Waiting"),
        "confirmed": Text("核验完成", "Confirmed"),
        "expired": Text("核验超时", "Out of time"),
        "failed": Text("核验失败", "Failed"),
    }
    return [
        {
            "person": mask_name(c.person_name),
            "mobile": mask_mobile(c.mobile),
            "label": labels[c.state],
            "tone": tones[c.state],
            "is_waiting": c.state == SmsConfirmation.State.WAITING,
            "expires_at": c.expires_at,
            "hours_left": max(0, int((c.expires_at - now).total_seconds() // 3600)),
            "tries_left": max(0, allowed - c.wrong_codes),
            "confirmed_at": c.confirmed_at,
        }
        for c in case.confirmations.filter(round=case.confirmation_round).order_by("pk")
    ]


def _list_numbers(case: Case) -> list[str]:
    """The numbers that this case's grant brought, as the journal holds them."""
    entry = list_history_of("case", case.pk).filter(event__in=("case.granted", "case.deemed_granted")).first()
    return [str(n) for n in (entry.after or {}).get("numbers", [])] if entry else []


@needs("case.write", "case.review", "case.decide")
@require_POST
def turn(request: PortalRequest, case_id: int, verb: str) -> HttpResponse:
    """Does one verb. A second click finds the case moved on and is told what the first one did.

    Raises: CaseNotYours, PageMissing, SecondPersonNeeded, ReasonsMissing, EvidenceMissing, UploadRefused, and the
    refusals of a grant; then neither evidence nor anything else is kept.
    """
    try:
        turned = do_turn(request, get_case(request.actor, case_id), verb)
    except (CaseMovedOn, TurnNotPossible):
        return _tell_what_happened(request, case_id)
    procedure = get_procedure(turned.procedure)
    said = Text("{verb}：现为「{state}」。", "{verb}: now “{state}”.").format(
        verb=procedure.flow.verbs[verb], state=procedure.state(turned.state).label
    )
    messages.success(request, say_text(request, said))
    return redirect("case", turned.pk)


def _tell_what_happened(request: PortalRequest, case_id: int) -> HttpResponse:
    case = get_case(request.actor, case_id)
    procedure = get_procedure(case.procedure)
    last = case.steps.order_by("-pk").first()
    state = procedure.state(case.state).label
    if last is None:
        said = Text(
            "办件在别处已更新，现为「{state}」。请看过后再操作。",
            "The case changed elsewhere and is now “{state}”. Look again first.",
        )
        said = said.format(state=state)
    else:
        said = Text(
            "这一步没有执行：{at} {who}已「{verb}」，现为「{state}」。",
            "Nothing was done: at {at} {who} did “{verb}”, and the case is now “{state}”.",
        ).format(
            at=f"{last.at.astimezone(clock.CHINA):%m-%d %H:%M}",
            who=last.actor_name,
            verb=procedure.flow.verbs[last.verb],
            state=state,
        )
    messages.warning(request, say_text(request, said))
    return redirect("case", case_id)


@needs("personal.reveal")
@require_POST
def reveal(request: PortalRequest, case_id: int) -> HttpResponse:
    """One personal value in the clear, as a fragment; that it was looked at is journalled. Raises: CaseNotYours."""
    path = request.POST.get("path", "")[:200]
    value = reveal_personal(request.actor, case_id, path)
    return render(request, "openbeian/cases/revealed.html", {"value": value})

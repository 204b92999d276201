"""How a case's state reads on a page: a word, a colour and an icon; who is waited for; how far it has come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest

from openbeian.cases.decisions.turns import compute_acting
from openbeian.cases.limits import get_rule
from openbeian.cases.models import Case, Step
from openbeian.cases.queries import get_channels
from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.rules.deadlines import compute_deadline
from openbeian.rules.explanation import say_value
from openbeian.rules.procedures import Procedure, State
from openbeian.rules.rulebook import current_rulebook

_ICONS = {"good": "circle-check", "warn": "triangle-alert", "bad": "circle-x", "info": "clock", "calm": "circle"}
SIDES: dict[str, Text] = {
    "applicant": Text("申请人", "the applicant"),
    "provider": Text("接入服务商（初审）", "the provider (first review)"),
    "administration": Text("通信管理局", "the administration"),
    "system": Text("系统", "the program"),
}


def say_text(request: HttpRequest, text: Text) -> str:
    """A sentence in the reader's language."""
    return text("en" if getattr(request, "language", "zh") == "en" else "zh")


@dataclass(frozen=True, slots=True)
class StateView:
    label: Text
    tone: str

    @property
    def icon(self) -> str:
        return _ICONS[self.tone]


def view_state(procedure: Procedure, state_id: str) -> StateView:
    """The state's own tone; else: someone else's turn is calm news, an applicant's turn asks for something."""
    state = procedure.state(state_id)
    if state.tone:
        tone = state.tone
    elif state.is_closed or state_id == procedure.flow.initial:
        tone = "calm"
    else:
        tone = "warn" if state.waits_for == "applicant" else "info"
    return StateView(state.label, tone)


def say_who_acts(case: Case, procedure: Procedure) -> Text | None:
    """Who must act next; None for a closed case. On the outside channel somebody here records what happens there."""
    state = procedure.state(case.state)
    if state.waits_for is None:
        return None
    if case.state == "awaiting_sms":
        return Text("所列负责人（短信核验）", "the persons named (SMS confirmation)")
    acting = compute_acting(state.waits_for, case.state, get_channels(case))
    if acting.records:
        return Text(
            "{side}在外部平台办理，由{recorder}记录结果", "{side}, on an outside portal; {recorder} records the result"
        ).format(side=SIDES[state.waits_for], recorder=SIDES[acting.side])
    return SIDES[acting.side]


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a day is the last day: the rule's title, what it says, and its source."""

    title: Text
    value: Text
    citation: Text
    rule: str


def find_ground(state: State, on: date, province: str) -> Ground | None:
    """The rule behind a state's limit; None for a state without one."""
    if not state.limit:
        return None
    resolution = get_rule(state.limit, on, province)
    version = resolution.version
    return Ground(resolution.rule.title, say_value(version, current_rulebook()), version.citation, state.limit)


@dataclass(frozen=True, slots=True)
class StageView:
    """A stop on the stage line: when it was reached, or by when it may be expected, and how long that takes."""

    label: Text
    is_done: bool
    is_current: bool
    tone: str
    reached_at: datetime | None
    expected_on: date | None
    takes: Text | None


def list_stage_views(case: Case, procedure: Procedure, steps: Iterable[Step]) -> list[StageView]:
    """The stages of this case. Expected days are counted one after another from today by the limits in force;
    a stage without a limit adds nothing, so the last of them says "not before the others", not a promise."""
    present = {s.id for s in procedure.list_states()}
    stages = [s for s in procedure.flow.stages if present & set(s.states)]
    current = next((i for i, s in enumerate(stages) if case.state in s.states), None)
    reached = {step.to_state: step.at for step in sorted(steps, key=lambda s: s.at)}
    reached.setdefault(procedure.flow.initial, case.created_at)
    if current is None:
        # Withdrawn, abandoned or lapsed: the line shows how far the case had come.
        current = max((i for i, s in enumerate(stages) if reached.keys() & set(s.states)), default=0)
    views, expected = [], case.due_on or clock.today()
    for i, stage in enumerate(stages):
        times = [reached[s] for s in stage.states if s in reached]
        takes, is_later = None, i > current and case.is_open
        if is_later:
            ground, expected = _expect(procedure, stage.states, expected, case.province)
            takes = ground.value if ground else None
        is_last = i == len(stages) - 1
        views.append(
            StageView(
                stage.label,
                is_done=i < current or (is_last and i == current and procedure.state(case.state).tone == "good"),
                is_current=i == current,
                tone=view_state(procedure, case.state).tone if i == current else "",
                reached_at=max(times) if times and i <= current else None,
                expected_on=expected if is_later and (takes or is_last) else None,
                takes=takes,
            )
        )
    return views


def _expect(procedure: Procedure, states: Iterable[str], start: date, province: str) -> tuple[Ground | None, date]:
    for state_id in states:
        state = procedure.state(state_id)
        if (state.limit and state.waits_for != "applicant") or (state.limit and state_id == "awaiting_sms"):
            ground = find_ground(state, clock.today(), province)
            due = compute_deadline(state.limit, start, as_of=clock.today(), province=province or None).due_on
            return ground, due
    return None, start

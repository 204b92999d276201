"""The one place where a case's state changes: load and lock, check the verb, write step, state and journal entry.

Every action of this package that moves a case goes through `begin` and `finish`, inside one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from openbeian.cases.decisions.turns import Possible
from openbeian.cases.errors import (
    CaseMovedOn,
    EvidenceMissing,
    ReasonsMissing,
    SecondPersonNeeded,
    TurnNotPossible,
)
from openbeian.cases.events import OF_VERB
from openbeian.cases.limits import compute_due
from openbeian.cases.models import Case, Step
from openbeian.cases.queries import get_case, get_procedure, get_reasons, get_sides, list_possible_turns
from openbeian.documents.models import Document
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.rules.procedures import Procedure, State

Reasons = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Turning:
    """A case under lock, and the verb that is being done to it."""

    case: Case
    procedure: Procedure
    possible: Possible
    actor: Actor
    role: str


def lock_case(actor: Actor, case_id: int, revision: int | None) -> Case:
    """The case, locked; a stale revision is refused so that two tabs cannot both act.

    Raises: CaseNotYours, CaseMovedOn.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a case is locked inside a transaction")
    case = get_case(actor, case_id, lock=True)
    if revision is not None and revision != case.revision:
        raise CaseMovedOn(state=get_procedure(case.procedure).state(case.state).label)
    return case


def begin(actor: Actor, case_id: int, verb: str, revision: int | None) -> Turning:
    """Locks the case and checks that this actor may do this verb now.

    Raises: CaseNotYours, CaseMovedOn, SecondPersonNeeded, TurnNotPossible.
    """
    case = lock_case(actor, case_id, revision)
    procedure = get_procedure(case.procedure)
    for possible in list_possible_turns(actor, case):
        if possible.verb == verb:
            return Turning(case, procedure, possible, actor, next(iter(sorted(get_sides(actor, case)))))
    turn = procedure.find_turn(case.state, verb)
    if turn is not None and turn.other_than and turn.by in get_sides(actor, case):
        raise SecondPersonNeeded
    raise TurnNotPossible(state=procedure.state(case.state).label, verb=procedure.flow.verbs.get(verb, verb))


def check_reasons(reasons: Reasons, *, needed: bool, flow_id: str = "filing") -> list[dict[str, str]]:
    """Reasons in stored form. Raises: ReasonsMissing for none, an unknown code, or “other” without words."""
    known = get_reasons(flow_id).reasons
    checked = []
    for reason in reasons:
        code, note = str(reason.get("code", "")), str(reason.get("note", "")).strip()[:500]
        if code not in known or (code == "other" and not note):
            raise ReasonsMissing
        checked.append({"code": code, "field": str(reason.get("field", ""))[:120], "note": note})
    if needed and not checked:
        raise ReasonsMissing
    return checked


def finish(
    turning: Turning,
    *,
    reasons: Reasons = (),
    note: str = "",
    evidence: Document | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Moves the case, writes its step and the journal entry. Nothing is written unless all of it is.

    Raises: ReasonsMissing, EvidenceMissing.
    """
    turn, case = turning.possible.turn, turning.case
    checked = check_reasons(reasons, needed=turn.needs_reasons, flow_id=turning.procedure.flow.id)
    if turning.possible.records and evidence is None:
        raise EvidenceMissing
    old_state, now = case.state, clock.now()
    state = turning.procedure.state(turn.to)
    if turning.procedure.state(old_state).stops_clock:
        case.stopped_days += (clock.today() - clock.legal_day(case.entered_state_at)).days
    case.state, case.is_open, case.revision = state.id, not state.is_closed, case.revision + 1
    case.entered_state_at = case.saved_at = now
    case.closed_at = now if state.is_closed else None
    case.due_on, case.due_is_provisional = compute_due(state, _find_anchor(case, state), case.province)
    case.save()
    Step.objects.create(
        case=case,
        verb=turning.possible.verb,
        from_state=old_state,
        to_state=state.id,
        at=now,
        actor_id=turning.actor.user_id,
        actor_name=turning.actor.name,
        actor_role=turning.role,
        reasons=checked,
        note=note.strip()[:500],
        evidence=evidence,
    )
    record_event(
        OF_VERB[turning.possible.verb],
        turning.actor,
        ("case", case.pk),
        concerns=concerned(case),
        before={"state": old_state},
        after={"state": state.id, **({"reasons": checked} if checked else {}), **(after or {})},
    )


def _find_anchor(case: Case, state: State) -> date:
    """From which day the limit of the state just entered runs.

    Source: Licensing Law art. 45: the days of inspections and hearings are not counted.
    """
    if not state.counts_from_receipt or case.submitted_at is None:
        return clock.today()
    return clock.legal_day(case.submitted_at) + timedelta(days=case.stopped_days)


def concerned(case: Case) -> list[int | None]:
    """The organisations that may read what happens to a case."""
    return [
        case.organisation_id,
        case.provider.organisation_id if case.provider and case.submitted_at else None,
        case.administration_id if case.forwarded_at else None,
    ]

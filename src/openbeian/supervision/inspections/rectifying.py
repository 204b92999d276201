"""The life of an inspection's finding: the states and verbs are those of every finding, see supervision/decisions.py."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from openbeian.documents.actions.keep_documents import keep_documents
from openbeian.documents.actions.store_document import store_document
from openbeian.documents.models import Document
from openbeian.journal.actions.record_event import record_event
from openbeian.journal.events import Event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.supervision.decisions import STATES, ClosedHow, State, Verb, find_turn
from openbeian.supervision.errors import TurnNotOpen
from openbeian.supervision.inspections.conducting import concerned
from openbeian.supervision.inspections.decisions import State as InspectionState
from openbeian.supervision.inspections.errors import InspectionNotYours
from openbeian.supervision.inspections.events import InspectionClosed
from openbeian.supervision.inspections.models import Fault, FaultPetition, FaultStep
from openbeian.supervision.inspections.pictures import EVIDENCE_LIMITS
from openbeian.supervision.inspections.queries import get_fault, has_open_faults

WRITE, DECIDE = "finding.write", "finding.decide"
MOST_FILES = 10
Files = Iterable[tuple[str, bytes]]


def lock_own(actor: Actor, fault_id: int) -> Fault:
    """A finding about the actor's own organisation. Raises: NotPermitted, InspectionNotYours."""
    check_permitted(actor, WRITE)
    fault = get_fault(actor, fault_id, lock=True)
    if fault.organisation_id != actor.organisation_id:
        raise InspectionNotYours
    return fault


def lock_to_decide(actor: Actor, fault_id: int) -> Fault:
    """A finding of an inspection of the actor's administration. Raises: NotPermitted, InspectionNotYours."""
    check_permitted(actor, DECIDE)
    fault = get_fault(actor, fault_id, lock=True)
    if fault.inspection.administration_id != actor.organisation_id:
        raise InspectionNotYours
    return fault


def find_target(fault: Fault, verb: Verb) -> State:
    """Where the verb leads from here. Raises: TurnNotOpen."""
    target = find_turn(fault.state, verb)
    if target is None:
        raise TurnNotOpen(state=STATES[fault.state])
    return target


def petition(actor: Actor, fault: Fault, kind: str, why: str, until_on: date | None) -> None:
    """Writes down what is asked for."""
    FaultPetition.objects.create(
        fault=fault,
        kind=kind,
        why=why,
        until_on=until_on,
        asked_by_id=actor.user_id,
        asked_by_name=actor.name,
        asked_at=clock.now(),
    )


def move(
    actor: Actor,
    fault: Fault,
    event: Event,
    target: State,
    note: str,
    *,
    verb: str,
    files: Files = (),
    how: ClosedHow = ClosedHow.RECOVERED,
    until_on: date | None = None,
) -> None:
    """Writes the new state, the step with its evidence, and the journal entry; ends the inspection with its last
    finding. Call it in the transaction that locked the finding.

    Raises: UploadRefused.
    """
    before, fault.state = fault.state, target
    if target == State.CLOSED:
        fault.closed_at, fault.closed_note = clock.now(), note
        fault.closed_how = how
    fault.save()
    step = FaultStep.objects.create(
        fault=fault, verb=verb, to_state=target, note=note, actor_name=actor.name, at=clock.now()
    )
    evidence = _store(actor, fault, files)
    step.evidence.set(evidence)
    told = {"state": target, "item": fault.item, "due_on": fault.due_on.isoformat(), "why": note}
    told |= {"until_on": until_on.isoformat()} if until_on else {}
    told |= {"evidence": ",".join(d.sha256 for d in evidence)} if evidence else {}
    record_event(
        event,
        actor,
        ("inspection_fault", fault.pk),
        concerns=concerned(fault.inspection),
        before={"state": before},
        after=told,
    )
    _close_inspection(actor, fault)


def _store(actor: Actor, fault: Fault, files: Files) -> list[Document]:
    """Evidence is kept for good from the moment it is handed in: the other side relies on it."""
    subject = ("inspection_fault", fault.pk)
    stored = [
        store_document(
            actor,
            subject,
            material="inspection_evidence",
            name=name,
            content=content,
            limits=EVIDENCE_LIMITS,
            concerns=concerned(fault.inspection),
        )
        for _, (name, content) in zip(range(MOST_FILES), files, strict=False)
    ]
    if stored:
        keep_documents(actor, subject, concerns=concerned(fault.inspection))
    return stored


def _close_inspection(actor: Actor, fault: Fault) -> None:
    inspection = fault.inspection
    if fault.state != State.CLOSED or has_open_faults(inspection):
        return
    inspection.state, inspection.closed_at = InspectionState.CLOSED, clock.now()
    inspection.save(update_fields=["state", "closed_at"])
    record_event(
        InspectionClosed,
        actor,
        ("inspection", inspection.pk),
        concerns=concerned(inspection),
        after={"state": inspection.state},
    )

"""Concludes an inspection: what is not in order becomes a finding with a due day, and the signed record is issued."""

from __future__ import annotations

from django.db import transaction

from openbeian.documents.actions.issue_paper import issue_paper
from openbeian.documents.actions.keep_documents import keep_documents
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.rules.deadlines import compute_deadline
from openbeian.supervision.inspections.checklist import find_citation
from openbeian.supervision.inspections.concluding import describe_record, list_missing
from openbeian.supervision.inspections.conducting import concerned, lock_to_conduct
from openbeian.supervision.inspections.decisions import State
from openbeian.supervision.inspections.errors import InspectionOver, NotConcluded
from openbeian.supervision.inspections.events import FaultOpened, InspectionConcluded
from openbeian.supervision.inspections.models import Fault, Inspection
from openbeian.supervision.inspections.queries import Line, list_lines


def conclude_inspection(
    actor: Actor, inspection_id: int, *, summary: str = "", refused_to_sign: str = ""
) -> Inspection:
    """Needs an answer for every item, no contradictions, and the signatures, or why the inspected did not sign.

    Raises: NotPermitted, InspectionNotYours, InspectionOver, NotConcluded with everything that is missing.
    """
    summary, refused = " ".join(summary.split())[:1000], " ".join(refused_to_sign.split())[:300]
    with transaction.atomic():
        inspection = lock_to_conduct(actor, inspection_id).row
        if inspection.state not in {State.PLANNED, State.UNDER_WAY}:
            raise InspectionOver
        missing = list_missing(inspection, refused_to_sign=refused)
        if missing:
            raise NotConcluded(faults=missing)
        inspection.summary, inspection.refused_to_sign = summary, refused
        inspection.concluded_at, inspection.concluded_by_name = clock.now(), actor.name
        faults = [_open(inspection, line) for line in list_lines(inspection) if line.answer == "not_met"]
        inspection.state = State.RECTIFYING if faults else State.CLOSED
        inspection.closed_at = None if faults else inspection.concluded_at
        keep_documents(actor, ("inspection", inspection.pk), concerns=concerned(inspection))
        paper = issue_paper(
            actor,
            "inspection_record",
            ("inspection", inspection.pk),
            describe_record(inspection, faults),
            organisation_id=inspection.organisation_id,
            concerns=concerned(inspection),
        )
        inspection.paper_code = paper.code
        inspection.save()
        record_event(
            InspectionConcluded,
            actor,
            ("inspection", inspection.pk),
            concerns=concerned(inspection),
            after={
                "state": inspection.state,
                "paper": paper.code,
                "faults": [{"item": f.item, "due_on": f.due_on.isoformat()} for f in faults],
            },
        )
        for fault in faults:
            record_event(
                FaultOpened,
                actor,
                ("inspection_fault", fault.pk),
                concerns=concerned(inspection),
                after={"state": fault.state, "item": fault.item, "due_on": fault.due_on.isoformat()},
            )
    return inspection


def _open(inspection: Inspection, line: Line) -> Fault:
    due = compute_deadline(line.item.limit, clock.today(), province=inspection.province or None)
    citation = find_citation(line.item)
    return Fault.objects.create(
        inspection=inspection,
        organisation_id=inspection.organisation_id,
        item=line.item.id,
        note=line.note,
        severity=line.item.severity,
        rule=line.item.rule,
        citation_zh=citation.zh[:300],
        citation_en=citation.en[:300],
        limit_rule=line.item.limit,
        due_on=due.due_on,
        due_is_provisional=due.provisional,
        opened_at=clock.now(),
    )

"""An inspection and its findings as plain values, for the API and the command line: words in both languages, days as text."""

from __future__ import annotations

from typing import Any

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text
from openbeian.supervision.decisions import SEVERITIES, find_next_step
from openbeian.supervision.decisions import STATES as FAULT_STATES
from openbeian.supervision.inspections.checklist import name_item
from openbeian.supervision.inspections.decisions import ANSWERS, STATES
from openbeian.supervision.inspections.models import Fault, Inspection
from openbeian.supervision.inspections.queries import list_lines


def describe_inspection(inspection: Inspection) -> dict[str, Any]:
    """One line of a list. `chosen` is lot or order; days are of China, instants with their zone."""
    return {
        "id": inspection.pk,
        "reference": inspection.reference,
        "title": inspection.title,
        "number": inspection.number,
        "state": inspection.state,
        "state_label": STATES[inspection.state].as_json(),
        "chosen": "order" if inspection.is_ordered else "lot",
        "inspectors": [a.name for a in sorted(inspection.assignments.all(), key=lambda a: a.place)],
        "planned_on": clock.legal_day(inspection.planned_at).isoformat(),
        "concluded_on": clock.legal_day(inspection.concluded_at).isoformat() if inspection.concluded_at else None,
        "closed_on": clock.legal_day(inspection.closed_at).isoformat() if inspection.closed_at else None,
        "findings": len(faults := list(inspection.faults.all())),
        "open_findings": sum(1 for fault in faults if fault.state != "closed"),
    }


def describe_whole_inspection(actor: Actor, inspection: Inspection) -> dict[str, Any]:
    """The same with what stands on each item and every finding. An item unanswered or contradictory has no answer."""
    lines = [
        {
            "item": line.item.id,
            "title": line.item.title.as_json(),
            "rule": line.item.rule or None,
            "answer": line.answer or None,
            "answer_label": ANSWERS[line.answer].as_json() if line.answer else None,
            "is_conflict": line.is_conflict,
            "note": line.note,
            "photos": [{"taken_at": p.taken_at.isoformat(), "sha256": p.sha256, "doubt": p.doubt} for p in line.photos],
        }
        for line in list_lines(inspection)
    ]
    return {
        **describe_inspection(inspection),
        "reason": inspection.draw.reason or None,
        "checklist": inspection.checklist_version,
        "summary": inspection.summary,
        "refused_to_sign": inspection.refused_to_sign or None,
        "paper": inspection.paper_code or None,
        "items": lines,
        "faults": [describe_fault(actor, fault) for fault in inspection.faults.all()],
    }


def describe_fault(actor: Actor, fault: Fault) -> dict[str, Any]:
    """One finding with what comes next for this reader."""
    is_own = fault.organisation_id == actor.organisation_id
    return {
        "id": fault.pk,
        "reference": fault.reference,
        "item": fault.item,
        "title": name_item(fault.item).as_json(),
        "note": fault.note,
        "severity": fault.severity,
        "severity_label": SEVERITIES[fault.severity].as_json(),
        "state": fault.state,
        "state_label": FAULT_STATES[fault.state].as_json(),
        "due_on": fault.due_on.isoformat(),
        "due_is_provisional": fault.due_is_provisional,
        "limit_rule": fault.limit_rule,
        "rule": fault.rule or None,
        "ground": Text(fault.citation_zh, fault.citation_en).as_json(),
        "next_step": find_next_step(fault.state, is_own=is_own).as_json(),
    }

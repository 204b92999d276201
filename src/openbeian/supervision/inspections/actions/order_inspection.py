"""Orders an inspection of one named holder or sponsor, with the reason, beside the random draw."""

from __future__ import annotations

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.supervision.inspections.checklist import get_sampling
from openbeian.supervision.inspections.decisions import Candidate
from openbeian.supervision.inspections.drawing import find_by_number, find_open_inspection
from openbeian.supervision.inspections.errors import OrderUnfit, fault
from openbeian.supervision.inspections.events import InspectionOrdered
from openbeian.supervision.inspections.models import Inspection
from openbeian.supervision.inspections.planning import ORDERED, check_may_plan, plan_inspections, read_seed

REASON_LENGTH = (5, 500)


def order_inspection(actor: Actor, number: str, reason: str, seed: str = "") -> Inspection:
    """`number` is a licence number or a filing number of the actor's area. The inspected read the reason.

    Who goes is still drawn by lot, with a recorded seed, so that an order cannot name the inspectors too.

    Raises: NotPermitted, OrderUnfit with every fault by field, InspectorsMissing.
    """
    check_may_plan(actor)
    number, reason = "".join(number.split())[:60], " ".join(reason.split())
    seed, faults = read_seed(seed)
    faults += _check_reason(reason)
    with transaction.atomic():
        one = find_by_number(actor, number)
        if one is None:
            message = Text("本辖区没有这个号码的有效记录。", "No live record of this area has this number.")
            fix = Text("请填许可证号或备案号，如 京B2-20260001。", "Give a licence or filing number, as 京B2-20260001.")
            faults.append(fault("number", "number", message, fix, number))
        elif (open_one := find_open_inspection(actor, one)) is not None:
            message = Text(f"已有未办结的检查 {open_one.reference}。", f"{open_one.reference} is still open.")
            fix = Text("请先办结那一次，或换一个单位。", "Close that one first, or name somebody else.")
            faults.append(fault("number", "inspection_open", message, fix, number))
        if faults or one is None:
            raise OrderUnfit(faults=faults)
        held, (inspection,) = plan_inspections(
            actor, get_sampling(), ORDERED, seed, {one.key: one}, [Candidate(one.key, 1)], [one.key], reason=reason
        )
        record_event(
            InspectionOrdered,
            actor,
            ("draw", held.pk),
            after={
                "inspection": inspection.pk,
                "record": one.key,
                "reason": reason,
                "seed": seed,
                "inspectors": held.inspectors[one.key],
            },
        )
    return inspection


def _check_reason(reason: str) -> list[Fault]:
    least, most = REASON_LENGTH
    if least <= len(reason) <= most and reason.isprintable():
        return []
    message = Text(f"理由须为 {least} 至 {most} 个字。", f"A reason has {least} to {most} characters.")
    fix = Text(
        "写明为什么检查这一家，例如投诉集中、年报异常。", "Say why this one, as many complaints or an odd report."
    )
    return [fault("reason", "reason", message, fix, reason[:60])]

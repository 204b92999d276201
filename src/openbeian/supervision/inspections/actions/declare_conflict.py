"""Notes that an inspector must keep away from an organisation."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.models import Membership
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted
from openbeian.supervision.inspections.decisions import assign
from openbeian.supervision.inspections.drawing import list_inspectors
from openbeian.supervision.inspections.errors import InspectionNotYours, InspectorsMissing
from openbeian.supervision.inspections.events import ConflictDeclared
from openbeian.supervision.inspections.models import Conflict, Inspection
from openbeian.supervision.inspections.queries import CONDUCT, DRAW, get_inspection
from openbeian.supervision.words import read_reason


def declare_conflict(actor: Actor, inspection_id: int, why: str, inspector_id: int | None = None) -> Conflict:
    """An inspector declares for themselves; who draws, for any inspector of the administration. Safe to repeat.

    It bars them from draws to come, and from inspections of that organisation that have not begun: there the lot names
    somebody else.

    Raises: NotPermitted, InspectionNotYours, ReasonMissing, InspectorsMissing.
    """
    inspector_id = inspector_id or actor.user_id
    if not (actor.may(DRAW) or (actor.may(CONDUCT) and inspector_id == actor.user_id)):
        raise NotPermitted(permission=DRAW)
    why = read_reason(why)[:300]
    with transaction.atomic():
        inspection = get_inspection(actor, inspection_id)
        is_ours = Membership.objects.filter(
            user_id=inspector_id or 0, organisation_id=actor.organisation_id or 0
        ).exists()
        if inspection.administration_id != actor.organisation_id or not is_ours:
            raise InspectionNotYours
        conflict, is_new = Conflict.objects.get_or_create(
            inspector_id=inspector_id,
            organisation_id=inspection.organisation_id,
            defaults={
                "administration_id": inspection.administration_id,
                "why": why,
                "declared_at": clock.now(),
            },
        )
        if is_new:
            replaced = {i.pk: _replace(actor, i, conflict) for i in _list_affected(conflict)}
            record_event(
                ConflictDeclared,
                actor,
                ("inspection", inspection.pk),
                after={"inspector": inspector_id, "why": why, "replaced_by": replaced},
            )
    return conflict


def _list_affected(conflict: Conflict) -> list[Inspection]:
    """Inspections to come of that organisation that the barred inspector was to do."""
    return list(
        Inspection.objects.select_for_update(of=("self",))
        .select_related("draw")
        .filter(
            organisation_id=conflict.organisation_id,
            administration_id=conflict.administration_id,
            state="planned",
            assignments__inspector_id=conflict.inspector_id,
        )
        .order_by("pk")
    )


def _replace(actor: Actor, inspection: Inspection, conflict: Conflict) -> int:
    """The inspector whom the seed of the draw names in place of the barred one."""
    names = list_inspectors(actor)
    seats = {a.inspector_id: a for a in inspection.assignments.all()}
    key = f"inspection:{inspection.pk}"
    barred = Conflict.objects.filter(organisation_id=inspection.organisation_id).values_list("inspector_id", flat=True)
    members = Membership.objects.filter(organisation_id=inspection.organisation_id).values_list("user_id", flat=True)
    away = frozenset(seats) | frozenset(barred) | frozenset(members)
    chosen = assign([key], sorted(names), {key: away}, 1, inspection.draw.seed).get(key)
    if not chosen:
        raise InspectorsMissing(title=inspection.title, count=1)
    seat = seats[conflict.inspector_id]
    seat.inspector_id, seat.name = chosen[0], names[chosen[0]]
    seat.save()
    return chosen[0]

"""Reading inspections: whose they are, what stands on each item, what is still missing."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from openbeian.kernel.actor import Actor
from openbeian.supervision.decisions import State as FaultState
from openbeian.supervision.inspections.checklist import Item, get_checklist
from openbeian.supervision.inspections.decisions import Said, find_heads, is_conflict
from openbeian.supervision.inspections.errors import InspectionNotYours
from openbeian.supervision.inspections.models import Draw, Entry, Fault, Inspection, Photo, Signature

CONDUCT, DRAW = "inspection.conduct", "inspection.draw"


def list_inspections_visible_to(actor: Actor) -> QuerySet[Inspection]:
    """For an administration its own; for everybody else those of their organisation, once they are under way.

    An inspection still to come is a surprise: the inspected see it only when it began.
    """
    rows = Inspection.objects.select_related("draw", "organisation")
    if actor.is_system:
        return rows
    if actor.organisation_id is None or not actor.may("record.read"):
        return rows.none()
    mine = Q(organisation_id=actor.organisation_id) & ~Q(state="planned")
    return rows.filter(Q(administration_id=actor.organisation_id) | mine)


def get_inspection(actor: Actor, inspection_id: int, *, lock: bool = False) -> Inspection:
    """Raises: InspectionNotYours, also when there is none."""
    rows = list_inspections_visible_to(actor)
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(pk=inspection_id).first()
    if found is None:
        raise InspectionNotYours
    return found


def is_assigned(actor: Actor, inspection: Inspection) -> bool:
    """Whether this person is one of the two inspectors."""
    return actor.user_id is not None and inspection.assignments.filter(inspector_id=actor.user_id).exists()


def list_draws_visible_to(actor: Actor) -> QuerySet[Draw]:
    """Those of one's own administration, newest first."""
    if not actor.may("record.read") or actor.organisation_id is None:
        return Draw.objects.none()
    return Draw.objects.filter(administration_id=actor.organisation_id).order_by("-pk")


def list_faults_visible_to(actor: Actor) -> QuerySet[Fault]:
    """The faults of the inspections one may see."""
    seen = list_inspections_visible_to(actor).values("pk")
    return Fault.objects.filter(inspection__in=seen).select_related("inspection")


def get_fault(actor: Actor, fault_id: int, *, lock: bool = False) -> Fault:
    """Raises: InspectionNotYours."""
    rows = list_faults_visible_to(actor)
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(pk=fault_id).first()
    if found is None:
        raise InspectionNotYours
    return found


def list_said(inspection: Inspection) -> list[Said]:
    """Everything that devices said."""
    rows = Entry.objects.filter(inspection=inspection).values_list("uuid", "item", "answer", "note", "bases")
    return [Said(str(uuid), item, answer, note, tuple(bases)) for uuid, item, answer, note, bases in rows]


def find_standing(inspection: Inspection) -> dict[str, list[Said]]:
    """For each item what stands; see `decisions.find_heads`."""
    return find_heads(list_said(inspection))


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the checklist as it stands: its answer, or several that contradict each other, and its photographs."""

    item: Item
    heads: tuple[Said, ...]
    photos: tuple[Photo, ...]

    @property
    def is_conflict(self) -> bool:
        return is_conflict(self.heads)

    @property
    def answer(self) -> str:
        """Empty where nothing was said, or not one thing only."""
        return "" if not self.heads or self.is_conflict else self.heads[0].answer

    @property
    def note(self) -> str:
        return "" if not self.heads or self.is_conflict else self.heads[0].note


def list_lines(inspection: Inspection) -> list[Line]:
    """The checklist in its order, as it stands now."""
    standing = find_standing(inspection)
    photos: dict[str, list[Photo]] = {}
    for photo in Photo.objects.filter(inspection=inspection).select_related("document").order_by("taken_at", "uuid"):
        photos.setdefault(photo.item, []).append(photo)
    return [
        Line(item, tuple(standing.get(item.id, ())), tuple(photos.get(item.id, ())))
        for item in get_checklist().items.values()
    ]


def list_signatures(inspection: Inspection) -> dict[str, Signature]:
    """The latest signature of each role."""
    rows = Signature.objects.filter(inspection=inspection).select_related("document").order_by("received_at", "uuid")
    return {s.role: s for s in rows}


def has_open_faults(inspection: Inspection) -> bool:
    return inspection.faults.exclude(state=FaultState.CLOSED).exists()

"""Taking an inspection in hand: locked, found to be the inspector's, and begun with the first thing recorded."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.supervision.inspections.decisions import State
from openbeian.supervision.inspections.errors import InspectionNotYours, InspectionOver
from openbeian.supervision.inspections.models import Inspection
from openbeian.supervision.inspections.queries import CONDUCT, get_inspection, is_assigned


@dataclass(frozen=True, slots=True)
class Conducted:
    """An inspection under lock, in the hands of one of its two inspectors."""

    row: Inspection

    @property
    def pk(self) -> int:
        return self.row.pk

    def open(self) -> None:
        """Begins it with the first entry. Raises: InspectionOver after its end."""
        if self.row.state not in {State.PLANNED, State.UNDER_WAY}:
            raise InspectionOver
        if self.row.state == State.PLANNED:
            self.row.state, self.row.began_at = State.UNDER_WAY, clock.now()
            self.row.save(update_fields=["state", "began_at"])


def lock_to_conduct(actor: Actor, inspection_id: int) -> Conducted:
    """Only its two inspectors. Raises: NotPermitted, InspectionNotYours."""
    check_permitted(actor, CONDUCT)
    if not connection.in_atomic_block:
        raise RuntimeError("an inspection is locked inside a transaction")
    inspection = get_inspection(actor, inspection_id, lock=True)
    if not is_assigned(actor, inspection):
        raise InspectionNotYours
    return Conducted(inspection)


def concerned(inspection: Inspection) -> tuple[int | None, ...]:
    """Whose record it is and whose inspection it is: both may read what happens once it began."""
    is_secret = inspection.state == State.PLANNED
    return (None if is_secret else inspection.organisation_id, inspection.administration_id)

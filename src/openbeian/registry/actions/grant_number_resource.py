"""Puts a number resource on record that an authority has just assigned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.registry.errors import NumberResourceUnfit, NumberTaken
from openbeian.registry.events import NumberResourceRecorded
from openbeian.registry.licence_values import read_number_resource
from openbeian.registry.models import Licence, NumberResource


def grant_number_resource(
    actor: Actor, organisation_id: int, raw: Mapping[str, Any], *, concerns: tuple[int | None, ...] = ()
) -> NumberResource:
    """In the caller's transaction; under a licence of the same organisation if one is named.

    Raises: NumberResourceUnfit, NumberTaken.
    """
    values = read_number_resource(raw)
    licence = None
    if values.licence_number:
        own = Licence.objects.filter(organisation_id=organisation_id)
        licence = own.filter(number=values.licence_number).first()
        if licence is None:
            message = Text("没有这个许可证，或不属于本单位。", "There is no such licence of yours.")
            fix = Text("请先登记许可证，或留空。", "Record the licence first, or leave it empty.")
            raise NumberResourceUnfit(
                faults=[Fault("licence_number", message, fix, "number.licence", values.licence_number[:80])]
            )
    if NumberResource.objects.filter(organisation_id=organisation_id, number=values.number).exists():
        raise NumberTaken(number=values.number)
    resource = NumberResource.objects.create(
        organisation_id=organisation_id,
        licence=licence,
        number=values.number,
        kind=values.kind,
        assigned_on=values.assigned_on,
        recorded_on=clock.today(),
    )
    record_event(
        NumberResourceRecorded,
        actor,
        ("number", resource.pk),
        concerns=(organisation_id, *concerns),
        after={"number": values.number, "kind": values.kind, "assigned_on": values.assigned_on.isoformat()},
    )
    return resource

"""Puts a number resource (码号) on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.registry.errors import NumberResourceUnfit, NumberTaken
from openbeian.registry.events import NumberResourceRecorded
from openbeian.registry.licence_values import read_number_resource
from openbeian.registry.models import Licence, NumberResource


def record_number_resource(actor: Actor, raw: Mapping[str, Any]) -> NumberResource:
    """For the actor's own organisation, under a licence of its own if one is named.

    Raises: NotPermitted, NumberResourceUnfit, NumberTaken.
    """
    check_permitted(actor, "case.write")
    if actor.organisation_id is None:
        raise NotPermitted(permission="case.write")
    values = read_number_resource(raw)
    with transaction.atomic():
        licence = None
        if values.licence_number:
            own = Licence.objects.filter(organisation_id=actor.organisation_id)
            licence = own.filter(number=values.licence_number).first()
            if licence is None:
                message = Text("没有这个许可证，或不属于本单位。", "There is no such licence of yours.")
                fix = Text("请先登记许可证，或留空。", "Record the licence first, or leave it empty.")
                raise NumberResourceUnfit(
                    faults=[Fault("licence_number", message, fix, "number.licence", values.licence_number[:80])]
                )
        if NumberResource.objects.filter(organisation_id=actor.organisation_id, number=values.number).exists():
            raise NumberTaken(number=values.number)
        resource = NumberResource.objects.create(
            organisation_id=actor.organisation_id,
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
            concerns=(actor.organisation_id,),
            after={"number": values.number, "kind": values.kind, "assigned_on": values.assigned_on.isoformat()},
        )
    return resource

"""Puts a telecom licence on record, as printed on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.registry.errors import LicenceOnRecord
from openbeian.registry.events import LicenceRecorded
from openbeian.registry.journal_view import view_licence
from openbeian.registry.licence_recording import fill_licence
from openbeian.registry.licence_values import read_licence
from openbeian.registry.models import Licence


def record_licence(actor: Actor, raw: Mapping[str, Any]) -> Licence:
    """For the actor's own organisation. `raw` is described at `licence_values.read_licence`.

    Raises: NotPermitted, LicenceUnfit, LicenceOnRecord.
    """
    check_permitted(actor, "case.write")
    if actor.organisation_id is None:
        raise NotPermitted(permission="case.write")
    values = read_licence(raw)
    with transaction.atomic():
        if Licence.objects.filter(organisation_id=actor.organisation_id, number=values.number).exists():
            raise LicenceOnRecord(number=values.number)
        licence = Licence(organisation_id=actor.organisation_id, number=values.number, recorded_on=clock.today())
        fill_licence(licence, values)
        licence.save(force_insert=True)
        record_event(
            LicenceRecorded,
            actor,
            ("licence", licence.pk),
            concerns=(actor.organisation_id,),
            after=view_licence(licence),
        )
    return licence

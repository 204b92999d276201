"""Changes what stands on record about a licence: a renewal's new end, a business opened, a new holder's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.registry.errors import LicenceOnRecord, RecordNotYours
from openbeian.registry.events import LicenceChanged
from openbeian.registry.journal_view import view_licence
from openbeian.registry.licence_recording import fill_licence
from openbeian.registry.licence_values import read_licence
from openbeian.registry.models import Licence


def change_licence(actor: Actor, licence_id: int, raw: Mapping[str, Any]) -> Licence:
    """Writes the new values in place, with both states in the journal; only the holder's organisation may.

    Raises: NotPermitted, RecordNotYours, LicenceUnfit, LicenceOnRecord when the new number is on record.
    """
    check_permitted(actor, "case.write")
    values = read_licence(raw)
    with transaction.atomic():
        own = Licence.objects.select_for_update(of=("self",)).filter(organisation_id=actor.organisation_id or 0)
        licence = own.filter(pk=licence_id).first()
        if licence is None:
            raise RecordNotYours
        before = view_licence(licence)
        others = Licence.objects.filter(organisation_id=licence.organisation_id, number=values.number)
        if others.exclude(pk=licence.pk).exists():
            raise LicenceOnRecord(number=values.number)
        licence.number = values.number
        fill_licence(licence, values)
        licence.save()
        record_event(
            LicenceChanged,
            actor,
            ("licence", licence.pk),
            concerns=(licence.organisation_id,),
            before=before,
            after=view_licence(licence),
        )
    return licence

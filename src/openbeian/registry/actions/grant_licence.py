"""Puts a licence on record that an authority has just granted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.registry.actions.allot_licence_number import allot_licence_number
from openbeian.registry.errors import LicenceOnRecord
from openbeian.registry.events import LicenceGranted
from openbeian.registry.journal_view import view_licence
from openbeian.registry.licence_recording import fill_licence
from openbeian.registry.licence_values import read_licence
from openbeian.registry.models import Licence
from openbeian.rules.deadlines import compute_deadline


def grant_licence(
    actor: Actor,
    organisation_id: int,
    raw: Mapping[str, Any],
    on: date,
    *,
    authority: str,
    number: str = "",
    concerns: tuple[int | None, ...] = (),
) -> Licence:
    """Without `number` one is allotted. The term is counted from the day of the grant.

    Raises: LicenceUnfit, LicenceOnRecord, SeriesExhausted, NoRuleInForce.
    """
    codes = [str(b["code"]) for b in raw["businesses"]]
    number = number.strip() or allot_licence_number(authority, codes, on.year)
    values = read_licence({**raw, "number": number, "authority": authority, "issued_on": on.isoformat()})
    if Licence.objects.filter(organisation_id=organisation_id, number=values.number).exists():
        raise LicenceOnRecord(number=values.number)
    licence = Licence(organisation_id=organisation_id, number=values.number, recorded_on=on)
    fill_licence(licence, values)
    licence.valid_until = compute_deadline("licence.validity", on).raw_on
    licence.paper_awaited_from = on
    licence.save(force_insert=True)
    concerned = (organisation_id, *concerns)
    record_event(
        LicenceGranted, actor, ("licence", licence.pk), concerns=concerned, after=view_licence(licence)
    )  # fmt: skip
    return licence

"""Changes a licence as its authority has just approved: scope, operator, name, representative, capital."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.registry.events import LicenceChanged
from openbeian.registry.journal_view import view_licence
from openbeian.registry.licence_recording import fill_licence
from openbeian.registry.licence_values import read_licence
from openbeian.registry.models import Licence


def amend_licence(
    actor: Actor, licence_id: int, raw: Mapping[str, Any], on: date, *, concerns: tuple[int | None, ...] = ()
) -> Licence:
    """Number, authority and term stay as they are; a new paper is to be obtained.

    Raises: LicenceUnfit.
    """
    licence = Licence.objects.select_for_update(of=("self",)).select_related("sponsor").get(pk=licence_id)
    before = view_licence(licence)
    stays = {
        "number": licence.number,
        "authority": licence.authority,
        "issued_on": licence.issued_on.isoformat(),
        "valid_until": licence.valid_until.isoformat(),
        "special_terms": licence.special_terms,
    }
    is_end_printed = licence.is_end_printed
    fill_licence(licence, read_licence({**raw, **stays}))
    licence.is_end_printed, licence.paper_awaited_from = is_end_printed, on
    licence.save()
    record_event(
        LicenceChanged,
        actor,
        ("licence", licence.pk),
        concerns=(licence.organisation_id, *concerns),
        before=before,
        after=view_licence(licence),
    )
    return licence

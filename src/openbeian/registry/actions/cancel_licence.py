"""Cancels a licence for good; its row and number stay."""

from __future__ import annotations

from datetime import date

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.registry.events import LicenceCancelled
from openbeian.registry.journal_view import view_licence
from openbeian.registry.models import Licence, Standing


def cancel_licence(actor: Actor, licence_id: int, on: date, *, concerns: tuple[int | None, ...] = ()) -> Licence:
    """注销; safe to repeat. Source: Licensing Law art. 70; Licence Measures arts. 30-31."""
    licence = Licence.objects.select_for_update(of=("self",)).select_related("sponsor").get(pk=licence_id)
    if licence.standing == Standing.CANCELLED:
        return licence
    before = view_licence(licence)
    licence.standing, licence.cancelled_on = Standing.CANCELLED, on
    licence.paper_awaited_from = None
    licence.save()
    record_event(
        LicenceCancelled,
        actor,
        ("licence", licence.pk),
        concerns=(licence.organisation_id, *concerns),
        before=before,
        after=view_licence(licence),
    )
    return licence

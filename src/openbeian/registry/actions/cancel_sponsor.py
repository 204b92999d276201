"""Ends a sponsor's filing for good, once all its services are cancelled."""

from __future__ import annotations

from datetime import date

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.registry.errors import ServicesRemain
from openbeian.registry.events import SponsorCancelled
from openbeian.registry.journal_view import view_sponsor
from openbeian.registry.models import Sponsor, Standing


def cancel_sponsor(actor: Actor, sponsor_id: int, on: date, *, concerns: tuple[int | None, ...] = ()) -> Sponsor:
    """Raises: ServicesRemain."""
    sponsor = Sponsor.objects.select_for_update(of=("self",)).select_related("person").get(pk=sponsor_id)
    remaining = sponsor.services.exclude(standing=Standing.CANCELLED).count()
    if remaining:
        raise ServicesRemain(count=remaining)
    before = view_sponsor(sponsor)
    sponsor.standing, sponsor.cancelled_on = Standing.CANCELLED, on
    sponsor.save(update_fields=["standing", "cancelled_on", "changed_at"])
    record_event(
        SponsorCancelled,
        actor,
        ("sponsor", sponsor.pk),
        concerns=(sponsor.organisation_id, *concerns),
        before=before,
        after=view_sponsor(sponsor),
    )
    return sponsor

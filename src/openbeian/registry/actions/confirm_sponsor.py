"""Notes that a sponsor's record was re-confirmed on a day; a policy's next cycle starts there."""

from __future__ import annotations

from datetime import date

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.registry.events import SponsorConfirmed
from openbeian.registry.models import Sponsor


def confirm_sponsor(actor: Actor, sponsor_id: int, on: date, *, concerns: tuple[int | None, ...] = ()) -> Sponsor:
    """Moves `confirmed_on`; nothing else about the filing depends on it, since by law it has no term."""
    sponsor = Sponsor.objects.select_for_update().get(pk=sponsor_id)
    before = {"confirmed_on": str(sponsor.confirmed_on)}
    sponsor.confirmed_on = on
    sponsor.save(update_fields=["confirmed_on", "changed_at"])
    record_event(
        SponsorConfirmed,
        actor,
        ("sponsor", sponsor.pk),
        concerns=(sponsor.organisation_id, *concerns),
        before=before,
        after={"confirmed_on": str(on)},
    )
    return sponsor

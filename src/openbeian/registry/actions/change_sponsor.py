"""Changes what stands on record about a sponsor; its number, certificate number and province stay."""

from __future__ import annotations

from datetime import date

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.registry.decisions import SponsorValues
from openbeian.registry.events import SponsorChanged
from openbeian.registry.journal_view import view_sponsor
from openbeian.registry.models import Sponsor
from openbeian.registry.recording import fill_sponsor, save_person


def change_sponsor(
    actor: Actor, sponsor_id: int, values: SponsorValues, on: date, *, concerns: tuple[int | None, ...] = ()
) -> Sponsor:
    """Writes the new values in place, with both states in the journal."""
    sponsor = Sponsor.objects.select_for_update(of=("self",)).select_related("person").get(pk=sponsor_id)
    before = view_sponsor(sponsor)
    fill_sponsor(sponsor, values)
    save_person(values.person, sponsor.person)
    sponsor.save()
    record_event(
        SponsorChanged,
        actor,
        ("sponsor", sponsor.pk),
        concerns=(sponsor.organisation_id, *concerns),
        before=before,
        after=view_sponsor(sponsor),
    )
    return sponsor

"""Notes that a lost or damaged licence is to be issued again."""

from __future__ import annotations

from datetime import date

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.registry.events import LicenceReplaced
from openbeian.registry.models import Licence


def replace_licence(actor: Actor, licence_id: int, on: date, *, concerns: tuple[int | None, ...] = ()) -> Licence:
    """Nothing on the licence changes; the new paper is to be obtained."""
    licence = Licence.objects.select_for_update(of=("self",)).get(pk=licence_id)
    licence.paper_awaited_from = on
    licence.save(update_fields=["paper_awaited_from", "changed_at"])
    record_event(
        LicenceReplaced,
        actor,
        ("licence", licence.pk),
        concerns=(licence.organisation_id, *concerns),
        after={"number": licence.number, "paper_awaited_from": on.isoformat()},
    )
    return licence

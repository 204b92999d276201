"""Removes a loaded holiday arrangement; the rulebook's own, if it has one for the year, is used again."""

from __future__ import annotations

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.policies.errors import ArrangementNotLoaded
from openbeian.policies.events import ArrangementRemoved
from openbeian.policies.loaded_calendar import loaded_calendar
from openbeian.policies.models import LoadedArrangement


def remove_arrangement(actor: Actor, year: int) -> None:
    """Raises: NotPermitted, ArrangementNotLoaded."""
    check_permitted(actor, "installation.manage")
    with transaction.atomic():
        loaded = LoadedArrangement.objects.select_for_update().filter(year=year).first()
        if loaded is None:
            raise ArrangementNotLoaded(year=year)
        source = loaded.source
        loaded.delete()
        record_event(ArrangementRemoved, actor, ("arrangement", year), before={"year": year, "source": source})
        transaction.on_commit(loaded_calendar.forget)

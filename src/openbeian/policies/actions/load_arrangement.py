"""Takes a year's holiday arrangement into use, in place of one loaded before."""

from __future__ import annotations

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.kernel.working_days import Arrangement
from openbeian.policies.events import ArrangementLoaded
from openbeian.policies.loaded_calendar import loaded_calendar
from openbeian.policies.models import LoadedArrangement


def load_arrangement(actor: Actor, arrangement: Arrangement) -> LoadedArrangement:
    """The arrangement as `rules.arrangements.check_arrangement` or `check_arrangement_form` let it pass.

    Raises: NotPermitted.
    """
    check_permitted(actor, "installation.manage")
    days = [{"date": d.day.isoformat(), "name": d.name, "day_off": d.is_off} for d in arrangement.days]
    with transaction.atomic():
        loaded, _ = LoadedArrangement.objects.update_or_create(
            year=arrangement.year,
            defaults={
                "days": days,
                "source": arrangement.source[:300],
                "loaded_by_id": actor.user_id,
                "loaded_by_name": actor.name,
                "loaded_at": clock.now(),
            },
        )
        record_event(
            ArrangementLoaded,
            actor,
            ("arrangement", arrangement.year),
            after={"year": arrangement.year, "days": len(days), "source": loaded.source},
        )
        transaction.on_commit(loaded_calendar.forget)
    return loaded

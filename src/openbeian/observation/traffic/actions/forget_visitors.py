"""Forgets the visitors in the counts of an organisation's uploaded logs."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.observation.traffic.events import TrafficVisitorsForgotten
from openbeian.observation.traffic.forgetting import Forgotten, forget_visitors_of
from openbeian.observation.traffic.queries import organisation_folder


def forget_visitors(actor: Actor, before: date) -> Forgotten:
    """What `forget_visitors_of` does to the store of the actor's organisation; nothing is recorded if nobody was forgotten.

    The store changes first: should the journal fail, the answer is an error, and asking again records nothing false.
    Raises: NotPermitted, StoreBusy, StoreFailed.
    """
    check_permitted(actor, "import.run")
    if actor.organisation_id is None:
        raise NotPermitted(permission="import.run")
    done = forget_visitors_of(organisation_folder(actor.organisation_id), before)
    if done.days:
        with transaction.atomic():
            record_event(TrafficVisitorsForgotten, actor, ("organisation", actor.organisation_id), after=done.as_json())
    return done

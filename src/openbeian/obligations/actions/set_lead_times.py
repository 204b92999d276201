"""Lets an organisation choose how early it is told of a kind of obligation."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.obligations.errors import KindUnknown, LeadTimesUnfit
from openbeian.obligations.events import LeadTimesSet
from openbeian.obligations.models import LeadTime
from openbeian.obligations.recomputing import get_kinds
from openbeian.rules.obligation_kinds import check_lead_days

_MOST = 6


def set_lead_times(actor: Actor, kind_id: str, days: Sequence[int]) -> None:
    """Replaces the organisation's lead days of a kind; none at all gives back the rulebook's.

    What is stored follows when the reader of the journal comes by, within a minute.
    Raises: NotPermitted, KindUnknown, LeadTimesUnfit.
    """
    check_permitted(actor, "policy.manage")
    if actor.organisation_id is None:
        raise NotPermitted(permission="policy.manage")
    kind = get_kinds().kinds.get(kind_id)
    if kind is None or kind.due == "standing":
        raise KindUnknown(kind=kind_id[:60])
    if len(days) > _MOST or not check_lead_days(tuple(days)):
        raise LeadTimesUnfit
    with transaction.atomic():
        own = LeadTime.objects.filter(organisation_id=actor.organisation_id, kind=kind_id)
        before = own.values_list("days", flat=True).first()
        if days:
            own.update_or_create(organisation_id=actor.organisation_id, kind=kind_id, defaults={"days": list(days)})
        else:
            own.delete()
        record_event(
            LeadTimesSet,
            actor,
            ("organisation", actor.organisation_id),
            concerns=(actor.organisation_id,),
            before={"kind": kind_id, "days": before},
            after={"kind": kind_id, "days": list(days)},
        )

"""Takes a case off the interface: from now on a person records what the administration decides outside."""

from __future__ import annotations

from django.db import transaction

from openbeian.cases.errors import ChannelFixed
from openbeian.cases.events import CaseChannelChanged
from openbeian.cases.models import Case
from openbeian.cases.queries import get_procedure, get_sides
from openbeian.cases.turning import concerned, lock_case
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor

OPEN_STATES = frozenset({"awaiting_forwarding", "awaiting_sms", "administration_review"})


def change_channel(actor: Actor, case_id: int, *, revision: int | None = None) -> Case:
    """The way out of what the interface cannot carry, or has not answered: interface to outside, never back.

    Raises: CaseNotYours, CaseMovedOn, ChannelFixed.
    """
    with transaction.atomic():
        case = lock_case(actor, case_id, revision)
        allowed = bool({"provider", "system"} & get_sides(actor, case))
        if not allowed or case.channel != "interface" or case.state not in OPEN_STATES:
            raise ChannelFixed(state=get_procedure(case.procedure).state(case.state).label)
        case.channel, case.revision = "outside", case.revision + 1
        case.save(update_fields=["channel", "revision"])
        record_event(
            CaseChannelChanged, actor, ("case", case.pk), concerns=concerned(case),
            before={"channel": "interface"}, after={"channel": "outside"},
        )  # fmt: skip
        return case

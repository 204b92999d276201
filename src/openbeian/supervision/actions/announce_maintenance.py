"""Announces work on a service, during which failures are no fault."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.registry.queries import get_service
from openbeian.supervision.errors import SiteNotYours, WindowUnfit
from openbeian.supervision.events import MaintenanceAnnounced
from openbeian.supervision.holding import WRITE
from openbeian.supervision.models import MaintenanceWindow

_LONGEST = timedelta(days=30)
_SLACK = timedelta(hours=1)


def announce_maintenance(
    actor: Actor, service_id: int, starts_at: datetime, ends_at: datetime, why: str
) -> MaintenanceWindow:
    """Aware instants; announced before it begins (an hour's grace), so that it is no excuse found afterwards.

    Raises: NotPermitted, RecordNotYours, SiteNotYours, WindowUnfit.
    """
    check_permitted(actor, WRITE)
    why = " ".join(why.split())[:200]
    now = clock.now()
    if not why.isprintable() or len(why) < 2 or starts_at < now - _SLACK or not starts_at < ends_at:
        raise WindowUnfit
    if ends_at - starts_at > _LONGEST or ends_at <= now:
        raise WindowUnfit
    with transaction.atomic():
        service = get_service(actor, service_id)
        if service.sponsor.organisation_id != actor.organisation_id:
            raise SiteNotYours
        window = MaintenanceWindow.objects.create(
            service=service,
            starts_at=starts_at,
            ends_at=ends_at,
            why=why,
            announced_by_id=actor.user_id,
            announced_at=now,
        )
        record_event(
            MaintenanceAnnounced,
            actor,
            ("service", service.pk),
            after={"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat(), "why": why},
        )
    return window

"""Asks for a look at a site now, whatever stands open there."""

from __future__ import annotations

from django.db import transaction

from openbeian.jobs.models import Job
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor, NotPermitted
from openbeian.supervision.events import RecheckAsked
from openbeian.supervision.holding import DECIDE, WRITE
from openbeian.supervision.queries import get_site
from openbeian.supervision.rechecking import queue_recheck


def request_recheck(actor: Actor, site_id: int) -> Job:
    """For those who rectify or decide, on sites they see. Raises: NotPermitted, SiteNotYours."""
    if not (actor.may(WRITE) or actor.may(DECIDE)):
        raise NotPermitted(permission=WRITE)
    with transaction.atomic():
        site = get_site(actor, site_id)
        job = queue_recheck(actor, site.pk)
        record_event(
            RecheckAsked,
            actor,
            ("service", site.service_id),
            concerns=(site.service.sponsor.organisation_id,),
            after={"domain": site.domain},
        )
    return job

"""Asks a worker to let the doctor look at a connection."""

from __future__ import annotations

from django.db import transaction

from openbeian.authority.operating import check_may_operate
from openbeian.authority.queries import get_connection
from openbeian.jobs.actions.enqueue_job import enqueue_job
from openbeian.jobs.models import Job
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor


def request_examination(actor: Actor, connection_id: int) -> Job:
    """At most one a minute and connection. Raises: NotPermitted, NotYourConnection."""
    check_may_operate(actor)
    connection = get_connection(actor, connection_id)
    with transaction.atomic():
        return enqueue_job(
            "authority.examine",
            f"{connection.pk}:{clock.now():%Y%m%d%H%M}",
            {"connection": connection.pk},
            organisation_id=actor.organisation_id,
            requested_by_id=actor.user_id,
        )

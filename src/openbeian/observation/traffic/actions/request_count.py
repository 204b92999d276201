"""Asks for logs to be counted in the background: an upload, or what lies in the organisation's drop folder."""

from __future__ import annotations

from django.db import transaction

from openbeian.jobs.actions.enqueue_job import enqueue_job
from openbeian.jobs.models import Job
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.observation.traffic.errors import LogGone
from openbeian.observation.traffic.reading import choose_grammar
from openbeian.observation.traffic.uploads import find_upload, list_dropped
from openbeian.registry.errors import RecordNotYours
from openbeian.registry.queries import get_service


def request_count(actor: Actor, upload: str = "", *, service_id: int | None = None, log_format: str = "auto") -> Job:
    """The job for this upload, or without one for the drop folder; asking twice for an upload gives the same job.

    With a service every line is booked under its filing number, for logs that name no host.
    Raises: NotPermitted, LogGone, RecordNotYours, FormatUnknown, PatternRefused.
    """
    check_permitted(actor, "import.run")
    if actor.organisation_id is None or actor.user_id is None:
        raise NotPermitted(permission="import.run")
    choose_grammar(log_format)
    number = None
    if service_id is not None:
        service = get_service(actor, service_id)
        if service.sponsor.organisation_id != actor.organisation_id:
            raise RecordNotYours
        number = service.number
    if upload:
        find_upload(actor.organisation_id, upload)
    elif not list_dropped(actor.organisation_id):
        raise LogGone
    arguments = {
        "organisation": actor.organisation_id,
        "user": actor.user_id,
        "upload": upload,
        "service": number,
        "format": log_format,
    }
    with transaction.atomic():
        # The folder is read anew each time somebody asks; a second click within the minute is the same wish.
        key = upload or f"folder:{actor.organisation_id}:{int(clock.now().timestamp()) // 60}"
        return enqueue_job(
            "traffic.count_logs",
            key,
            arguments,
            organisation_id=actor.organisation_id,
            requested_by_id=actor.user_id,
        )

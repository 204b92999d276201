"""Asks for the import of an uploaded portfolio in the background."""

from __future__ import annotations

from django.db import transaction

from openbeian.jobs.actions.enqueue_job import enqueue_job
from openbeian.jobs.models import Job
from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.registry.portfolio_uploads import check_upload


def request_import(actor: Actor, upload: str, *, partial: bool, update: bool) -> Job:
    """The job for this upload; asking twice gives the same job. Raises: NotPermitted, UploadGone."""
    check_permitted(actor, "import.run")
    if actor.organisation_id is None or actor.user_id is None:
        raise NotPermitted(permission="import.run")
    check_upload(actor.organisation_id, upload)
    with transaction.atomic():
        return enqueue_job(
            "registry.import_portfolio",
            upload,
            {
                "organisation": actor.organisation_id,
                "user": actor.user_id,
                "upload": upload,
                "partial": partial,
                "update": update,
            },
            organisation_id=actor.organisation_id,
            requested_by_id=actor.user_id,
        )

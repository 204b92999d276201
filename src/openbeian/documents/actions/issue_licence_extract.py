"""Issues an extract of a licence on record, under a code that anybody can verify."""

from __future__ import annotations

from django.db import transaction

from openbeian.documents.actions.issue_paper import issue_paper
from openbeian.documents.errors import ExtractNotIssued
from openbeian.documents.licence_content import describe_licence
from openbeian.documents.models import Paper
from openbeian.kernel.actor import Actor
from openbeian.registry.models import Standing
from openbeian.registry.queries import get_licence


def issue_licence_extract(actor: Actor, licence_id: int) -> Paper:
    """Asked for again on the same day with the record unchanged, the same paper comes back.

    Raises: NotPermitted, RecordNotYours, ExtractNotIssued.
    """
    with transaction.atomic():
        licence = get_licence(actor, licence_id)
        if licence.standing == Standing.CANCELLED:
            raise ExtractNotIssued
        return issue_paper(
            actor,
            "licence_extract",
            ("licence", licence.pk),
            describe_licence(licence),
            organisation_id=licence.organisation_id,
        )

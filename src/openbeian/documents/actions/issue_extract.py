"""Issues an extract: freezes what stands on record under a code that anybody can verify."""

from __future__ import annotations

from django.db import transaction

from openbeian.documents.errors import ExtractNotIssued
from openbeian.documents.events import ExtractIssued
from openbeian.documents.extracts import compute_digest, generate_code
from openbeian.documents.models import Extract
from openbeian.documents.record_content import describe_record
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.registry.models import Standing
from openbeian.registry.queries import get_service, get_sponsor


def issue_extract(actor: Actor, sponsor_id: int, service_id: int | None = None) -> Extract:
    """An extract of a sponsor with its live services, or of one service. Nothing personal stands in it.

    Asked for again on the same day with the record unchanged, the same extract comes back.

    Raises: NotPermitted, RecordNotYours, ExtractNotIssued.
    """
    check_permitted(actor, "record.read")
    with transaction.atomic():
        sponsor = get_sponsor(actor, sponsor_id)
        service = get_service(actor, service_id) if service_id is not None else None
        if sponsor.standing == Standing.CANCELLED or (service and service.standing == Standing.CANCELLED):
            raise ExtractNotIssued
        content = describe_record(sponsor, service)
        digest = compute_digest(content)
        last = Extract.objects.filter(sponsor=sponsor, service=service, sha256=digest).order_by("-pk").first()
        if last and clock.legal_day(last.issued_at) == clock.today():
            return last
        extract = Extract.objects.create(
            code=generate_code(),
            sponsor=sponsor,
            service=service,
            issued_at=clock.now(),
            issued_by_id=actor.user_id,
            content=content,
            sha256=digest,
        )
        subject = ("service", service.pk) if service else ("sponsor", sponsor.pk)
        record_event(
            ExtractIssued,
            actor,
            subject,
            concerns=(sponsor.organisation_id,),
            after={"code": extract.code, "sha256": digest},
        )
    return extract

"""Notes that an obligation was met, with the evidence."""

from __future__ import annotations

from django.db import transaction

from openbeian.documents.actions.keep_documents import keep_documents
from openbeian.documents.models import Document
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.obligations.decisions import Stage
from openbeian.obligations.errors import EvidenceUnfit, StandingDuty
from openbeian.obligations.events import ObligationSettledByEvidence
from openbeian.obligations.models import Obligation
from openbeian.obligations.settling import describe_settled, lock_own, read_reason


def settle_obligation(actor: Actor, obligation_id: int, evidence: str, document_id: int | None = None) -> Obligation:
    """`evidence` is a number or a sentence (a receipt, a police number), `document_id` a paper of the organisation,
    which is kept for good if it was handed in for this obligation.

    Raises: NotPermitted, ObligationNotYours, ObligationSettled, StandingDuty, ReasonMissing, EvidenceUnfit.
    """
    evidence = read_reason(evidence)
    with transaction.atomic():
        row = lock_own(actor, obligation_id)
        if row.stage == Stage.STANDING:
            raise StandingDuty
        if document_id is not None:
            papers = Document.objects.filter(organisation_id=row.organisation_id, removed_at__isnull=True)
            row.evidence = papers.filter(pk=document_id).first()
            if row.evidence is None:
                raise EvidenceUnfit
            keep_documents(actor, ("obligation", row.pk), concerns=(row.organisation_id,))
        before = row.stage
        row.stage, row.settled_at, row.settled_why = Stage.DONE, clock.now(), evidence
        row.settled_by_id = actor.user_id
        row.save(update_fields=["stage", "settled_at", "settled_why", "settled_by", "evidence"])
        record_event(
            ObligationSettledByEvidence,
            actor,
            ("obligation", row.pk),
            concerns=(row.organisation_id,),
            before={"stage": before},
            after=describe_settled(row) | {"document": str(document_id or "")},
        )
    return row

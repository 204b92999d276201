"""Turns a subject's documents into evidence at the moment somebody relies on them."""

from __future__ import annotations

from django.db import transaction

from openbeian.documents.events import DocumentsKept
from openbeian.documents.models import Document
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor


def keep_documents(actor: Actor, subject: tuple[str, object], *, concerns: tuple[int | None, ...] = ()) -> int:
    """Keeps every document now attached to the subject for good; how many became evidence. Safe to repeat.

    Call it in the transaction that submits a case: what a reviewer saw then stays, whatever is removed later.
    """
    with transaction.atomic():
        kept = Document.objects.select_for_update().filter(
            subject_kind=subject[0], subject_id=str(subject[1]), removed_at__isnull=True, kept_at__isnull=True
        )
        digests = dict(kept.values_list("pk", "sha256"))
        if not digests:
            return 0
        Document.objects.filter(pk__in=digests).update(kept_at=clock.now())
        record_event(
            DocumentsKept,
            actor,
            subject,
            concerns=concerns,
            after=[{"document": pk, "sha256": sha256} for pk, sha256 in sorted(digests.items())],
        )
    return len(digests)

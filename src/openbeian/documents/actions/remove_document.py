"""Takes a document back: it is shown no more, and its file goes unless a submitted case relies on it."""

from __future__ import annotations

from django.db import transaction

from openbeian.documents.errors import DocumentNotFound
from openbeian.documents.events import DocumentRemoved
from openbeian.documents.models import Document
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, check_permitted


def remove_document(
    actor: Actor, subject: tuple[str, object], document_id: int, *, concerns: tuple[int | None, ...] = ()
) -> Document:
    """Marks a document of a subject that the caller has found to be the actor's to write. Safe to repeat.

    Evidence (`kept_at`) keeps its file; of the rest the file is deleted by the sweep, a day later.

    Raises: NotPermitted, DocumentNotFound.
    """
    check_permitted(actor, "document.write")
    with transaction.atomic():
        document = (
            Document.objects.select_for_update()
            .filter(pk=document_id, subject_kind=subject[0], subject_id=str(subject[1]))
            .first()
        )
        if document is None or document.organisation_id != actor.organisation_id:
            raise DocumentNotFound
        if document.removed_at is None:
            document.removed_at = clock.now()
            document.save(update_fields=["removed_at"])
            record_event(
                DocumentRemoved,
                actor,
                subject,
                concerns=concerns,
                before={"document": document.pk, "material": document.material, "sha256": document.sha256},
                after={"kept_as_evidence": document.kept_at is not None},
            )
    return document

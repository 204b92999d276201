"""Takes a file in as evidence: looked into, made harmless, stored under a random name."""

from __future__ import annotations

import hashlib

from django.db import transaction

from openbeian.documents.decisions import UploadLimits, clean_name
from openbeian.documents.events import DocumentStored
from openbeian.documents.file_storage import generate_name, get_storage
from openbeian.documents.inspection import inspect_upload
from openbeian.documents.models import Document
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted

# Applicants hand in papers; reviewers and officers the evidence of steps done elsewhere; inspectors what they saw.
_ANY_OF = ("document.write", "case.review", "case.decide", "inspection.conduct")


def store_document(
    actor: Actor,
    subject: tuple[str, object],
    *,
    material: str,
    name: str,
    content: bytes,
    limits: UploadLimits,
    path: str = "",
    concerns: tuple[int | None, ...] = (),
) -> Document:
    """Stores the file for a subject, as ("case", 12), which the caller has found to be the actor's to write.

    `material` is the rulebook's id, `path` the form path it proves, `name` what the sender called it. The file is
    written before the row: without the row it is an orphan that a job sweeps up, never a row without its file.

    Raises: NotPermitted, UploadRefused.
    """
    if actor.organisation_id is None or not any(map(actor.may, _ANY_OF)):
        raise NotPermitted(permission=_ANY_OF[0])
    inspected = inspect_upload(content, limits)
    stored_name = generate_name()
    get_storage().put(stored_name, inspected.content)
    with transaction.atomic():
        document = Document.objects.create(
            organisation_id=actor.organisation_id,
            uploaded_by_id=actor.user_id,
            subject_kind=subject[0],
            subject_id=str(subject[1]),
            material=material,
            path=path,
            original_name=clean_name(name, inspected.media_type),
            media_type=inspected.media_type,
            size_bytes=len(inspected.content),
            width_px=inspected.width_px,
            height_px=inspected.height_px,
            pages=inspected.pages,
            sha256=hashlib.sha256(inspected.content).hexdigest(),
            stored_name=stored_name,
            uploaded_at=clock.now(),
        )
        record_event(
            DocumentStored,
            actor,
            subject,
            concerns=concerns,
            # Names of papers often hold names of people; the journal keeps the digest instead.
            after={
                "document": document.pk,
                "material": material,
                "path": path,
                "media_type": document.media_type,
                "size_bytes": document.size_bytes,
                "sha256": document.sha256,
            },
        )
    return document

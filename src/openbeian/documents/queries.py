"""Reading documents. Whether the reader may see the subject is asked of the subject's own package first."""

from __future__ import annotations

import hashlib

from django.db.models import QuerySet

from openbeian.documents.errors import DocumentDamaged, DocumentNotFound
from openbeian.documents.file_storage import get_storage
from openbeian.documents.models import Document, Extract, Paper


def list_documents_of(kind: str, subject_id: object) -> QuerySet[Document]:
    """The documents now attached to a subject, oldest first; removed ones left out."""
    return Document.objects.filter(subject_kind=kind, subject_id=str(subject_id), removed_at__isnull=True).order_by(
        "pk"
    )


def get_document(document_id: int) -> Document:
    """A document by id, attached still or kept as evidence. Raises: DocumentNotFound."""
    document = Document.objects.filter(pk=document_id).first()
    if document is None or (document.removed_at is not None and document.kept_at is None):
        raise DocumentNotFound
    return document


def read_content(document: Document) -> bytes:
    """The stored bytes, found to be the ones that were stored. Raises: DocumentDamaged."""
    try:
        content = get_storage().get(document.stored_name)
    except FileNotFoundError:
        raise DocumentDamaged from None
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise DocumentDamaged
    return content


def find_extract(code: str) -> Extract | None:
    """The extract issued under a code in its normal form, as `extracts.read_code` gives it."""
    return Extract.objects.select_related("sponsor", "service").filter(code=code).first()


def find_paper(code: str) -> Paper | None:
    """The signed paper issued under a code in its normal form."""
    return Paper.objects.filter(code=code).first()


def list_papers_of(kind: str, subject_id: object) -> QuerySet[Paper]:
    """The signed papers issued about a subject, newest first."""
    return Paper.objects.filter(subject_kind=kind, subject_id=str(subject_id)).order_by("-pk")

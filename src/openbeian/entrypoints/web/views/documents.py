"""A document's file, to those who may see what it was handed in for."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from openbeian.cases.errors import CaseNotYours
from openbeian.cases.queries import get_case
from openbeian.documents.errors import DocumentNotFound
from openbeian.documents.models import Document
from openbeian.documents.queries import get_document
from openbeian.entrypoints.web.documents import answer_with_document
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.kernel.actor import Actor


@require_safe
@needs("case.read", "document.write")
def show_document(request: PortalRequest, document_id: int) -> HttpResponse:
    """Raises: DocumentNotFound also when it is somebody else's, so that nobody can tell the difference."""
    document = get_document(document_id)
    _check_visible(request.actor, document)
    return answer_with_document(document)


def _check_visible(actor: Actor, document: Document) -> None:
    if document.subject_kind == "case" and document.subject_id.isdecimal():
        try:
            get_case(actor, int(document.subject_id))
        except CaseNotYours:
            raise DocumentNotFound from None
    elif document.organisation_id != actor.organisation_id:
        raise DocumentNotFound

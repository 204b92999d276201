"""How a stored document travels to a browser: as what it is, never as a page of ours."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from openbeian.documents.models import Document
from openbeian.documents.queries import read_content

# A document may do nothing at all in the browser, whatever an inspection may have overlooked.
DOCUMENT_POLICY = "default-src 'none'; sandbox; frame-ancestors 'self'"


def answer_with_file(content: bytes, media_type: str, name: str, *, is_download: bool) -> HttpResponse:
    """The bytes under their stored type, with a safe name, no sniffing and no powers."""
    response = HttpResponse(content, content_type=media_type)
    disposition = content_disposition_header(is_download, name)
    if disposition:
        response.headers["Content-Disposition"] = disposition
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = DOCUMENT_POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def answer_with_document(document: Document) -> HttpResponse:
    """Pictures are shown in place; a PDF is offered for download, since a browser's viewer runs outside the sandbox.

    Raises: DocumentDamaged.
    """
    content = read_content(document)
    is_picture = document.media_type.startswith("image/")
    return answer_with_file(content, document.media_type, document.original_name, is_download=not is_picture)

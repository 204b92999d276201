"""Looks into uploads before anything is stored: Pillow for pictures, pypdf for PDF, and no other code meets them."""

from __future__ import annotations

from openbeian.documents.decisions import PDF, Inspected, UploadLimits, check_size, check_type
from openbeian.documents.inspection.confinement import inspect_pdf_confined
from openbeian.documents.inspection.pictures import inspect_picture


def inspect_upload(content: bytes, limits: UploadLimits) -> Inspected:
    """What the file is, by its content, with the bytes to keep (a picture's are new ones without metadata).

    Bounded in time and memory whatever it holds. Raises: UploadRefused.
    """
    check_size(content, limits)
    media_type = check_type(content, limits)
    if media_type == PDF:
        return Inspected(media_type, content, pages=inspect_pdf_confined(content, limits))
    return inspect_picture(content, limits)

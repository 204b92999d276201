"""Files as evidence, and the extracts issued from the record."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Document(models.Model):
    """A file somebody handed in, checked and stored outside the web root under a random name.

    It belongs to an organisation and is attached to a case by the case's form, not by its name.
    """

    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    subject_kind = models.CharField(max_length=30, help_text="what it was handed in for: case, provider …")
    subject_id = models.CharField(max_length=40)
    material = models.CharField(max_length=60, help_text="id of the material in the rulebook")
    path = models.CharField(max_length=120, blank=True, help_text="form path it proves, as services.0")
    original_name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=40)
    size_bytes = models.PositiveIntegerField()
    width_px = models.PositiveIntegerField(null=True)
    height_px = models.PositiveIntegerField(null=True)
    pages = models.PositiveSmallIntegerField(null=True)
    sha256 = models.CharField(max_length=64)
    stored_name = models.CharField(max_length=64, unique=True)
    uploaded_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    kept_at = models.DateTimeField(null=True, help_text="since when a submitted case relies on it; its file then stays")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject_kind", "subject_id"], name="documents_of_subject")]


class Extract(models.Model):
    """A printed extract of the record, verifiable on the public page by its code."""

    code = models.CharField(max_length=24, unique=True)
    sponsor = models.ForeignKey("registry.Sponsor", models.PROTECT, related_name="extracts")
    service = models.ForeignKey("registry.Service", models.PROTECT, null=True, related_name="extracts")
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    content = models.JSONField(help_text="what stood on record when it was printed, nothing personal")
    sha256 = models.CharField(max_length=64, blank=True)


class Paper(models.Model):
    """A signed paper about one subject: a licence extract, a receipt, an inspection record, the cover of a pack.

    Its words are frozen when it is issued; the file is set from them whenever it is asked for, and signed then.
    """

    code = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=30, help_text="id of papers.PAPER_KINDS")
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=40)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    content = models.JSONField(help_text="PaperContent as JSON; nothing personal")
    sha256 = models.CharField(max_length=64, help_text="of the content")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject_kind", "subject_id"], name="papers_of_subject")]

"""The journal's entries, the head that puts them in order, and the cursors of those who read along."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from openbeian.journal.errors import JournalIsAppendOnly


class Entry(models.Model):
    """One fact, once written never changed: each carries the hash of the one before it.

    Sequence numbers have no gaps, and a higher one is never visible before a lower one, because the head row is
    locked until the writing transaction ends. That is why a cursor over them is a sound outbox.
    Every entry pays for each index it stands in, so there are those that a question uses and no others.
    """

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    event = models.CharField(max_length=60)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    actor_name = models.CharField(max_length=80)
    organisation = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    door = models.CharField(max_length=10)
    address = models.CharField(max_length=45, blank=True)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=40)
    # The organisations that may read the entry, as ids: hashed here, searched in `Concern`.
    concerns = models.JSONField(default=list)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "subject_id", "sequence"], name="journal_of_subject"),
            models.Index(fields=["event", "sequence"], name="journal_by_event"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise JournalIsAppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise JournalIsAppendOnly


class Concern(models.Model):
    """An organisation that may read an entry; the searchable shadow of `Entry.concerns`."""

    # No index of their own: an entry is never deleted, and `journal_concerns` begins with the organisation.
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="concerned", db_index=False)
    organisation = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation", "-entry"], name="journal_concerns")]


class Head(models.Model):
    """One row: the last sequence and hash. Locking it puts all writers in line."""

    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)


class Cursor(models.Model):
    """How far one reader has come; moved only after its work on the entries is done."""

    reader = models.CharField(max_length=60, primary_key=True)
    sequence = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(null=True)

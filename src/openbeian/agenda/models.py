"""Private feed addresses and what each feed has told so far."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class FeedAddress(models.Model):
    """A secret address under which one membership's dates, or one sponsor's, can be read; only its hash is kept."""

    secret_hash = models.CharField(max_length=64, unique=True)
    membership = models.ForeignKey("accounts.Membership", models.CASCADE, related_name="feeds")
    sponsor = models.ForeignKey("registry.Sponsor", models.PROTECT, null=True, related_name="+")
    language = models.CharField(max_length=2, default="zh")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_read_at = models.DateTimeField(null=True)


class FeedEntry(models.Model):
    """One event as a feed told it last, so that a change counts its sequence up and a vanished date is cancelled."""

    feed = models.ForeignKey(FeedAddress, models.CASCADE, related_name="entries")
    key = models.CharField(max_length=80)
    on = models.DateField()
    summary = models.CharField(max_length=300)
    description = models.CharField(max_length=600, blank=True)
    path = models.CharField(max_length=200)
    sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["feed", "key"], name="one_entry_per_feed_and_key")]

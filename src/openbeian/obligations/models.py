"""Obligations as they were last computed, the lead times an organisation chose, and how far the computing has come."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from openbeian.obligations.decisions import STAGES


class Obligation(models.Model):
    """One duty of one record in one cycle. Everything but who settled it and how is computed anew each night."""

    # Millions of rows are written at once, so that a key has no index of its own where another one begins with it.
    organisation = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, related_name="obligations", db_index=False
    )
    sponsor = models.ForeignKey(
        "registry.Sponsor", models.CASCADE, null=True, related_name="obligations", db_index=False
    )
    subject_kind = models.CharField(
        max_length=20, help_text="sponsor, service, licence, number, case, finding, inspection_fault"
    )
    subject_id = models.BigIntegerField()
    kind = models.CharField(max_length=60, help_text="a kind of rulebook/obligations/")
    cycle = models.CharField(max_length=10, help_text="the anchor's day or the year reported on; empty: standing")
    rule_id = models.CharField(max_length=80)
    anchor_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    advised_on = models.DateField(null=True)
    window_opens_on = models.DateField(null=True)
    soon_on = models.DateField(null=True, help_text="the last warning before the due day")
    stage = models.CharField(max_length=12, choices=[(str(stage), text.zh) for stage, text in STAGES.items()])
    harm_rank = models.PositiveSmallIntegerField(default=0)
    provisional = models.BooleanField(default=False, help_text="a year on the way has no published calendar")
    is_certain = models.BooleanField(default=True)
    policy_claim = models.CharField(max_length=60, blank=True, help_text="the claim followed by choice, not by law")
    policy_scope = models.CharField(max_length=12, blank=True)
    rule_digest = models.CharField(max_length=16)
    basis = models.CharField(max_length=16, help_text="changes when facts, rule, policy or lead times do")
    first_seen_on = models.DateField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    settled_why = models.CharField(max_length=500, blank=True, help_text="the reason of a waiver, or the evidence")
    evidence = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "kind", "cycle"], name="one_obligation_per_cycle"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "stage", "due_on"], name="obligations_of_organisation"),
            models.Index(fields=["sponsor", "due_on"], name="obligations_of_sponsor"),
            models.Index(fields=["kind", "stage"], name="obligations_by_kind"),
            models.Index(
                fields=["settled_by"], condition=models.Q(settled_by__isnull=False), name="obligations_by_settler"
            ),
            models.Index(
                fields=["evidence"], condition=models.Q(evidence__isnull=False), name="obligations_by_evidence"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_kind}:{self.subject_id} {self.cycle}"


class LeadTime(models.Model):
    """The days before at which an organisation wants to be told of a kind; without one the rulebook's stand."""

    organisation = models.ForeignKey("accounts.Organisation", models.CASCADE, related_name="lead_times")
    kind = models.CharField(max_length=60)
    days = models.JSONField(default=list, help_text="falling, as [180, 120, 100, 90]")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "kind"], name="one_lead_time_per_kind")
        ]


class Assignment(models.Model):
    """That a member is in charge of what a record owes; `organisation` with its own key: of what nobody else is."""

    organisation = models.ForeignKey("accounts.Organisation", models.CASCADE, related_name="+", db_index=False)
    subject_kind = models.CharField(max_length=12, help_text="sponsor, service, licence, organisation")
    subject_id = models.BigIntegerField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    assigned_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "subject_kind", "subject_id"], name="one_person_in_charge_of_a_record"
            )
        ]


class KindMark(models.Model):
    """On which rule text and on which day a kind was last computed for every record."""

    kind = models.CharField(max_length=60, primary_key=True)
    digest = models.CharField(max_length=16, blank=True)
    computed_on = models.DateField(null=True)

"""Draws, inspections, what was said and photographed on the spot, and what is to be rectified.

What devices send is append-only and named by the device: sent twice it is one row, sent in any order it says the same.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from openbeian.supervision.decisions import CLOSED_HOW, PETITIONS, SEVERITIES
from openbeian.supervision.decisions import STATES as FAULT_STATES
from openbeian.supervision.inspections.decisions import ANSWERS, PHOTO_TIMES, ROLES, STATES

USER = settings.AUTH_USER_MODEL


class Draw(models.Model):
    """A lot: the seed and everybody in the urn, so that anybody can draw the same again.

    Of an inspection that an officer ordered it is the lot of the inspectors: one record in the urn, and the reason.
    """

    administration = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    scheme = models.CharField(max_length=60)
    scheme_version = models.CharField(max_length=20)
    seed = models.CharField(max_length=120)
    population = models.JSONField(help_text="[[key, weight]] by key")
    population_sha256 = models.CharField(max_length=64)
    drawn = models.JSONField(help_text="keys in the order of the lot")
    inspectors = models.JSONField(help_text="{key: [user id]}")
    reason = models.CharField(
        max_length=500, blank=True, help_text="why an officer ordered it; empty where drawn by lot"
    )
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey(USER, models.SET_NULL, null=True, related_name="+")
    drawn_by_name = models.CharField(max_length=80)


class Conflict(models.Model):
    """An inspector who must keep away from an organisation."""

    administration = models.ForeignKey("accounts.Organisation", models.CASCADE, related_name="+")
    inspector = models.ForeignKey(USER, models.CASCADE, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", models.CASCADE, related_name="+")
    why = models.CharField(max_length=300)
    declared_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["inspector", "organisation"], name="one_conflict_per_inspector")
        ]


class Inspection(models.Model):
    """One visit to one licence holder or sponsor. `organisation` is whose record it is."""

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="inspections")
    administration = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="inspections")
    licence = models.ForeignKey("registry.Licence", models.PROTECT, null=True, related_name="inspections")
    sponsor = models.ForeignKey("registry.Sponsor", models.PROTECT, null=True, related_name="inspections")
    title = models.CharField(max_length=200, help_text="whom, as lists show it; masked where a person")
    number = models.CharField(max_length=48, help_text="licence or filing number")
    province = models.CharField(max_length=4, blank=True)
    checklist_version = models.CharField(max_length=20)
    state = models.CharField(max_length=12, choices=[(k, t.zh) for k, t in STATES.items()], default="planned")
    planned_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    concluded_at = models.DateTimeField(null=True)
    concluded_by_name = models.CharField(max_length=80, blank=True)
    summary = models.CharField(max_length=1000, blank=True)
    refused_to_sign = models.CharField(max_length=300, blank=True, help_text="why the inspected did not sign")
    closed_at = models.DateTimeField(null=True)
    paper_code = models.CharField(max_length=24, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["administration", "state"], name="inspections_of_office"),
            models.Index(fields=["organisation", "state"], name="inspections_of_organisation"),
        ]

    @property
    def reference(self) -> str:
        """By which people name it, as J000017."""
        return f"J{self.pk:06d}"

    @property
    def is_ordered(self) -> bool:
        """Whether an officer ordered it, instead of the lot."""
        return bool(self.draw.reason)

    def __str__(self) -> str:
        return self.reference


class Assignment(models.Model):
    """One of the two inspectors."""

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="assignments")
    inspector = models.ForeignKey(USER, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    place = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["inspection", "inspector"], name="assigned_once"),
            models.UniqueConstraint(fields=["inspection", "place"], name="one_inspector_per_place"),
        ]


class Entry(models.Model):
    """What a device said about one item; never changed, only replaced by a later entry that names it."""

    uuid = models.UUIDField(primary_key=True)
    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="entries")
    item = models.CharField(max_length=60)
    answer = models.CharField(max_length=16, choices=[(k, t.zh) for k, t in ANSWERS.items()])
    note = models.CharField(max_length=500, blank=True)
    bases = models.JSONField(default=list, help_text="uuids it replaces")
    made_at = models.DateTimeField(help_text="by the device's clock")
    made_by = models.ForeignKey(USER, models.SET_NULL, null=True, related_name="+")
    made_by_name = models.CharField(max_length=80)
    received_at = models.DateTimeField()


class Photo(models.Model):
    """A photograph of one item: its time, the hash of the file as taken, and the harmless copy that is kept."""

    uuid = models.UUIDField(primary_key=True)
    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="photos")
    item = models.CharField(max_length=60)
    document = models.OneToOneField("documents.Document", models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, help_text="of the file as it left the device")
    taken_at = models.DateTimeField()
    time_source = models.CharField(max_length=5, choices=[(k, t.zh) for k, t in PHOTO_TIMES.items()])
    doubt = models.CharField(max_length=10, blank=True)
    made_by_name = models.CharField(max_length=80)
    received_at = models.DateTimeField()


class Signature(models.Model):
    """A name drawn on the screen, under the answers that stood then."""

    uuid = models.UUIDField(primary_key=True)
    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="signatures")
    role = models.CharField(max_length=12, choices=[(k, t.zh) for k, t in ROLES.items()])
    signer = models.CharField(max_length=80)
    document = models.OneToOneField("documents.Document", models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, help_text="of the picture as it left the device")
    answers_sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField(help_text="by the device's clock")
    received_at = models.DateTimeField()


class Fault(models.Model):
    """One item not in order, and its life: the same states and verbs as a finding of the watch."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="faults")
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    item = models.CharField(max_length=60)
    note = models.CharField(max_length=500, blank=True)
    severity = models.CharField(max_length=8, choices=[(k, t.zh) for k, t in SEVERITIES.items()])
    rule = models.CharField(max_length=80, blank=True)
    citation_zh = models.CharField(max_length=300, blank=True)
    citation_en = models.CharField(max_length=300, blank=True)
    limit_rule = models.CharField(max_length=80)
    due_on = models.DateField()
    due_is_provisional = models.BooleanField(default=False)
    state = models.CharField(max_length=20, choices=[(k, t.zh) for k, t in FAULT_STATES.items()], default="to_rectify")
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, related_name="+", help_text="in charge of rectifying")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_how = models.CharField(max_length=20, blank=True, choices=[(k, t.zh) for k, t in CLOSED_HOW.items()])
    closed_note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["inspection", "item"], name="one_fault_per_item")]
        indexes: ClassVar = [models.Index(fields=["organisation", "state"], name="faults_of_organisation")]

    @property
    def reference(self) -> str:
        """By which people name it, as J000017-3."""
        return f"J{self.inspection_id:06d}-{self.pk}"

    def __str__(self) -> str:
        return self.reference


class FaultStep(models.Model):
    """One move of a fault, with its words and the evidence that came with it."""

    fault = models.ForeignKey(Fault, models.CASCADE, related_name="steps")
    verb = models.CharField(max_length=20)
    to_state = models.CharField(max_length=20)
    note = models.CharField(max_length=500, blank=True)
    evidence = models.ManyToManyField("documents.Document", related_name="+")
    actor_name = models.CharField(max_length=80)
    at = models.DateTimeField()


class FaultPetition(models.Model):
    """An extension or an appeal about a fault, decided by somebody else than who asked."""

    fault = models.ForeignKey(Fault, models.CASCADE, related_name="petitions")
    kind = models.CharField(max_length=10, choices=[(k, t.zh) for k, t in PETITIONS.items()])
    why = models.CharField(max_length=500)
    until_on = models.DateField(null=True)
    asked_by = models.ForeignKey(USER, models.SET_NULL, null=True, related_name="+")
    asked_by_name = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    is_granted = models.BooleanField(null=True)
    answer = models.CharField(max_length=500, blank=True)
    decided_by_name = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["fault"], condition=models.Q(decided_at__isnull=True), name="one_open_petition_per_fault"
            )
        ]

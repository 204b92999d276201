"""Annual reports with their figures and steps, and the register of complaints."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from openbeian.privacy.fields import SealedJSONField, SealedTextField
from openbeian.registry.models import Licence, NumberResource
from openbeian.supervision.reporting.subjects import name_holder


class AnnualReport(models.Model):
    """年报: what a holder reports of one licence, or of one number resource, for one year.

    The figures are sealed as a whole, since names stand among them; `origins` says of each prefilled path whence it
    came and what came. `revision` goes up with every write, so that a stale page is noticed.
    """

    class Regime(models.TextChoices):
        REPORT = "report", "年报"
        INSPECTION = "inspection", "年检"
        NUMBER = "number", "码号年报"

    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="annual_reports")
    licence = models.ForeignKey("registry.Licence", models.PROTECT, null=True, related_name="annual_reports")
    number_resource = models.ForeignKey(
        "registry.NumberResource", models.PROTECT, null=True, related_name="annual_reports"
    )
    authority = models.CharField(
        max_length=4, blank=True, help_text="of a number's report: who assigned it, empty where that cannot be told"
    )
    year = models.PositiveSmallIntegerField(help_text="the year reported on, not the one it is handed in")
    regime = models.CharField(max_length=10, choices=Regime, default=Regime.REPORT)
    is_policy = models.BooleanField(default=False, help_text="an inspection gone through by policy, not by law")
    state = models.CharField(max_length=20)
    revision = models.PositiveIntegerField(default=1)
    codes = models.JSONField(default=list, help_text="businesses held when the draft was begun or brought up to date")
    figures = SealedJSONField(default=dict)
    origins = SealedJSONField(default=dict, help_text="{path: {kind, reference, value}}, value as it was drawn")
    promises = models.JSONField(default=list)
    signed_by = SealedTextField(default="", blank=True)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, help_text="when it was last saved without a certain fault")
    submitted_at = models.DateTimeField(null=True)
    listed_on = models.DateField(null=True, help_text="put on the bad list")
    removed_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["licence", "year", "regime"], name="one_report_per_year"),
            models.UniqueConstraint(fields=["number_resource", "year"], name="one_report_per_number_and_year"),
            models.CheckConstraint(
                condition=models.Q(licence__isnull=True, number_resource__isnull=False, regime="number")
                | (models.Q(licence__isnull=False, number_resource__isnull=True) & ~models.Q(regime="number")),
                name="report_of_licence_or_number",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "-year"], name="reports_of_organisation")]

    def __str__(self) -> str:
        return f"{self.subject.number} {self.year}"

    @property
    def subject(self) -> Licence | NumberResource:
        """What is reported on."""
        found = self.licence or self.number_resource
        assert found is not None  # the table's constraint says so
        return found

    @property
    def holder(self) -> str:
        """Whose report it is, as the record names them."""
        return name_holder(self.subject)

    @property
    def is_of_number(self) -> bool:
        return self.regime == self.Regime.NUMBER

    @property
    def taken_by(self) -> str:
        """The authority that takes it: a province's abbreviation or the ministry; empty where it cannot be told."""
        return self.licence.authority if self.licence is not None else self.authority


class ReportStep(models.Model):
    """One turn in a report's way."""

    report = models.ForeignKey(AnnualReport, models.CASCADE, related_name="steps")
    verb = models.CharField(max_length=20)
    from_state = models.CharField(max_length=20)
    to_state = models.CharField(max_length=20)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    actor_name = models.CharField(max_length=80)
    reasons = models.JSONField(default=list, help_text="[{code, path, note}]")
    note = models.CharField(max_length=500, blank=True)


class Complaint(models.Model):
    """投诉: what a user complained of, by when it is to be answered, and what was answered."""

    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="complaints")
    licence = models.ForeignKey("registry.Licence", models.PROTECT, null=True, related_name="complaints")
    number = models.CharField(max_length=20, unique=True, help_text="TS20261121-4F7K2Q")
    received_on = models.DateField()
    channel = models.CharField(max_length=20)
    business = models.CharField(max_length=10, blank=True)
    subject = models.CharField(max_length=200)
    content = SealedTextField(default="", blank=True)
    complainant = SealedTextField(default="", blank=True, help_text="name and contact, as given")
    answer_due_on = models.DateField()
    due_is_provisional = models.BooleanField(default=False)
    answered_on = models.DateField(null=True)
    answer = SealedTextField(default="", blank=True)
    is_settled = models.BooleanField(default=False, help_text="the complainant is content, as far as is known")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(answered_on__isnull=True) | models.Q(answered_on__gte=models.F("received_on")),
                name="answered_after_received",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "received_on"], name="complaints_of_organisation")]

    def __str__(self) -> str:
        return self.number

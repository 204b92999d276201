"""Cases and what happens to them on their way."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from openbeian.privacy.fields import SealedJSONField, SealedTextField


class Case(models.Model):
    """办件: one procedure under way for one sponsor.

    The form is sealed as a whole, since every page of it holds personal data; what lists and searches need
    stands beside it in the clear. `revision` goes up with every write, so that a stale page is noticed.
    """

    reference = models.CharField(max_length=20, unique=True, help_text="办件号, as BA20261121-4F7K2Q")
    procedure = models.CharField(max_length=40)
    state = models.CharField(max_length=40)
    is_open = models.BooleanField(default=True)
    revision = models.PositiveIntegerField(default=1)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="cases")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    sponsor = models.ForeignKey("registry.Sponsor", models.PROTECT, null=True, related_name="cases")
    service = models.ForeignKey("registry.Service", models.PROTECT, null=True, related_name="cases")
    licence = models.ForeignKey("registry.Licence", models.PROTECT, null=True, related_name="cases")
    # Known from the first submission: one open case per sponsor, found without opening the form.
    certificate_fingerprint = models.CharField(max_length=32, blank=True)
    provider = models.ForeignKey("registry.Provider", models.PROTECT, null=True, related_name="cases")
    administration = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, null=True, related_name="administered_cases"
    )
    channel = models.CharField(max_length=10, default="inside")
    province = models.CharField(max_length=1, blank=True)
    title = models.CharField(max_length=200, blank=True, help_text="the sponsor's name, for lists")
    service_names = models.CharField(max_length=400, blank=True)
    initials = models.CharField(max_length=200, blank=True, db_index=True, help_text="pinyin initials of the title")
    form = SealedJSONField(default=dict)
    # What stood on record when the case began: the old values beside the new ones.
    before = SealedJSONField(default=dict)
    first_reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    forwarded_at = models.DateTimeField(null=True)
    # Rises each time codes are sent; earlier rounds stay as history.
    confirmation_round = models.PositiveSmallIntegerField(default=0)
    entered_state_at = models.DateTimeField()
    due_on = models.DateField(null=True, help_text="by when whoever must act should have acted")
    due_is_provisional = models.BooleanField(default=False)
    # Calendar days of states that stop the clock, left out of limits that count from the receipt.
    stopped_days = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["certificate_fingerprint"],
                condition=models.Q(is_open=True) & ~models.Q(certificate_fingerprint=""),
                name="one_open_case_per_certificate",
            ),
            models.UniqueConstraint(
                fields=["sponsor"],
                condition=models.Q(is_open=True) & models.Q(sponsor__isnull=False),
                name="one_open_case_per_sponsor",
            ),
            models.UniqueConstraint(
                fields=["licence"],
                condition=models.Q(is_open=True) & models.Q(licence__isnull=False),
                name="one_open_case_per_licence",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "-saved_at"], name="cases_of_organisation"),
            models.Index(fields=["provider", "state", "due_on"], name="cases_of_provider"),
            models.Index(fields=["administration", "state", "due_on"], name="cases_of_administration"),
            models.Index(fields=["state", "entered_state_at"], name="cases_by_state"),
        ]

    def __str__(self) -> str:
        return self.reference


class Step(models.Model):
    """One turn in a case's way: from which state to which, by whom, why. Together they are its 审核历史."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="steps")
    verb = models.CharField(max_length=30)
    from_state = models.CharField(max_length=40)
    to_state = models.CharField(max_length=40)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    actor_name = models.CharField(max_length=80)
    actor_role = models.CharField(max_length=20, help_text="applicant, provider, administration, system")
    reasons = models.JSONField(default=list, help_text="[{code, field, note}]")
    note = models.CharField(max_length=500, blank=True)
    evidence = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["case", "at"], name="steps_of_case")]


class SmsConfirmation(models.Model):
    """One named person's confirmation by a code sent to their mobile."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待核验"
        CONFIRMED = "confirmed", "核验完成"
        EXPIRED = "expired", "核验超时"
        FAILED = "failed", "核验失败"

    case = models.ForeignKey(Case, models.CASCADE, related_name="confirmations")
    round = models.PositiveSmallIntegerField(help_text="a case sent back and forwarded again confirms again")
    person_path = models.CharField(max_length=60, help_text="sponsor.person, services.0.person")
    person_name = SealedTextField()
    mobile = SealedTextField()
    mobile_fingerprint = models.CharField(max_length=32, db_index=True)
    certificate_tail = SealedTextField(help_text="last six characters of the certificate number")
    code_hash = models.CharField(max_length=64)
    secret = models.CharField(max_length=32, unique=True, help_text="unguessable address of the confirmation page")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "round", "person_path"], name="one_code_per_person_and_round")
        ]


class SentMessage(models.Model):
    """A text message that left this installation, or would have: the demo shows it instead of sending it."""

    mobile = SealedTextField()
    body = SealedTextField()
    key = models.CharField(max_length=120, unique=True)
    sent_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

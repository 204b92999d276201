"""What is watched, what each probe said, what was found, and the evidence of it.

A service is watched at each of its domains. Probes are kept as they came; what may be said of a site is what its
check states hold, and those move only when a sweep is settled.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from openbeian.kernel.answers import Answer
from openbeian.privacy.fields import SealedTextField
from openbeian.supervision.decisions import PETITIONS, SEVERITIES, STATES, State

ANSWERS = [(str(a), a.name.lower()) for a in Answer]


class Sweep(models.Model):
    """One round over all watched sites. `day` and `hour` (China time) name a scheduled one, so that it is begun once."""

    class State(models.TextChoices):
        RUNNING = "running", "进行中"
        SETTLED = "settled", "已完成"
        OURS = "ours", "本方故障，不作数"

    day = models.DateField(null=True)
    hour = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    is_ours = models.BooleanField(null=True, help_text="the verdict on its failures, told once, before it is settled")
    site_count = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["day", "hour"], condition=models.Q(day__isnull=False), name="one_sweep_per_hour"
            ),
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="running"), name="one_sweep_at_a_time"),
        ]


class WatchedSite(models.Model):
    """One domain of a service that sweeps visit, and what may be said of it now.

    `leased_by` and `lease_until` keep two workers from probing it at once; `swept_in` is the sweep that visited it
    last, so that a sweep cut off goes on with the rest.
    """

    service = models.ForeignKey("registry.Service", models.CASCADE, related_name="watched_sites")
    domain = models.CharField(max_length=253, help_text="A-label, may hold a sub-domain")
    path = models.CharField(max_length=300, default="/")
    is_active = models.BooleanField(default=True)
    answer = models.CharField(max_length=11, choices=ANSWERS, default=Answer.CANNOT_TELL)
    answer_since = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True, help_text="last known good: nothing was wrong")
    probed_at = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    swept_in = models.ForeignKey(Sweep, models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "domain"], name="one_watched_site_per_domain")
        ]
        indexes: ClassVar = [models.Index(fields=["is_active", "swept_in"], name="sites_to_sweep")]

    def __str__(self) -> str:
        return f"{self.domain}{self.path}"


class CheckState(models.Model):
    """What may be said of one site about one kind of check. `recent` holds the last answers, oldest first, as
    `[instant, outcome, whose, reason]`: from them the state can be told again."""

    site = models.ForeignKey(WatchedSite, models.CASCADE, related_name="states")
    check_kind = models.CharField(max_length=20)
    answer = models.CharField(max_length=11, choices=ANSWERS, default=Answer.CANNOT_TELL)
    since = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True, help_text="last known good")
    is_confirmed = models.BooleanField(default=False)
    in_a_row = models.PositiveIntegerField(default=0, help_text="how many probes in succession said the same")
    reason = models.CharField(max_length=60, blank=True)
    detail_zh = models.CharField(max_length=400, blank=True)
    detail_en = models.CharField(max_length=400, blank=True)
    recent = models.JSONField(default=list)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["site", "check_kind"], name="one_state_per_check")]


class StoredProbe(models.Model):
    """One probe, compactly. `answers` is `{check: [outcome, whose, reason, detail zh, detail en]}` with one letter for
    outcome and whose; what else was seen stands in its evidence pack, where something was wrong."""

    class Occasion(models.TextChoices):
        SWEEP = "sweep", "巡检"
        AGAIN = "again", "确认"
        RECHECK = "recheck", "复查"

    site = models.ForeignKey(WatchedSite, models.CASCADE, related_name="probes")
    sweep = models.ForeignKey(Sweep, models.CASCADE, null=True, related_name="probes")
    occasion = models.CharField(max_length=8, choices=Occasion)
    started_at = models.DateTimeField()
    took_ms = models.PositiveIntegerField()
    probe_version = models.CharField(max_length=20)
    is_reached = models.BooleanField()
    is_up = models.CharField(max_length=11, choices=ANSWERS, help_text="for the availability: DNS and HTTP together")
    status = models.PositiveSmallIntegerField(default=0)
    answers = models.JSONField(default=dict)
    page_sha256 = models.CharField(max_length=64, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["sweep", "site"], condition=models.Q(sweep__isnull=False), name="probed_once_per_sweep"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["site", "-started_at"], name="probes_of_site"),
            models.Index(fields=["sweep"], condition=models.Q(settled_at__isnull=True), name="probes_to_settle"),
            models.Index(fields=["started_at"], name="probes_by_time"),
        ]


class SiteDay(models.Model):
    """How a site fared on one day in China: probes that reached it, that did not, that could not tell, and those
    within announced maintenance, which count for neither."""

    site = models.ForeignKey(WatchedSite, models.CASCADE, related_name="days")
    day = models.DateField()
    up = models.PositiveIntegerField(default=0)
    down = models.PositiveIntegerField(default=0)
    untold = models.PositiveIntegerField(default=0)
    maintained = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["site", "day"], name="one_row_per_site_and_day")]


class MaintenanceWindow(models.Model):
    """Announced work: what fails from `starts_at` until before `ends_at` is no fault."""

    service = models.ForeignKey("registry.Service", models.CASCADE, related_name="maintenance")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    why = models.CharField(max_length=200)
    announced_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    announced_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="maintenance_ends_last")
        ]
        indexes: ClassVar = [models.Index(fields=["service", "ends_at"], name="maintenance_of_service")]


class Finding(models.Model):
    """One fault and its life. However many probes see it, there is one as long as it is open.

    Severity, fine and limit are those of the rulebook on the day it was opened; amounts in yuan, None where no rule
    threatens a fine. `organisation` is whose record the service is.
    """

    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    sponsor = models.ForeignKey("registry.Sponsor", models.CASCADE, related_name="findings")
    service = models.ForeignKey("registry.Service", models.CASCADE, related_name="findings")
    site = models.ForeignKey(WatchedSite, models.CASCADE, related_name="findings")
    check_kind = models.CharField(max_length=20)
    reason = models.CharField(max_length=60, blank=True)
    detail_zh = models.CharField(max_length=400, blank=True)
    detail_en = models.CharField(max_length=400, blank=True)
    words = models.JSONField(default=list, help_text="[{term, category, law, context, matched}] of a content finding")
    severity = models.CharField(max_length=8, choices=[(k, t.zh) for k, t in SEVERITIES.items()])
    duty = models.CharField(max_length=80, blank=True)
    fine_min_yuan = models.PositiveIntegerField(null=True)
    fine_max_yuan = models.PositiveIntegerField(null=True)
    citation_zh = models.CharField(max_length=200, blank=True)
    citation_en = models.CharField(max_length=300, blank=True)
    limit_rule = models.CharField(max_length=80)
    due_on = models.DateField()
    due_is_provisional = models.BooleanField(default=False)
    state = models.CharField(max_length=20, choices=[(k, t.zh) for k, t in STATES.items()], default=State.TO_RECTIFY)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    began_at = models.DateTimeField(help_text="when the fault was first seen")
    opened_at = models.DateTimeField(help_text="when it was confirmed")
    seen_at = models.DateTimeField(help_text="when a probe saw it last")
    recovered_at = models.DateTimeField(null=True, help_text="since when probes no longer see it")
    closed_at = models.DateTimeField(null=True)
    closed_how = models.CharField(max_length=20, blank=True)
    closed_note = models.CharField(max_length=500, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["site", "check_kind"], condition=~models.Q(state="closed"), name="one_open_finding_per_fault"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "due_on"], name="findings_of_organisation"),
            models.Index(fields=["service", "state"], name="findings_of_service"),
            models.Index(fields=["sponsor", "state"], name="findings_of_sponsor"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """By which people name it, as W000017."""
        return f"W{self.pk:06d}"


class Petition(models.Model):
    """An extension or an appeal, asked for by those who must rectify and decided by somebody else."""

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="petitions")
    kind = models.CharField(max_length=10, choices=[(k, t.zh) for k, t in PETITIONS.items()])
    why = models.CharField(max_length=500)
    until_on = models.DateField(null=True, help_text="the day an extension asks for")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_by_name = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    is_granted = models.BooleanField(null=True)
    answer = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_by_name = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["finding"], condition=models.Q(decided_at__isnull=True), name="one_open_petition_per_finding"
            )
        ]


class EvidencePack(models.Model):
    """What one probe saw, as a ZIP in the data folder; the digest of every file in it stands in the journal.

    One pack may prove several findings. One that proves none belongs to a fault never confirmed, and goes after
    some days.
    """

    site = models.ForeignKey(WatchedSite, models.PROTECT, related_name="packs")
    findings = models.ManyToManyField(Finding, related_name="packs")
    probe = models.OneToOneField(StoredProbe, models.SET_NULL, null=True, related_name="pack")
    seen_at = models.DateTimeField()
    shows_fault = models.BooleanField()
    stored_name = models.CharField(max_length=64, unique=True)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    items = models.JSONField(default=list, help_text="[{name, media_type, size_bytes, sha256}]")
    made_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["made_at"], name="packs_by_time")]


class AllowedPhrase(models.Model):
    """A phrase a reviewer found harmless: the audit passes over a term that it covers. Without an organisation it
    holds for the whole installation."""

    organisation = models.ForeignKey("accounts.Organisation", models.CASCADE, null=True, related_name="+")
    phrase = models.CharField(max_length=60)
    term = models.CharField(max_length=60)
    why = models.CharField(max_length=300)
    taught_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    taught_by_name = models.CharField(max_length=80)
    taught_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "phrase"],
                condition=models.Q(removed_at__isnull=True),
                name="one_allowed_phrase",
            ),
            models.UniqueConstraint(
                fields=["phrase"],
                condition=models.Q(removed_at__isnull=True, organisation__isnull=True),
                name="one_allowed_phrase_for_all",
            ),
        ]


class OutsideRow(models.Model):
    """What a public look-up or register said of a number, as somebody pasted or imported it last.

    `told` and `told_before` are JSON of fields by name; sealed, because they may name people.
    """

    organisation = models.ForeignKey("accounts.Organisation", models.CASCADE, related_name="+")
    number = models.CharField(max_length=48)
    told = SealedTextField()
    told_before = SealedTextField(blank=True)
    told_at = models.DateTimeField()
    before_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True, help_text="when it last said something else than before")
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "number"], name="one_outside_row_per_number")
        ]

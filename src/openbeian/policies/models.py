"""Claims followed as policy, and holiday arrangements loaded before a new rulebook brings them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class PolicySetting(models.Model):
    """A claim of the rulebook that is followed although it is not law; of the installation without an organisation.

    A setting that was switched off keeps its row, so that one can see what was followed when.
    """

    rule_id = models.CharField(max_length=120)
    claim_id = models.CharField(max_length=60)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, related_name="policies")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    set_by_name = models.CharField(max_length=80)
    since = models.DateField(help_text="the first day on which it is followed")
    note = models.CharField(max_length=300, blank=True)
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rule_id", "organisation"],
                condition=models.Q(ended_at__isnull=True),
                name="one_policy_per_rule_and_organisation",
            ),
            models.UniqueConstraint(
                fields=["rule_id"],
                condition=models.Q(ended_at__isnull=True, organisation__isnull=True),
                name="one_policy_per_rule_of_installation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.claim_id}"


class LoadedArrangement(models.Model):
    """One year's holiday arrangement as an administrator loaded it; it stands before the rulebook's own."""

    year = models.PositiveSmallIntegerField(unique=True)
    days = models.JSONField(help_text="[{date, name, day_off}], as in the rulebook")
    source = models.CharField(max_length=300)
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    loaded_by_name = models.CharField(max_length=80)
    loaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.year)

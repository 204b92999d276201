"""What is followed beside the law, and which holiday arrangements were loaded."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from openbeian.kernel.actor import Actor
from openbeian.kernel.working_days import Arrangement
from openbeian.policies.models import LoadedArrangement, PolicySetting
from openbeian.rules.arrangements import restore_arrangement
from openbeian.rules.resolver import Policy


def list_live_settings(organisation_id: int | None) -> QuerySet[PolicySetting]:
    """What is switched on for an organisation: its own and the installation's; for None only the installation's."""
    mine = Q(organisation__isnull=True)
    if organisation_id is not None:
        mine |= Q(organisation_id=organisation_id)
    return PolicySetting.objects.filter(mine, ended_at__isnull=True).order_by("rule_id", "pk")


def list_policies(organisation_id: int | None) -> list[Policy]:
    """The same as the resolver takes it; whose comes first is the resolver's business."""
    return [
        Policy(
            setting.rule_id,
            setting.claim_id,
            setting.set_by_name,
            setting.since,
            "installation" if setting.organisation_id is None else "organisation",
        )
        for setting in list_live_settings(organisation_id)
    ]


def may_change_policy(actor: Actor, organisation_id: int | None) -> bool:
    """Whether the actor may switch policies of an organisation, or with None those of the installation."""
    if organisation_id is None:
        return actor.may("installation.manage")
    return actor.may("policy.manage") and actor.organisation_id == organisation_id


def list_loaded_arrangements() -> list[LoadedArrangement]:
    """By year."""
    return list(LoadedArrangement.objects.order_by("year"))


def read_loaded(loaded: LoadedArrangement) -> Arrangement:
    """A stored row as the calendar takes it; it was checked when it was loaded."""
    return restore_arrangement(loaded.year, loaded.source, loaded.days)

"""Ends a policy: from now on the rule in force is followed again."""

from __future__ import annotations

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.policies.errors import PolicyNotFound
from openbeian.policies.events import PolicySwitchedOff
from openbeian.policies.models import PolicySetting
from openbeian.policies.queries import may_change_policy


def switch_policy_off(actor: Actor, setting_id: int) -> PolicySetting:
    """Doing it twice changes nothing. Raises: PolicyNotFound, also when it is not the actor's to change."""
    with transaction.atomic():
        setting = PolicySetting.objects.select_for_update().filter(pk=setting_id).first()
        if setting is None or not may_change_policy(actor, setting.organisation_id):
            raise PolicyNotFound
        if setting.ended_at is not None:
            return setting
        setting.ended_at = clock.now()
        setting.save(update_fields=["ended_at"])
        record_event(
            PolicySwitchedOff,
            actor,
            ("policy", setting.pk),
            concerns=[setting.organisation_id],
            before={"rule": setting.rule_id, "claim": setting.claim_id},
        )
    return setting

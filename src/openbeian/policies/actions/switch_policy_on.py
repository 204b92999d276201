"""Follows a claim as policy from a day on, in place of what was followed for that rule before."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q

from openbeian.accounts.errors import NotFound
from openbeian.accounts.models import Organisation
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted
from openbeian.policies.errors import PolicyAlreadyOn
from openbeian.policies.events import PolicySwitchedOn
from openbeian.policies.models import PolicySetting
from openbeian.policies.queries import may_change_policy
from openbeian.rules.resolver import Policy, find_policy
from openbeian.rules.rulebook import current_rulebook

_LONGEST_NOTE = 300


def switch_policy_on(
    actor: Actor,
    rule_id: str,
    claim_id: str,
    *,
    organisation_id: int | None = None,
    since: date | None = None,
    note: str = "",
) -> PolicySetting:
    """For one organisation (its `policy.manage`) or, without one, for the installation (`installation.manage`).

    Raises: NotPermitted, NotFound, RuleUnknown, ClaimUnknown, PolicyRefused where the claim would break a higher
    rule, PolicyAlreadyOn.
    """
    if not may_change_policy(actor, organisation_id):
        raise NotPermitted(permission="policy.manage" if organisation_id is not None else "installation.manage")
    since = since or clock.today()
    rule = current_rulebook().get_rule(rule_id)
    find_policy(rule, since, [Policy(rule_id, claim_id, actor.name, since)])
    with transaction.atomic():
        # The organisation's row (or that of the rule's last setting) keeps two switches from passing each other;
        # the unique constraints stand behind it.
        if organisation_id is not None and not _lock(organisation_id):
            raise NotFound
        whose = Q(organisation__isnull=True) if organisation_id is None else Q(organisation_id=organisation_id)
        live = PolicySetting.objects.select_for_update().filter(whose, rule_id=rule_id, ended_at__isnull=True)
        before = live.first()
        if before is not None and before.claim_id == claim_id:
            raise PolicyAlreadyOn
        if before is not None:
            before.ended_at = clock.now()
            before.save(update_fields=["ended_at"])
        setting = PolicySetting.objects.create(
            rule_id=rule_id,
            claim_id=claim_id,
            organisation_id=organisation_id,
            set_by_id=actor.user_id,
            set_by_name=actor.name,
            since=since,
            note=note.strip()[:_LONGEST_NOTE],
            set_at=clock.now(),
        )
        record_event(
            PolicySwitchedOn,
            actor,
            ("policy", setting.pk),
            concerns=[organisation_id],
            before={"claim": before.claim_id} if before else None,
            after={"rule": rule_id, "claim": claim_id, "since": since.isoformat(), "note": setting.note},
        )
    return setting


def _lock(organisation_id: int) -> bool:
    return Organisation.objects.select_for_update().filter(pk=organisation_id).first() is not None

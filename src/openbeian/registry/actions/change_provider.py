"""Changes an entry of the provider register; what is on record with the provider stays as it is."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.journal.models import Head
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.registry.errors import ProviderMissing, ProviderNameTaken
from openbeian.registry.events import ProviderChanged
from openbeian.registry.models import Provider
from openbeian.registry.provider_values import read_provider
from openbeian.registry.register import check_organisation, may_register, values_of

# What a provider may not decide about itself.
KEPT_BY_OPERATOR = ("name", "kind", "organisation_id", "channel", "is_active")


def change_provider(actor: Actor, provider_id: int, raw: dict[str, Any]) -> Provider:
    """The operator changes any entry, a provider's own administrator the working details of theirs.

    Raises: NotPermitted, ProviderMissing, ProviderUnfit, ProviderNameTaken.
    """
    check_permitted(actor, "provider.manage")
    with transaction.atomic():
        Head.objects.select_for_update().get(pk=1)
        provider = Provider.objects.select_for_update().filter(pk=provider_id).first()
        keeps_register = may_register(actor)
        if provider is None or not (keeps_register or _is_own(actor, provider)):
            raise ProviderMissing
        if not keeps_register:
            raw = raw | {field: getattr(provider, field) for field in KEPT_BY_OPERATOR}
        values = read_provider(raw)
        if Provider.objects.filter(name=values.name).exclude(pk=provider.pk).exists():
            raise ProviderNameTaken(name=values.name)
        check_organisation(values.organisation_id, provider.pk)
        before, after = values_of(provider).as_json(), values.as_json()
        changed = [field for field in after if after[field] != before[field]]
        if not changed:
            return provider
        for field in changed:
            setattr(provider, field, after[field])
        provider.save(update_fields=changed)
        record_event(
            ProviderChanged,
            actor,
            ("provider", provider.pk),
            concerns=(before["organisation_id"], after["organisation_id"]),
            before={field: before[field] for field in changed},
            after={field: after[field] for field in changed},
        )
    return provider


def _is_own(actor: Actor, provider: Provider) -> bool:
    return provider.organisation_id is not None and provider.organisation_id == actor.organisation_id

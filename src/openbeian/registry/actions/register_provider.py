"""Enters an agency, access provider or outside portal in the register that applicants choose from."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.journal.models import Head
from openbeian.kernel.actor import Actor, NotPermitted
from openbeian.registry.errors import ProviderNameTaken
from openbeian.registry.events import ProviderRegistered
from openbeian.registry.models import Provider
from openbeian.registry.provider_values import read_provider
from openbeian.registry.register import check_organisation, may_register


def register_provider(actor: Actor, raw: dict[str, Any]) -> Provider:
    """The register is everybody's, so only the operator's administrators add to it.

    Raises: NotPermitted, ProviderUnfit, ProviderNameTaken, ProviderMissing for an unknown organisation.
    """
    if not may_register(actor):
        raise NotPermitted(permission="provider.manage")
    values = read_provider(raw)
    with transaction.atomic():
        Head.objects.select_for_update().get(pk=1)
        if Provider.objects.filter(name=values.name).exists():
            raise ProviderNameTaken(name=values.name)
        check_organisation(values.organisation_id, None)
        provider = Provider.objects.create(**values.as_json())
        record_event(
            ProviderRegistered,
            actor,
            ("provider", provider.pk),
            concerns=(provider.organisation_id,),
            after=values.as_json(),
        )
    return provider

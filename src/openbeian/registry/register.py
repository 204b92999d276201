"""The provider register: who keeps it, which organisation stands behind an entry, and an entry as it stands."""

from __future__ import annotations

from openbeian.accounts.models import Organisation
from openbeian.kernel.actor import Actor
from openbeian.registry.errors import ProviderMissing, ProviderNameTaken
from openbeian.registry.models import Provider
from openbeian.registry.provider_values import ProviderValues


def may_register(actor: Actor) -> bool:
    """Whether the actor keeps the whole register."""
    return actor.may("provider.manage") and (actor.runs_installation or actor.organisation_kind == "operator")


def check_organisation(organisation_id: int | None, provider_id: int | None) -> None:
    """An organisation stands behind one entry only. Raises: ProviderMissing, ProviderNameTaken."""
    if organisation_id is None:
        return
    organisation = Organisation.objects.filter(pk=organisation_id, kind__in=("access_provider", "agency")).first()
    if organisation is None:
        raise ProviderMissing
    if Provider.objects.filter(organisation_id=organisation_id).exclude(pk=provider_id or 0).exists():
        raise ProviderNameTaken(name=organisation.name)


def values_of(provider: Provider) -> ProviderValues:
    """The entry as it stands."""
    return ProviderValues(**{field: getattr(provider, field) for field in ProviderValues.__slots__})

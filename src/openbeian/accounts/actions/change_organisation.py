"""Gives an organisation another name."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.errors import NameTaken
from openbeian.accounts.events import OrganisationChanged
from openbeian.accounts.models import Organisation
from openbeian.accounts.queries import get_manageable_organisation
from openbeian.accounts.values import check_name
from openbeian.journal.actions.record_event import record_event
from openbeian.journal.models import Head
from openbeian.kernel.actor import Actor


def change_organisation(actor: Actor, organisation_id: int, name: str) -> Organisation:
    """Raises: NotPermitted, NotFound, ValueMissing, NameTaken."""
    get_manageable_organisation(actor, organisation_id)
    name = check_name(name, "name", longest=200)
    with transaction.atomic():
        Head.objects.select_for_update().get(pk=1)
        organisation = Organisation.objects.select_for_update().get(pk=organisation_id)
        if Organisation.objects.filter(name=name).exclude(pk=organisation.pk).exists():
            raise NameTaken(name=name)
        before = organisation.name
        if before == name:
            return organisation
        organisation.name = name
        organisation.save(update_fields=["name"])
        record_event(
            OrganisationChanged,
            actor,
            ("organisation", organisation.pk),
            concerns=(organisation.pk,),
            before={"name": before},
            after={"name": name},
        )
    return organisation

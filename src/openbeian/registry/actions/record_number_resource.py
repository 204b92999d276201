"""Puts a number resource (码号) on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.registry.actions.grant_number_resource import grant_number_resource
from openbeian.registry.models import NumberResource


def record_number_resource(actor: Actor, raw: Mapping[str, Any]) -> NumberResource:
    """For the actor's own organisation, under a licence of its own if one is named.

    Raises: NotPermitted, NumberResourceUnfit, NumberTaken.
    """
    check_permitted(actor, "case.write")
    if actor.organisation_id is None:
        raise NotPermitted(permission="case.write")
    with transaction.atomic():
        return grant_number_resource(actor, actor.organisation_id, raw)

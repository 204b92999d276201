"""From a membership to the actor in whose name things happen, the same for every door."""

from __future__ import annotations

from openbeian.accounts.decisions import permissions_of
from openbeian.accounts.errors import ActorNotClear, ActorUnknown
from openbeian.accounts.models import Membership
from openbeian.kernel.actor import Actor, Door


def actor_of(membership: Membership, door: Door, address: str = "") -> Actor:
    """The actor of a membership (with user and organisation loaded)."""
    user, organisation = membership.user, membership.organisation
    return Actor(
        user_id=user.pk,
        name=user.name,
        organisation_id=organisation.pk,
        organisation_kind=organisation.kind,
        roles=frozenset(membership.roles),
        permissions=permissions_of(membership.roles, runs_installation=user.is_superuser),
        door=door,
        address=address,
        province=organisation.province if organisation.kind == "administration" else "",
        runs_installation=user.is_superuser,
    )


def find_actor_by_email(email: str, organisation: str, door: Door) -> Actor:
    """The actor whom an operator names on the command line; what leaves no choice may be left out.

    Raises: ActorUnknown.
    """
    memberships = Membership.objects.select_related("user", "organisation").filter(user__is_active=True, is_active=True)
    if email:
        memberships = memberships.filter(user__email__iexact=email)
    if organisation:
        memberships = memberships.filter(organisation__name=organisation)
    found = list(memberships.order_by("pk")[:2])
    if not found:
        raise ActorUnknown(who=f"{email} {organisation}".strip() or "—")
    if len(found) > 1:
        raise ActorNotClear(who=f"{email} {organisation}".strip() or "—")
    return actor_of(found[0], door)


def find_actor_of(user_id: int, organisation_id: int, door: Door) -> Actor:
    """The actor for work that was asked for earlier; with the rights of today. Raises: ActorUnknown."""
    membership = (
        Membership.objects.select_related("user", "organisation")
        .filter(user_id=user_id, organisation_id=organisation_id, user__is_active=True, is_active=True)
        .first()
    )
    if membership is None:
        raise ActorUnknown(who="")
    return actor_of(membership, door)

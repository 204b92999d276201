"""From a signed-in person and the organisation they chose to the actor in whose name things happen."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from openbeian.accounts.acting import actor_of
from openbeian.accounts.decisions import permissions_of
from openbeian.accounts.models import Membership
from openbeian.kernel.actor import Actor

SESSION_ORGANISATION = "organisation"


def find_actor(request: HttpRequest) -> Actor | None:
    """The actor of a web request: the membership chosen in the session, else the first; None for the public."""
    if not request.user.is_authenticated:
        return None
    user = request.user
    memberships = list(
        Membership.objects.filter(user=user, is_active=True).select_related("organisation").order_by("pk")
    )
    request.memberships = memberships  # type: ignore[attr-defined]
    chosen = request.session.get(SESSION_ORGANISATION)
    membership = next((m for m in memberships if m.organisation_id == chosen), memberships[0] if memberships else None)
    address = client_address(request)
    if membership is not None:
        membership.user = user
        return actor_of(membership, "web", address)
    permissions = permissions_of((), runs_installation=user.is_superuser)
    return Actor(user.pk, user.name, None, "", frozenset(), permissions, "web", address, "", user.is_superuser)


def client_address(request: HttpRequest) -> str:
    """The address the request came from. Of forwarded addresses only those are believed that our own proxies
    wrote: the last OPENBEIAN_PROXIES of them; anybody can write the rest.
    """
    hops = [h.strip() for h in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",") if h.strip()]
    if settings.PROXIES and len(hops) >= settings.PROXIES:
        return hops[-settings.PROXIES][:45]
    return str(request.META.get("REMOTE_ADDR", ""))[:45]

"""Gates before views: signed in, and with the permission that the golden route list names."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from openbeian.kernel.actor import Actor, NotPermitted

View = Callable[..., HttpResponseBase]


class PortalRequest(HttpRequest):
    """A request that passed a gate: it has an actor."""

    actor: Actor
    language: str
    memberships: list[Any]
    htmx: Any


def needs(*permissions: str) -> Callable[[View], View]:
    """Opens a view to people signed in who hold any of these permissions; with none named, to everybody signed in.

    Raises: NotPermitted.
    """

    def gate(view: View) -> View:
        @wraps(view)
        def passed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor: Actor | None = getattr(request, "actor", None)
            if actor is None:
                return redirect_to_login(request.get_full_path())
            if permissions and not any(actor.may(p) for p in permissions):
                raise NotPermitted(permission=permissions[0])
            return view(request, *args, **kwargs)

        passed.permissions = permissions or ("signed in",)  # type: ignore[attr-defined]
        return passed

    return gate


def public(view: View) -> View:
    """Marks a view as open to everybody, on purpose: the route test refuses a view without a gate."""
    view.permissions = ("public",)  # type: ignore[attr-defined]
    return view


def machines(view: View) -> View:
    """Marks a view for monitors on this machine or with the operator's token; the view checks that itself."""
    view.permissions = ("loopback or token",)  # type: ignore[attr-defined]
    return view

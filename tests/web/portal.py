"""Browsers for tests: a client that is signed in and acts for one organisation."""

from __future__ import annotations

from django.test import Client

from openbeian.accounts.models import Membership, Organisation
from tests.accounts.factories import make_member, make_organisation, make_user

HOST = "127.0.0.1"


def browse(membership: Membership | None = None, *, address: str = "127.0.0.1") -> Client:
    """A browser on this host; signed in as the member, if one is given."""
    client = Client(SERVER_NAME=HOST, REMOTE_ADDR=address)
    if membership is not None:
        client.force_login(membership.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def make_administrator(organisation: Organisation | None = None) -> Membership:
    return make_member(organisation or make_organisation(), "administrator")


def make_operator() -> Membership:
    """Who runs the installation."""
    return make_member(make_organisation("operator"), "administrator", user=make_user(is_superuser=True))

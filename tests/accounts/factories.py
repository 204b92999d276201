"""Organisations, people and actors for tests."""

from __future__ import annotations

import itertools

from openbeian.accounts.decisions import permissions_of
from openbeian.accounts.models import Membership, Organisation, User
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor

_count = itertools.count(1)


def make_organisation(kind: str = "owner", *, province: str = "", name: str = "") -> Organisation:
    return Organisation.objects.create(
        name=name or f"测试机构{next(_count)}", kind=kind, province=province, created_at=clock.now()
    )


def make_user(name: str = "测试人员", *, password: str | None = "correct horse 9", **fields: object) -> User:
    return User.objects.create_user(
        f"user{next(_count)}@example.cn", password, name=name, created_at=clock.now(), **fields
    )


def make_member(organisation: Organisation, *roles: str, user: User | None = None) -> Membership:
    return Membership.objects.create(user=user or make_user(), organisation=organisation, roles=list(roles))


def make_actor(organisation: Organisation, *roles: str) -> Actor:
    """A new person with these roles, acting through the web."""
    membership = make_member(organisation, *roles)
    return Actor(
        user_id=membership.user_id,
        name=membership.user.name,
        organisation_id=organisation.pk,
        organisation_kind=organisation.kind,
        roles=frozenset(roles),
        permissions=permissions_of(roles),
        door="web",
        address="127.0.0.1",
        province=organisation.province if organisation.kind == "administration" else "",
    )

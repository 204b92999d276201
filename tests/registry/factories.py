"""Organisations, people and records for tests: one call, sensible values, all fictional."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from openbeian.accounts.decisions import permissions_of
from openbeian.accounts.models import Membership, Organisation, User
from openbeian.kernel.actor import SYSTEM, Actor
from openbeian.registry.actions.record_access import record_access
from openbeian.registry.actions.record_service import record_service
from openbeian.registry.actions.record_sponsor import record_sponsor
from openbeian.registry.decisions import AccessValues, PersonValues, ServiceValues, SponsorValues
from openbeian.registry.models import Provider, Service, Sponsor

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
GRANTED_ON = date(2026, 3, 2)
_next = count(1)


def make_organisation(name: str = "", kind: str = "owner", province: str = "") -> Organisation:
    return Organisation.objects.create(
        name=name or f"示例单位{next(_next)}", kind=kind, province=province, created_at=NOON
    )


def make_actor(organisation: Organisation, *roles: str, user: User | None = None) -> Actor:
    """A person of the organisation; without roles an applicant."""
    roles = roles or ("applicant",)
    return Actor(
        user_id=user.pk if user else None,
        name=user.name if user else "测试员",
        organisation_id=organisation.pk,
        organisation_kind=organisation.kind,
        roles=frozenset(roles),
        permissions=permissions_of(roles),
        door="web",
        address="127.0.0.1",
        province=organisation.province,
    )


def make_user(organisation: Organisation, *roles: str, name: str = "") -> User:
    """Somebody who can sign in, with a membership."""
    number = next(_next)
    user = User.objects.create_user(
        f"person{number}@example.cn", "correct horse battery", name=name or f"示例员{number}", created_at=NOON
    )
    Membership.objects.create(user=user, organisation=organisation, roles=list(roles or ("applicant",)))
    return user


def make_person_values(**changes: Any) -> PersonValues:
    number = next(_next)
    values: dict[str, Any] = {
        "name": "张示例",
        "certificate_type": "resident_id",
        "certificate_number": f"11010119900101{number:04}",
        "certificate_from": date(2020, 1, 1),
        "certificate_until": None,
        "mobile": f"138{number:08}",
        "emergency_phone": "",
        "email": f"person{number}@example.cn",
    }
    return PersonValues(**{**values, **changes})


def make_sponsor(
    organisation: Organisation | None = None, *, province: str = "京", on: date = GRANTED_ON, **changes: Any
) -> Sponsor:
    number = next(_next)
    values: dict[str, Any] = {
        "nature": "enterprise",
        "name": f"北京示例科技{number}有限公司",
        "region": "110101",
        "certificate_type": "uscc",
        "certificate_number": f"9111000{number:011}",
        "certificate_address": "北京市东城区示例路1号",
        "certificate_until": None,
        "address": "北京市东城区示例路1号",
        "legal_representative": "李示例",
        "remark": "",
        "person": make_person_values(),
    }
    organisation = organisation or make_organisation()
    from django.db import transaction

    with transaction.atomic():
        return record_sponsor(SYSTEM, organisation.pk, province, SponsorValues(**{**values, **changes}), on)


def make_service(
    sponsor: Sponsor | None = None, *, on: date = GRANTED_ON, provider: Provider | None = None, **changes: Any
) -> Service:
    """A website under example<n>.cn unless told otherwise; with a provider also an access through it."""
    number = next(_next)
    values: dict[str, Any] = {
        "kind": "website",
        "name": f"示例之家{number}",
        "domains": (f"example{number}.cn",),
        "home_url": f"https://www.example{number}.cn/",
        "contents": ("other",),
        "languages": ("zh",),
        "approvals": (),
        "remark": "",
        "person": make_person_values(),
        "accesses": (),
    }
    from django.db import transaction

    sponsor = sponsor or make_sponsor()
    with transaction.atomic():
        service = record_service(SYSTEM, sponsor.pk, ServiceValues(**{**values, **changes}), on)
        if provider:
            access = AccessValues(provider.pk, "cloud", "110000", ("192.0.2.1-192.0.2.9",))
            record_access(SYSTEM, service.pk, access, on)
    return service


def make_provider(organisation: Organisation | None = None, name: str = "") -> Provider:
    return Provider.objects.create(
        name=name or f"示例云{next(_next)}", kind="access_provider", organisation=organisation
    )

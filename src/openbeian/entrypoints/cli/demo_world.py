"""The demo world: organisations, people, a register, records and cases in every state, all of it fictional.

Everything goes through the same actions that people use, with the clock held at the day it is meant to have
happened, so that the journal, the numbers and the deadlines of the demo are those of a real installation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction

from openbeian.accounts.acting import actor_of
from openbeian.accounts.actions.create_organisation import create_organisation
from openbeian.accounts.models import Membership, Organisation, User
from openbeian.agenda.sources import CYCLE
from openbeian.cases.decisions.record_values import read_services, write_sponsor
from openbeian.entrypoints.cli.demo_cases import Cast, create_demo_cases
from openbeian.entrypoints.cli.demo_supervision import create_demo_supervision
from openbeian.entrypoints.cli.demo_values import KINDS, Invention
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM, Actor
from openbeian.policies.actions.switch_policy_on import switch_policy_on
from openbeian.registry.actions.cancel_access import cancel_access
from openbeian.registry.actions.cancel_service import cancel_service
from openbeian.registry.actions.cancel_sponsor import cancel_sponsor
from openbeian.registry.actions.record_access import record_access
from openbeian.registry.actions.record_service import record_service
from openbeian.registry.actions.record_sponsor import record_sponsor
from openbeian.registry.actions.register_provider import register_provider
from openbeian.registry.models import Provider

SPONSORS = 40
SERVICES_EACH = 3
_SEED = 20261121
_ADDRESSES = ["8.140.1.0-8.140.1.255", "8.140.2.0-8.140.2.255"]


@dataclass(frozen=True, slots=True)
class _Party:
    """One organisation of the demo and its people: (name, roles)."""

    key: str
    name: str
    kind: str
    people: tuple[tuple[str, tuple[str, ...]], ...]
    province: str = ""


_PARTIES = (
    _Party("owner", "北京演示网络有限公司", "owner", (("申小请", ("applicant",)), ("单位管小理", ("administrator",)))),
    _Party(
        "agency", "演示代办服务有限公司", "agency", (("代小办", ("agent",)), ("代大办", ("agent", "administrator")))
    ),
    _Party(
        "provider",
        "示例云计算有限公司",
        "access_provider",
        (("初小审", ("first_reviewer",)), ("初大审", ("first_reviewer",)), ("云小管", ("administrator",))),
    ),
    _Party(
        "carrier",
        "示例接口云有限公司",
        "access_provider",
        (("接小审", ("first_reviewer",)), ("接小管", ("administrator",))),
    ),
    _Party(
        "administration",
        "北京市通信管理局（演示）",
        "administration",
        (
            ("管小审", ("officer",)),
            ("管大审", ("officer",)),
            ("检小查", ("inspector",)),
            ("检大查", ("inspector",)),
            ("审小计", ("auditor",)),
        ),
        "京",
    ),
)


def create_demo_world() -> None:
    """Makes the world once: a second call, or a call on an installation with people of its own, changes nothing."""
    if User.objects.exists():
        return
    invention, now = Invention(Random(_SEED)), clock.now()  # noqa: S311  fiction, not secrets
    with transaction.atomic():
        with clock.hold(now - timedelta(days=400)):
            actors = _create_people()
            # The two-year cycle is the demo's own policy, and every page that shows it says so.
            switch_policy_on(actors["operator"][0], CYCLE, "two_years", note="演示：每两年复核一次")
            providers = _register_providers(actors["operator"][0], actors["provider"][0], actors["carrier"][0])
        cast = Cast(
            applicant=actors["owner"][0],
            agent=actors["agency"][0],
            reviewer=actors["provider"][0],
            second_reviewer=actors["provider"][1],
            officer=actors["administration"][0],
            provider=providers["inside"],
            outside_provider=providers["outside"],
        )
        _record_sponsors(invention, cast, now)
        create_demo_cases(invention, cast, now)
        create_demo_supervision(invention, cast.applicant, cast.officer, now)


def _create_people() -> dict[str, list[Actor]]:
    """Every organisation's people as actors, in the order of the table; nobody has a password."""
    operator = Organisation.objects.create(name="演示平台运营方", kind="operator", is_demo=True, created_at=clock.now())
    runner = _create_person(operator, "平台管理员", ("administrator",), "operator1", runs_installation=True)
    actors = {"operator": [runner]}
    for party in _PARTIES:
        organisation = create_organisation(runner, party.name, party.kind, party.province)
        Organisation.objects.filter(pk=organisation.pk).update(is_demo=True)
        actors[party.key] = [
            _create_person(organisation, name, roles, f"{party.key}{number}")
            for number, (name, roles) in enumerate(party.people, 1)
        ]
    return actors


def _create_person(
    organisation: Organisation, name: str, roles: tuple[str, ...], mailbox: str, *, runs_installation: bool = False
) -> Actor:
    user = User.objects.create_user(
        f"{mailbox}@demo.example.cn",
        None,
        name=name,
        is_demo=True,
        is_superuser=runs_installation,
        created_at=clock.now(),
    )
    membership = Membership.objects.create(user=user, organisation=organisation, roles=list(roles))
    return actor_of(membership, "cli")


def _register_providers(runner: Actor, reviewer: Actor, carrier: Actor) -> dict[str, Provider]:
    agency = Organisation.objects.get(kind="agency")
    shared: dict[str, Any] = {"provinces": [], "service_kinds": list(KINDS)}
    entries: dict[str, dict[str, Any]] = {
        "inside": {
            "name": "示例云",
            "kind": "access_provider",
            "organisation_id": reviewer.organisation_id,
            "licences": ["京B1-20260001"],
            "address_ranges": _ADDRESSES,
            "contact": "400-000-0000",
        },
        "agency": {"name": "演示代办", "kind": "agency", "organisation_id": agency.pk, "contact": "010-00000000"},
        # Its cases go over the authority's interface, once its administrator has set up the connection.
        "interface": {
            "name": "接口云（演示）",
            "kind": "access_provider",
            "organisation_id": carrier.organisation_id,
            "channel": "interface",
            "licences": ["京B1-20260002"],
            "address_ranges": ["8.140.3.0-8.140.3.255"],
            "service_kinds": ["website"],
            "contact": "400-000-0001",
        },
        "outside": {
            "name": "外部云平台（演示）",
            "kind": "outside_portal",
            "channel": "outside",
            "portal_url": "https://portal.example.cn/",
            "contact": "在对方平台办理，结果在此记录",
        },
    }
    return {key: register_provider(runner, {**shared, **entry}) for key, entry in entries.items()}


def _record_sponsors(invention: Invention, cast: Cast, now: datetime) -> None:
    """Sponsors with three services each, over a year; some since cancelled, some without access (空壳)."""
    for number in range(SPONSORS):
        with clock.hold(now - timedelta(days=380 - 8 * number)):
            _record_sponsor(invention, cast, number)


def _record_sponsor(invention: Invention, cast: Cast, number: int) -> None:
    owner = cast.applicant if number % 2 == 0 else cast.agent
    assert owner.organisation_id is not None
    on, values = clock.today(), invention.sponsor(number)
    access = {"mode": "cloud", "place": "110000", "ip_ranges": [f"8.140.1.{number + 1}"]}
    form = {
        "sponsor": write_sponsor(values),
        "provider_id": cast.provider.pk,
        "services": [
            {**invention.service(KINDS[(number + i) % len(KINDS)]), "accesses": [access]} for i in range(SERVICES_EACH)
        ],
    }
    sponsor = record_sponsor(SYSTEM, owner.organisation_id, "京", values, on)
    services = []
    for service_values in read_services(form):
        service = record_service(SYSTEM, sponsor.pk, service_values, on)
        for given in service_values.accesses:
            record_access(SYSTEM, service.pk, given, on)
        services.append(service.pk)
    match number % 10:
        case 3:
            cancel_service(SYSTEM, services[0], on)
        case 5:
            cancel_access(SYSTEM, services[1], cast.provider.pk, on)
        case 7 | 9:
            for service_id in services:
                cancel_service(SYSTEM, service_id, on)
            if number % 10 == 9:
                cancel_sponsor(SYSTEM, sponsor.pk, on)

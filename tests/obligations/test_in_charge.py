"""Who is in charge of an obligation: the chain from the record to the organisation, and who may change it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from tests.obligations.facts import noon
from tests.obligations.test_recompute import LICENCE
from tests.registry.factories import make_actor, make_organisation, make_provider, make_service, make_sponsor, make_user

from openbeian.accounts.models import Membership, Organisation, User
from openbeian.journal.models import Entry
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM, Actor, NotPermitted
from openbeian.notifications.obligation_dates import ObligationDates
from openbeian.obligations.actions.put_in_charge import put_in_charge
from openbeian.obligations.actions.recompute_obligations import recompute_obligations
from openbeian.obligations.errors import PersonUnfit, RecordUnassignable
from openbeian.obligations.in_charge import only_mine
from openbeian.obligations.models import Assignment, Obligation
from openbeian.obligations.queries import describe, list_obligations_visible_to
from openbeian.registry.actions.record_licence import record_licence
from openbeian.registry.models import Service

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 5)


@pytest.fixture(autouse=True)
def _held() -> Iterator[None]:
    with clock.hold(noon(TODAY)):
        yield


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation()


@pytest.fixture
def service(organisation: Organisation) -> Service:
    made = make_service(make_sponsor(organisation), provider=make_provider(), on=TODAY - timedelta(days=20))
    recompute_obligations()
    return made


def acting(user: User, organisation: Organisation, *roles: str) -> Actor:
    return make_actor(organisation, *roles, user=user)


def who(row: Obligation, reader: Actor = SYSTEM) -> tuple[str, str] | None:
    [shown] = describe([row], reader)
    return (shown.in_charge.name, shown.in_charge.through) if shown.in_charge else None


def test_the_nearest_in_the_chain_is_in_charge_and_who_left_is_not(
    organisation: Organisation, service: Service
) -> None:
    names = ("默认", "主体的", "服务的")
    default, of_sponsor, of_service = (make_user(organisation, name=name) for name in names)
    administrator = make_actor(organisation, "administrator")
    row = Obligation.objects.filter(subject_kind="service")[0]
    assert who(row) is None
    put_in_charge(administrator, [("organisation", organisation.pk)], default.pk)
    assert who(row) == ("默认", "organisation")
    put_in_charge(administrator, [("sponsor", service.sponsor_id)], of_sponsor.pk)
    assert who(row) == ("主体的", "sponsor")
    put_in_charge(administrator, [("service", service.pk)], of_service.pk)
    assert who(row) == ("服务的", "record")
    Membership.objects.filter(user=of_service).update(is_active=False)
    assert who(row) == ("主体的", "sponsor")
    User.objects.filter(pk=of_sponsor.pk).update(is_active=False)
    assert who(row) == ("默认", "organisation")
    put_in_charge(administrator, [("organisation", organisation.pk)], None)
    assert who(row) is None


def test_a_licence_has_its_person_and_falls_back_on_the_organisations(organisation: Organisation) -> None:
    default, of_licence = make_user(organisation, name="默认"), make_user(organisation, name="许可证的")
    licence = record_licence(make_actor(organisation), LICENCE)
    recompute_obligations()
    row = Obligation.objects.filter(subject_kind="licence")[0]
    administrator = make_actor(organisation, "administrator")
    put_in_charge(administrator, [("organisation", organisation.pk)], default.pk)
    assert who(row) == ("默认", "organisation")
    put_in_charge(make_actor(organisation), [("licence", licence.pk)], of_licence.pk)
    assert who(row) == ("许可证的", "record")


def test_mine_is_what_the_chain_ends_in(organisation: Organisation, service: Service) -> None:
    other = make_service(make_sponsor(organisation), provider=make_provider(), on=TODAY - timedelta(days=20))
    recompute_obligations(everything=True)
    mine, default = make_user(organisation), make_user(organisation)
    administrator = make_actor(organisation, "administrator")
    put_in_charge(administrator, [("sponsor", service.sponsor_id)], mine.pk)
    put_in_charge(administrator, [("organisation", organisation.pk)], default.pk)
    reader = acting(mine, organisation)
    own = only_mine(list_obligations_visible_to(reader), reader)
    assert {row.sponsor_id for row in own} == {service.sponsor_id}
    assert {row.subject_kind for row in own} == {"sponsor", "service"}
    put_in_charge(administrator, [("service", service.pk)], default.pk)
    assert {row.subject_kind for row in only_mine(list_obligations_visible_to(reader), reader)} == {"sponsor"}
    reader = acting(default, organisation)
    rest = only_mine(list_obligations_visible_to(reader), reader)
    assert {(row.subject_kind, row.subject_id) for row in rest} == {
        ("service", service.pk), ("service", other.pk), ("sponsor", other.sponsor_id)
    }  # fmt: skip


def test_who_else_sees_the_record_is_not_told_who_works_on_it(organisation: Organisation, service: Service) -> None:
    put_in_charge(make_actor(organisation), [("service", service.pk)], make_user(organisation, name="内部人员").pk)
    row = Obligation.objects.filter(subject_kind="service")[0]
    officer = make_actor(make_organisation(kind="administration", province="京"), "officer")
    assert who(row, officer) is None
    [shown] = describe([row], officer)
    assert shown.as_json()["in_charge"] is None
    [shown] = describe([row], make_actor(organisation))
    assert shown.as_json()["in_charge"] == {"name": "内部人员", "through": "record"}
    assert shown.as_json()["responsible"] == "sponsor"


def test_each_change_is_in_the_journal_once_and_the_same_again_is_none(
    organisation: Organisation, service: Service
) -> None:
    person, actor = make_user(organisation), make_actor(organisation)
    subjects = [("service", service.pk), ("sponsor", service.sponsor_id)]
    assert put_in_charge(actor, subjects, person.pk) == 2
    assert put_in_charge(actor, subjects, person.pk) == 0
    entries = Entry.objects.filter(event="record.put_in_charge")
    assert sorted(entries.values_list("subject_kind", "subject_id")) == sorted(
        ("charge", f"{kind}:{pk}") for kind, pk in subjects
    )
    assert [entry.after for entry in entries] == [{"person": person.pk}] * 2


@pytest.mark.parametrize("wrong", ["person", "record", "kind", "default", "none"])
def test_what_is_not_ones_own_is_refused_and_nothing_written(
    organisation: Organisation, service: Service, wrong: str
) -> None:
    stranger, actor = make_user(make_organisation()), make_actor(organisation)
    theirs = make_service(make_sponsor(make_organisation()))
    own, person = ("service", service.pk), make_user(organisation).pk
    calls: dict[str, tuple[Any, Any, type[Exception]]] = {
        "person": ([own], stranger.pk, PersonUnfit),
        "record": ([own, ("service", theirs.pk)], person, RecordUnassignable),
        "kind": ([("case", 1)], person, RecordUnassignable),
        "default": ([("organisation", organisation.pk)], person, NotPermitted),
        "none": ([], person, RecordUnassignable),
    }
    subjects, user_id, refusal = calls[wrong]
    with pytest.raises(refusal):
        put_in_charge(actor, subjects, user_id)
    assert not Assignment.objects.exists()
    assert not Entry.objects.filter(event="record.put_in_charge").exists()


def test_reminders_go_to_who_is_in_charge(organisation: Organisation, service: Service) -> None:
    assert {item.owner_id for item in ObligationDates().list_due_items(TODAY)} == {None}
    person = make_user(organisation)
    put_in_charge(make_actor(organisation), [("sponsor", service.sponsor_id)], person.pk)
    items = list(ObligationDates().list_due_items(TODAY))
    assert items
    assert {item.owner_id for item in items} == {person.pk}

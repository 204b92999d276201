"""Who sees which obligations, in which order, and what is said of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from tests.obligations.facts import noon
from tests.obligations.test_recompute import LICENCE
from tests.registry.factories import (
    make_actor,
    make_organisation,
    make_person_values,
    make_provider,
    make_service,
    make_sponsor,
)

from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM, Actor
from openbeian.obligations.actions.recompute_obligations import recompute_obligations
from openbeian.obligations.errors import ObligationNotYours
from openbeian.obligations.models import Obligation
from openbeian.obligations.queries import (
    describe,
    get_obligation,
    list_for_subject,
    list_obligations_visible_to,
    order_by_harm,
    within_days,
)
from openbeian.registry.actions.record_licence import record_licence

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 5)


@pytest.fixture(autouse=True)
def _held() -> Iterator[None]:
    with clock.hold(noon(TODAY)):
        yield


def seen(actor: Actor) -> set[str]:
    return set(list_obligations_visible_to(actor).values_list("subject_kind", flat=True))


def test_obligations_are_seen_by_those_who_see_the_record() -> None:
    owner, cloud = make_organisation(), make_organisation(kind="access_provider")
    service = make_service(make_sponsor(owner, province="京"), provider=make_provider(cloud))
    record_licence(make_actor(owner), LICENCE)
    recompute_obligations()
    assert seen(make_actor(owner)) == {"sponsor", "service", "licence"}
    assert seen(make_actor(cloud, "first_reviewer")) == {"sponsor", "service"}
    assert seen(make_actor(make_organisation(kind="access_provider"), "first_reviewer")) == set()
    home = make_actor(make_organisation(kind="administration", province="京"), "officer")
    away = make_actor(make_organisation(kind="administration", province="沪"), "officer")
    assert seen(home) == {"sponsor", "service", "licence"}
    assert seen(away) == set()
    assert seen(make_actor(make_organisation())) == set()
    row = Obligation.objects.filter(subject_kind="service", subject_id=service.pk)[0]
    assert get_obligation(home, row.pk) == row
    with pytest.raises(ObligationNotYours):
        get_obligation(away, row.pk)
    assert list_for_subject(away, "service", service.pk) == []


def test_overdue_comes_before_near_and_within_a_stage_the_gravest_first() -> None:
    owner = make_organisation()
    expired = make_person_values(certificate_until=TODAY - timedelta(days=1))
    soon = make_person_values(certificate_until=TODAY + timedelta(days=20))
    sponsor = make_sponsor(owner, person=expired, certificate_until=TODAY + timedelta(days=25))
    make_service(sponsor, provider=make_provider(), person=soon)
    recompute_obligations()
    rows = list(order_by_harm(within_days(list_obligations_visible_to(make_actor(owner)), 25)))
    assert [(r.kind, r.stage) for r in rows] == [
        ("sponsor.person_certificate", "overdue"),
        ("sponsor.certificate", "due_soon"),
        ("service.person_certificate", "due_soon"),
    ]


def test_what_is_said_of_an_obligation_is_complete_in_both_languages() -> None:
    owner = make_organisation()
    make_service(make_sponsor(owner), provider=make_provider())
    record_licence(make_actor(owner), {**LICENCE, "issued_on": "2022-06-15", "valid_until": "2027-06-15"})
    recompute_obligations()
    for shown in describe(list(Obligation.objects.all()), SYSTEM):
        told = shown.as_json()
        for key in ("title", "action", "evidence"):
            assert told[key]["zh"]
            assert told[key]["en"]
        assert told["harm"]["text"]["zh"]
        assert told["subject"]["name"]
        assert bool(shown.doubt) is (told["provisional"] or not told["certain"])
    renewal = Obligation.objects.get(kind="licence.renewal")
    assert (renewal.due_on, renewal.provisional) == (date(2027, 3, 17), True)

"""The demo world holds what it promises, through the same actions as everything else."""

from __future__ import annotations

from collections import Counter

import pytest

from openbeian.accounts.models import User
from openbeian.cases.models import Case
from openbeian.cases.queries import get_procedure
from openbeian.entrypoints.cli.demo_world import create_demo_world
from openbeian.journal.models import Entry
from openbeian.registry.models import Licence, Provider, Service, Sponsor
from openbeian.supervision.models import Finding

pytestmark = pytest.mark.django_db


def test_the_demo_world_has_every_state_and_a_second_call_changes_nothing() -> None:
    create_demo_world()
    states = Counter(Case.objects.values_list("state", flat=True))
    assert set(states) == {s.id for s in get_procedure("cancel_service").list_states()} | {
        s.id for s in get_procedure("first_filing").list_states()
    }
    assert sum(states.values()) == 25
    assert Sponsor.objects.count() == 40 + 2
    assert Service.objects.count() == 120 + 2
    assert set(Service.objects.values_list("kind", flat=True)) == set(Service.Kind.values)
    assert set(Sponsor.objects.values_list("standing", flat=True)) == {"active", "shell", "cancelled"}
    assert set(Service.objects.values_list("standing", flat=True)) == {"active", "shell", "cancelled"}
    assert Provider.objects.count() == 4
    assert set(Finding.objects.values_list("state", flat=True)) == {"to_rectify"}
    assert Licence.objects.count() == 3
    before = Entry.objects.count()
    create_demo_world()
    assert Entry.objects.count() == before


def test_nobody_in_the_demo_world_has_a_password() -> None:
    create_demo_world()
    people = list(User.objects.all())
    assert len(people) == 15
    assert all(p.is_demo and not p.has_usable_password() for p in people)

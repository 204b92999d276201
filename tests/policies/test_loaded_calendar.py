"""Holiday arrangements loaded here: checked, taken into the calendar of every process, removable."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import DatabaseError
from tests.accounts.factories import make_actor, make_organisation
from tests.policies.factories import DAYS_2027, MAKE_UP_SUNDAY, make_runner

from openbeian.journal.models import Entry
from openbeian.kernel.actor import NotPermitted
from openbeian.kernel.working_days import Arrangement
from openbeian.policies import loaded_calendar as module
from openbeian.policies.actions.load_arrangement import load_arrangement
from openbeian.policies.actions.remove_arrangement import remove_arrangement
from openbeian.policies.errors import ArrangementNotLoaded
from openbeian.policies.loaded_calendar import LoadedCalendar, loaded_calendar
from openbeian.policies.models import LoadedArrangement
from openbeian.rules.arrangements import check_arrangement
from openbeian.rules.rulebook import RulebookStore, current_rulebook, rulebook_path

pytestmark = pytest.mark.django_db


def read_2027() -> Arrangement:
    content = json.dumps({"year": 2027, "source": "测试通知", "days": DAYS_2027})
    return check_arrangement(content.encode(), "2027.json", current_rulebook())


@pytest.fixture
def store() -> Iterator[RulebookStore]:
    """The store of one process that takes in what is loaded."""
    store = RulebookStore(rulebook_path())
    store.arrangements = loaded_calendar
    loaded_calendar.forget()
    yield store
    loaded_calendar.forget()


def test_a_loaded_year_is_no_longer_provisional(
    store: RulebookStore, django_capture_on_commit_callbacks: object
) -> None:
    assert store.current.calendar.day_status(MAKE_UP_SUNDAY).provisional
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        load_arrangement(make_runner(), read_2027())
    status = store.current.calendar.day_status(MAKE_UP_SUNDAY)
    assert status.is_working
    assert not status.provisional
    assert store.shipped.calendar.day_status(MAKE_UP_SUNDAY).provisional


def test_another_process_takes_it_in_when_it_asks_again(store: RulebookStore) -> None:
    there = RulebookStore(rulebook_path())
    there.arrangements = calendar = LoadedCalendar()
    assert 2027 not in there.current.calendar.published_years
    load_arrangement(make_runner(), read_2027())
    assert 2027 not in there.current.calendar.published_years
    calendar.forget()
    assert 2027 in there.current.calendar.published_years


def test_removal_makes_the_year_provisional_again(
    store: RulebookStore, django_capture_on_commit_callbacks: object
) -> None:
    runner = make_runner()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        load_arrangement(runner, read_2027())
    assert 2027 in store.current.calendar.published_years
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        remove_arrangement(runner, 2027)
    assert 2027 not in store.current.calendar.published_years
    told = Entry.objects.filter(event__startswith="arrangement.").order_by("sequence").values_list("event", flat=True)
    assert list(told) == ["arrangement.loaded", "arrangement.removed"]


def test_the_rulebooks_own_year_cannot_be_removed() -> None:
    with pytest.raises(ArrangementNotLoaded):
        remove_arrangement(make_runner(), 2026)


def test_only_who_runs_the_installation_loads_and_removes() -> None:
    administrator = make_actor(make_organisation(), "administrator")
    arrangement = read_2027()
    with pytest.raises(NotPermitted):
        load_arrangement(administrator, arrangement)
    load_arrangement(make_runner(), arrangement)
    with pytest.raises(NotPermitted):
        remove_arrangement(administrator, 2027)
    assert LoadedArrangement.objects.get().year == 2027


def test_loading_a_year_again_replaces_it() -> None:
    runner = make_runner()
    load_arrangement(runner, read_2027())
    shorter = Arrangement(2027, "更正通知", read_2027().days[:3])
    load_arrangement(runner, shorter)
    assert [(row.year, row.source, len(row.days)) for row in LoadedArrangement.objects.all()] == [(2027, "更正通知", 3)]


def test_the_database_is_asked_once_and_its_failure_keeps_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    calendar, asked = LoadedCalendar(), []

    def fail() -> str:
        asked.append(1)
        raise DatabaseError("gone")

    known = calendar.version()
    monkeypatch.setattr(module, "_read_version", fail)
    assert calendar.version() == known
    assert asked == []
    calendar.forget()
    assert calendar.version() == known
    assert asked == [1]


def test_a_deadline_over_a_loaded_year_is_counted_with_its_make_up_days(store: RulebookStore) -> None:
    load_arrangement(make_runner(), read_2027())
    loaded_calendar.forget()
    counted = store.current.calendar.add_working_days(date(2027, 2, 12), 1)
    assert (counted.day, counted.provisional) == (MAKE_UP_SUNDAY, False)

"""The figures of services on record: their hosts together, whose logs answer, and what is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.observation.traffic.generator import Event, Truth, log_text, make_events
from tests.registry.factories import make_actor, make_organisation, make_service, make_sponsor

from openbeian.journal.models import Entry
from openbeian.kernel.actor import NotPermitted
from openbeian.observation.traffic.actions.forget_visitors import forget_visitors
from openbeian.observation.traffic.queries import (
    INSTALLATION,
    OWN,
    get_year_figures,
    installation_folder,
    labels_of,
    organisation_folder,
)
from openbeian.observation.traffic.store import save_traffic
from openbeian.registry.models import Service

pytestmark = pytest.mark.django_db
EVENTS = make_events(seed=60, visits=40)


@pytest.fixture
def service(settings: Any, tmp_path: Path) -> Service:
    settings.HOME = tmp_path / "home"
    return make_service(make_sponsor(make_organisation()), domains=["example.cn"])


def keep(folder: Path, events: list[Event], path: Path, service: str | None = None) -> None:
    path.write_text(log_text("nginx json", events), encoding="utf-8")
    save_traffic([str(path)], folder=folder, service=service)


def test_the_hosts_of_a_service_are_counted_as_one_and_share_their_visitors(service: Service, tmp_path: Path) -> None:
    hosts = ("www.example.cn", "m.example.cn", "example.cn:8080")
    events = [replace(event, host=hosts[i % 3]) for i, event in enumerate(EVENTS)]
    foreign = [replace(event, host="www.other.cn", moment=event.moment + 5) for event in EVENTS]
    keep(organisation_folder(service.sponsor.organisation_id), events + foreign, tmp_path / "a.log")
    figures = get_year_figures([service], 2026)
    expected = Truth(EVENTS, year=2026).measures("")
    assert {f.id: {"people": f.people, "robots": f.robots} for f in figures.figures.values()} == expected
    assert figures.hosts == ("example.cn", "m.example.cn", "www.example.cn")
    assert figures.days_covered == len({Truth.day(e.moment) for e in Truth(EVENTS, year=2026).events})
    assert (figures.source, figures.is_known) == (OWN, True)
    assert [log.path for log in figures.logs] == [str(tmp_path / "a.log")]


def test_a_log_without_hosts_is_booked_under_the_filing_number(service: Service, tmp_path: Path) -> None:
    keep(organisation_folder(service.sponsor.organisation_id), EVENTS, tmp_path / "a.log", service=service.number)
    assert get_year_figures([service], 2025).figures["requests"].people > 0


def test_the_operators_logs_answer_only_where_the_organisation_has_none(service: Service, tmp_path: Path) -> None:
    keep(installation_folder(), EVENTS, tmp_path / "a.log")
    from_operator = get_year_figures([service], 2026)
    assert (from_operator.source, from_operator.is_known) == (INSTALLATION, True)
    keep(organisation_folder(service.sponsor.organisation_id), EVENTS[-80:], tmp_path / "b.log")
    own = get_year_figures([service], 2026)
    assert own.source == OWN
    assert own.figures["requests"].people < from_operator.figures["requests"].people


def test_without_a_counted_line_the_figures_are_not_known(service: Service, tmp_path: Path) -> None:
    keep(organisation_folder(service.sponsor.organisation_id), EVENTS, tmp_path / "a.log")
    figures = get_year_figures([service], 2020)
    assert (figures.is_known, figures.days_covered, figures.days_missing, figures.logs) == (False, 0, 366, ())


def test_the_reference_changes_with_what_was_counted(service: Service, tmp_path: Path) -> None:
    folder = organisation_folder(service.sponsor.organisation_id)
    keep(folder, EVENTS[:50], tmp_path / "a.log")
    first = get_year_figures([service], 2026).reference
    assert get_year_figures([service], 2026).reference == first
    keep(folder, EVENTS[50:], tmp_path / "b.log")
    assert get_year_figures([service], 2026).reference != first


def test_only_hosts_under_the_filed_domain_belong_to_a_service(service: Service) -> None:
    labels = ["example.cn", "a.b.example.cn", "notexample.cn", "example.cn.evil.cn", "", service.number]
    assert labels_of([service], labels) == ("example.cn", "a.b.example.cn", service.number)


def test_an_organisation_forgets_its_visitors_and_the_journal_says_so(service: Service, tmp_path: Path) -> None:
    organisation = service.sponsor.organisation
    folder = organisation_folder(organisation.pk)
    keep(folder, [event for event in EVENTS if Truth.day(event.moment) < "2026-01-03"], tmp_path / "a.log")
    keep(folder, [event for event in EVENTS if Truth.day(event.moment) >= "2026-01-03"], tmp_path / "b.log")
    before = get_year_figures([service], 2026)
    assert not any(figure.is_estimate for figure in before.figures.values())
    actor = make_actor(organisation)
    with pytest.raises(NotPermitted):
        forget_visitors(replace(actor, permissions=frozenset()), date(2026, 1, 3))

    done = forget_visitors(actor, date(2026, 1, 3))
    forget_visitors(actor, date(2026, 1, 3))

    assert done.days == 3
    entries = list(Entry.objects.filter(event="traffic.visitors_forgotten"))
    assert [entry.after for entry in entries] == [done.as_json()]
    after = get_year_figures([service], 2026)
    assert {figure.id for figure in after.figures.values() if figure.is_estimate} == {"unique_visitors", "clients"}
    assert "0.81 %" in after.figures["unique_visitors"].definition.en
    assert after.figures["visits"] == before.figures["visits"]
    assert after.figures["requests"] == before.figures["requests"]
    assert after.reference != before.reference
    assert after.days_covered == before.days_covered

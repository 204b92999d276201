"""A small world of the benchmarks: consistent, searchable, and the same every time."""

from __future__ import annotations

import pytest
from bench.search import measure_search
from bench.world import generate_world
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings
from tests.registry.factories import make_organisation, make_user

from openbeian.kernel.numbers import parse_number
from openbeian.registry.lookup import look_up
from openbeian.registry.models import Service, ServiceDomain, Sponsor

pytestmark = pytest.mark.django_db


def test_a_world_of_five_thousand_services_is_whole_and_answers(client: Client, settings: Settings) -> None:
    counts = generate_world(5_000, 2_000)
    assert counts == {"sponsors": 2_000, "services": 5_000, "domains": 5_000, "accesses": 5_000}
    assert Service.objects.count() == Service.objects.values("number").distinct().count() == 5_000
    assert ServiceDomain.objects.values("domain").distinct().count() == 5_000
    assert Sponsor.objects.get(pk=7).address == "示例市示例区示例路1号"
    for service in Service.objects.order_by("pk")[:2000:97]:
        assert parse_number(service.number).normal == service.number
        assert service.number in [r.number for r in look_up(service.number).records]
        assert service.number in [r.number for r in look_up(service.domains.get().domain).records]
    figures = measure_search(10)
    assert all(f["found"] == f["asked"] for kind, f in figures.items() if "never" not in kind and "nowhere" not in kind)

    administration = make_organisation(kind="administration", province="京")
    client.force_login(make_user(administration, "officer"))
    for address in ("/services/?size=100", "/sponsors/?size=100&q=科技"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) < 20

"""The provider register: who keeps it and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.accounts.factories import make_actor, make_organisation

from openbeian.journal.models import Entry
from openbeian.kernel.actor import NotPermitted
from openbeian.registry.actions.change_provider import change_provider
from openbeian.registry.actions.register_provider import register_provider
from openbeian.registry.errors import ProviderMissing, ProviderNameTaken, ProviderUnfit
from openbeian.registry.models import Provider
from openbeian.registry.provider_values import read_provider

ENTRY: dict[str, Any] = {
    "name": "华东云接入有限公司",
    "kind": "access_provider",
    "licences": "沪B1-20260001\n\n沪B1-20260001",
    "address_ranges": "8.8.8.0/24\n2400:3200::1",
    "provinces": ["北京", "沪"],
    "service_kinds": ["website", "app"],
}


@pytest.mark.django_db
def test_the_operator_registers_a_provider_in_normal_form() -> None:
    provider = register_provider(make_actor(make_organisation("operator"), "administrator"), ENTRY)
    assert provider.licences == ["沪B1-20260001"]
    assert provider.address_ranges == ["8.8.8.0-8.8.8.255", "2400:3200::1"]
    assert provider.provinces == ["京", "沪"]
    assert Entry.objects.get().event == "provider.registered"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "role"), [("owner", "administrator"), ("agency", "administrator"), ("operator", "auditor")]
)
def test_nobody_else_adds_to_the_register(kind: str, role: str) -> None:
    with pytest.raises(NotPermitted):
        register_provider(make_actor(make_organisation(kind), role), ENTRY)
    assert not Provider.objects.exists()
    assert not Entry.objects.exists()


def test_every_fault_is_named_at_once_with_its_line() -> None:
    with pytest.raises(ProviderUnfit) as refusal:
        read_provider(
            ENTRY
            | {"name": " ", "kind": "cloud", "licences": "京ICP备2026000001号", "address_ranges": "8.8.8.8\n10.0.0.1"}
            | {"provinces": ["Mars"], "portal_url": "javascript:alert(1)"}
        )
    fields = {fault.field for fault in refusal.value.faults}
    assert fields == {"name", "kind", "licences.0", "address_ranges.1", "provinces.0", "portal_url"}


@pytest.mark.django_db
def test_a_name_is_registered_once() -> None:
    operator = make_actor(make_organisation("operator"), "administrator")
    register_provider(operator, ENTRY)
    with pytest.raises(ProviderNameTaken):
        register_provider(operator, ENTRY)
    assert Entry.objects.count() == 1


@pytest.mark.django_db
def test_a_provider_keeps_its_own_working_details_and_nothing_more() -> None:
    own = make_organisation("access_provider")
    operator = make_actor(make_organisation("operator"), "administrator")
    provider = register_provider(operator, ENTRY | {"organisation_id": own.pk})
    change_provider(
        make_actor(own, "administrator"),
        provider.pk,
        ENTRY | {"name": "冒名", "contact": "021-5555", "channel": "outside"},
    )
    provider.refresh_from_db()
    assert (provider.name, provider.contact, provider.channel) == ("华东云接入有限公司", "021-5555", "inside")
    assert Entry.objects.order_by("sequence").last().after == {"contact": "021-5555"}  # type: ignore[union-attr]
    with pytest.raises(ProviderMissing):
        change_provider(make_actor(make_organisation("access_provider"), "administrator"), provider.pk, ENTRY)
    with pytest.raises(NotPermitted):
        change_provider(make_actor(own, "first_reviewer"), provider.pk, ENTRY)
    assert Entry.objects.count() == 2


LINES = st.text("aB1京沪0.-/: \n\x00\u202e", max_size=16)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from([*ENTRY, "portal_url", "contact", "channel"]), LINES | st.lists(LINES, max_size=3))
def test_whatever_is_typed_is_read_or_refused(field: str, typed: str | list[str]) -> None:
    raw = ENTRY | {field: typed}
    try:
        values = read_provider(raw)
    except ProviderUnfit:
        return
    assert read_provider(values.as_json()) == values

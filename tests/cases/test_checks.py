"""What the checks find in a form, each fault at its field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.cases.factories import (
    World,
    fill,
    make_filled_case,
    make_mobile,
    make_person,
    make_resident_id,
    make_service_values,
    make_sponsor_values,
    make_world,
)

from openbeian.cases.actions.save_draft import save_draft
from openbeian.cases.actions.start_case import start_case
from openbeian.cases.checking import check_case
from openbeian.cases.models import Case
from openbeian.kernel import clock
from openbeian.kernel.errors import Fault

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def certain(case: Case) -> dict[str, Fault]:
    return {f.field: f for f in check_case(case) if f.certain}


def change(world: World, case: Case, **typed: Any) -> Case:
    return save_draft(world.applicant, case.pk, {path.replace("__", "."): v for path, v in typed.items()})


def test_a_valid_form_has_no_certain_fault(world: World) -> None:
    assert certain(make_filled_case(world)) == {}


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("sponsor.certificate_number", "91110108MA01ABCD10", "certificate"),
        ("sponsor.certificate_until", "2026-12-31", "filing.certificate.months_left"),
        ("sponsor.certificate_until", "2026-01-31", "filing.certificate.months_left"),
        ("sponsor.certificate_until", "2026-02-30", "field.date"),
        ("sponsor.region", "110000", "region"),
        ("sponsor.person.mobile", "10086", "phone"),
        ("sponsor.person.mobile", "01062345678", "phone"),
        ("sponsor.person.email", "nobody", "mailbox"),
        ("services.0.name", "12345", "service_name"),
        ("services.0.name", "中国花店大全", "service_name"),
        ("services.0.domains", ["com.cn"], "domain"),
        ("services.0.domains", ["192.0.2.1"], "domain"),
        ("services.0.home_url", "www.elsewhere.cn", "service.home_url"),
        ("services.0.accesses.0.ip_ranges", ["10.0.0.1"], "ip"),
        ("services.0.accesses.0.ip_ranges", ["8.8.8.9-8.8.8.1"], "ip"),
        ("services.0.accesses.0.ip_ranges", ["8.8.8.1-8.8.8.9", "8.8.8.5"], "access.overlap"),
        ("services.0.approvals", {"none": False, "items": []}, "field.approvals_unsaid"),
        ("services.0.approvals", {"none": True, "items": [{"kind": "news", "number": "1"}]}, "field.approvals"),
        ("services.0.approvals", {"none": False, "items": [{"kind": "news", "number": ""}]}, "field.approval_number"),
        ("services.0.contents", ["no_such_content"], "code_table.content_types"),
        ("verification.truthful", False, "field.promise"),
        ("provider_id", "999999", "provider.unknown"),
    ],
)
def test_a_wrong_value_is_a_fault_at_its_field(world: World, path: str, value: Any, rule: str) -> None:
    with clock.hold(datetime(2026, 11, 21, 4, 0, tzinfo=UTC)):
        case = save_draft(world.applicant, make_filled_case(world).pk, {path: value})
        faults = [f for f in check_case(case) if f.field == path]
    assert any(f.rule.startswith(rule) and f.certain for f in faults), faults
    assert all(f.message.zh and f.message.en and f.fix.zh and f.fix.en for f in faults)


def test_a_fault_never_repeats_personal_data(world: World) -> None:
    case = save_draft(world.applicant, make_filled_case(world).pk, {"sponsor.person.mobile": "1381234567"})
    fault = certain(case)["sponsor.person.mobile"]
    assert "1381234567" not in str(fault.as_json())


def test_an_app_asks_for_its_package_and_not_for_domains(world: World) -> None:
    case = fill(world, start_case(world.applicant, "first_filing"), service=make_service_values(kind="app"))
    assert certain(case) == {}
    case = save_draft(world.applicant, case.pk, {"services.0.package_name": "no package", "services.0.domains": []})
    assert set(certain(case)) == {"services.0.package_name"}


def test_what_a_condition_switches_off_keeps_its_value_and_is_not_checked(world: World) -> None:
    case = make_filled_case(world)
    case = save_draft(
        world.applicant,
        case.pk,
        {"services.0.person_is_sponsor_person": False, "services.0.person.mobile": "nonsense"},
    )
    assert "services.0.person.mobile" in certain(case)
    case = save_draft(world.applicant, case.pk, {"services.0.person_is_sponsor_person": True})
    assert case.form["services"][0]["person"]["mobile"] == "nonsense"
    assert certain(case) == {}


def test_two_different_persons_do_not_share_a_mobile(world: World) -> None:
    sponsor = make_sponsor_values()
    person = make_person("王芳", mobile=sponsor["person"]["mobile"])
    service = {**make_service_values(), "person_is_sponsor_person": False, "person": person}
    case = make_filled_case(world, sponsor=sponsor, service=service)
    assert certain(case)["services.0.person.mobile"].rule == "person.contact_shared"


def test_the_emergency_phone_is_another_phone_in_any_spelling(world: World) -> None:
    mobile = make_mobile()
    sponsor = make_sponsor_values()
    sponsor["person"] |= {"mobile": mobile, "emergency_phone": f"+86 {mobile[:3]} {mobile[3:]}"}
    assert "sponsor.person.emergency_phone" in certain(make_filled_case(world, sponsor=sponsor))


def test_a_missing_paper_is_a_fault_with_its_reason(world: World) -> None:
    from openbeian.documents.models import Document

    case = make_filled_case(world)
    Document.objects.filter(material="domain_certificate").update(removed_at=clock.now())
    fault = certain(case)["materials.domain_certificate.services.0"]
    assert "域名" in fault.fix.zh


def test_an_address_outside_the_providers_ranges_is_refused(world: World) -> None:
    world.provider.address_ranges = ["8.8.8.0-8.8.8.255"]
    world.provider.save()
    case = make_filled_case(world)
    assert certain(case)["services.0.accesses.0.ip_ranges"].rule == "access.outside_ranges"


@pytest.mark.parametrize(
    ("region", "domains", "refused"),
    [("430102", 2, True), ("430102", 1, False), ("140105", 4, True), ("410102", 5, False), ("410102", 6, True)],
)
def test_provinces_limit_the_domains_of_an_order(region: str, domains: int, refused: bool) -> None:
    """Source: worked case 33 of the fact base: Hunan 2, Shanxi 4, Henan 5 and 6."""
    with clock.hold(datetime(2026, 3, 2, 4, 0, tzinfo=UTC)):
        world = make_world()
        names = [f"limit{i}.cn" for i in range(domains)]
        service = make_service_values(domains=names, home_url="www.limit0.cn")
        sponsor = make_sponsor_values(region=region)
        faults = certain(make_filled_case(world, sponsor=sponsor, service=service))
    assert (faults.get("services.0.domains") is not None) is refused, faults


def test_a_person_under_age_is_refused_where_the_province_says_so() -> None:
    """Source: worked case 34 of the fact base: Jiangsu, 15 years."""
    with clock.hold(datetime(2026, 3, 2, 4, 0, tzinfo=UTC)):
        world = make_world()
        sponsor = make_sponsor_values(kind="individual", region="320102")
        number = make_resident_id(region="320102", born="20110101")
        sponsor["certificate_number"] = sponsor["person"]["certificate_number"] = number
        faults = certain(make_filled_case(world, sponsor=sponsor, service=make_service_values(name="小明的小屋")))
    assert faults["sponsor.person.certificate_number"].rule == "province.personal.minimum_age"

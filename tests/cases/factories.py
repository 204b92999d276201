"""Cases, filled forms and papers for tests; all people and companies are fictional."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from typing import Any

from stdnum.cn import ric, uscc
from tests.accounts.factories import make_actor, make_organisation

from openbeian.accounts.models import Organisation
from openbeian.cases.actions.save_draft import save_draft
from openbeian.cases.actions.start_case import start_case
from openbeian.cases.actions.submit_case import submit_case
from openbeian.cases.actions.turn_case import turn_case
from openbeian.cases.checking import read_surroundings
from openbeian.cases.decisions.checks import compute_facts, list_required_papers
from openbeian.cases.models import Case
from openbeian.cases.queries import get_materials, get_procedure
from openbeian.documents.models import Document
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.registry.models import Provider

_count = itertools.count(1)


def make_credit_code() -> str:
    body = f"9111010{next(_count):01d}MA{next(_count):07d}"[:17]
    return body + uscc.calc_check_digit(body)


def make_resident_id(*, region: str = "110101", born: str = "19900307") -> str:
    body = f"{region}{born}{next(_count) % 1000:03d}"
    return body + ric.calc_check_digit(body + "0")


def make_mobile() -> str:
    return f"138{10000000 + next(_count):08d}"


def make_person(name: str = "李明", **fields: str) -> dict[str, str]:
    number = next(_count)
    return {
        "name": name,
        "certificate_type": "resident_id",
        "certificate_number": make_resident_id(),
        "certificate_from": "2020-01-01",
        "certificate_until": "2040-01-01",
        "mobile": make_mobile(),
        "emergency_phone": make_mobile(),
        "email": f"person{number}@example.cn",
        **fields,
    }


def make_sponsor_values(*, kind: str = "enterprise", **fields: Any) -> dict[str, Any]:
    number = next(_count)
    person = make_person()
    values = {
        "nature": kind,
        "name": f"北京测试科技{number}有限公司",
        "region": "110101",
        "certificate_type": "business_licence",
        "certificate_number": make_credit_code(),
        "certificate_address": "北京市东城区测试路1号",
        "certificate_until": "long_term",
        "address": "北京市东城区测试路1号",
        "legal_representative": person["name"],
        "remark": "",
        "person": person,
    }
    if kind == "individual":
        values |= {
            "name": person["name"],
            "certificate_type": "resident_id",
            "certificate_number": person["certificate_number"],
            "certificate_until": "2040-01-01",
            "legal_representative": "",
        }
    return {**values, **fields}


def make_service_values(*, kind: str = "website", **fields: Any) -> dict[str, Any]:
    number = next(_count)
    values: dict[str, Any] = {
        "kind": kind,
        "name": f"测试花店{'一二三四五六七八九十'[number % 10]}号",
        "contents": ["other"],
        "languages": ["simplified_chinese"],
        "approvals": {"none": True, "items": []},
        "remark": "",
        "person_is_sponsor_person": True,
        "accesses.0.mode": "cloud",
        "accesses.0.place": "110000",
        "accesses.0.ip_ranges": ["8.140.1.1"],
    }
    if kind == "website":
        values |= {"domains": [f"test{number}.cn"], "home_url": f"www.test{number}.cn"}
    elif kind == "app":
        values |= {
            "platforms": ["android"],
            "package_name": f"cn.test{number}.app",
            "public_key": "a1b2c3",
            "signature_digest": "0" * 32,
        }
    elif kind == "mini_program":
        values |= {"platform_name": "微信", "app_id": f"wx{number}"}
    else:
        values |= {"package_name": f"cn.test{number}.quick"}
    return {**values, **fields}


def flatten(prefix: str, values: dict[str, Any]) -> dict[str, Any]:
    """Nested values as the paths that a page sends."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict) and key != "approvals":
            flat |= flatten(f"{prefix}{key}.", value)
        else:
            flat[f"{prefix}{key}"] = value
    return flat


@dataclass
class World:
    """An access provider with two reviewers, Beijing's administration with an officer, and a site owner."""

    owner: Organisation
    provider_organisation: Organisation
    administration: Organisation
    provider: Provider
    applicant: Actor
    reviewer: Actor
    second_reviewer: Actor
    officer: Actor


def make_world(*, province: str = "京", channel: str = "inside") -> World:
    owner = make_organisation("owner")
    company = make_organisation("access_provider")
    administration = make_organisation("administration", province=province)
    provider = Provider.objects.create(
        name=f"{company.name}名录", kind="access_provider", organisation=company, channel=channel
    )
    return World(
        owner=owner,
        provider_organisation=company,
        administration=administration,
        provider=provider,
        applicant=make_actor(owner, "applicant"),
        reviewer=make_actor(company, "first_reviewer"),
        second_reviewer=make_actor(company, "first_reviewer"),
        officer=make_actor(administration, "officer"),
    )


PROMISES = {
    "verification.truthful": True,
    "verification.no_unapproved_content": True,
    "verification.informed_persons": True,
}


def add_papers(case: Case) -> None:
    """Every paper that the case asks for, as rows without files."""
    procedure = get_procedure(case.procedure)
    around = read_surroundings(case)
    facts = compute_facts(procedure, case.form, around.tables)
    for material, owner, _ in list_required_papers(procedure, get_materials(procedure.form), case.form, facts):
        if (material.id, owner) not in around.documents:
            make_document(case, material.id, owner)


def make_document(case: Case, material: str = "evidence", path: str = "") -> Document:
    return Document.objects.create(
        organisation_id=case.organisation_id,
        subject_kind="case",
        subject_id=str(case.pk),
        material=material,
        path=path,
        original_name="证件.jpg",
        media_type="image/jpeg",
        size_bytes=1000,
        width_px=800,
        height_px=600,
        sha256="0" * 64,
        stored_name=secrets.token_hex(16),
        uploaded_at=clock.now(),
    )


def fill(
    world: World, case: Case, *, sponsor: dict[str, Any] | None = None, service: dict[str, Any] | None = None
) -> Case:
    """Types a valid first filing or addition into a draft, with all papers."""
    typed = {"provider_id": str(world.provider.pk), **PROMISES}
    typed |= flatten("sponsor.", sponsor or make_sponsor_values())
    typed |= flatten("services.0.", service or make_service_values())
    case = save_draft(world.applicant, case.pk, typed)
    add_papers(case)
    return case


def make_filled_case(world: World, **values: Any) -> Case:
    return fill(world, start_case(world.applicant, "first_filing"), **values)


def make_submitted_case(world: World, **values: Any) -> Case:
    return submit_case(world.applicant, make_filled_case(world, **values).pk)


def approve(world: World, case: Case) -> Case:
    """First review's yes, by one reviewer and by a second one where the procedure asks for it."""
    turn_case(world.reviewer, case.pk, "take")
    case = turn_case(world.reviewer, case.pk, "approve")
    if case.state == "awaiting_second_person":
        case = turn_case(world.second_reviewer, case.pk, "approve")
    return case

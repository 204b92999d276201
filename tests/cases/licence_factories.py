"""Licences, their holders and filled applications for tests; every company and person is fictional."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import count
from typing import Any

from tests.accounts.factories import make_actor, make_organisation
from tests.cases.factories import make_credit_code, make_document, make_mobile

from openbeian.accounts.models import Organisation
from openbeian.cases.actions.save_draft import save_draft
from openbeian.cases.actions.start_licence_case import start_licence_case
from openbeian.cases.actions.submit_case import submit_case
from openbeian.cases.checking import read_surroundings
from openbeian.cases.decisions.checks import compute_facts, list_required_papers
from openbeian.cases.models import Case
from openbeian.cases.queries import get_materials, get_procedure
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.registry.actions.record_licence import record_licence
from openbeian.registry.models import Licence

_count = count(1)


@contextmanager
def on(day: str) -> Iterator[date]:
    """Ten in the morning of a day in China."""
    at = datetime.combine(date.fromisoformat(day), time(10), clock.CHINA)
    with clock.hold(at):
        yield at.date()


@dataclass
class Holder:
    """A company with licences, and the officers of Beijing's administration."""

    owner: Organisation
    administration: Organisation
    applicant: Actor
    officer: Actor


def make_holder(*, province: str = "京", with_officers: bool = True) -> Holder:
    owner = make_organisation("owner")
    administration = make_organisation("administration", province=province if with_officers else "沪")
    return Holder(owner, administration, make_actor(owner, "applicant"), make_actor(administration, "officer"))


def make_licence(holder: Holder, /, **changes: Any) -> Licence:
    number = next(_count)
    raw = {
        "number": f"京B2-2021{number:04}",
        "holder": f"北京示例信息{number}有限公司",
        "certificate_number": make_credit_code(),
        "issued_on": "2021-03-01",
        "valid_until": "2026-03-01",
        "businesses": "B21",
        "areas": "京",
        "legal_representative": "王示例",
        "capital_yuan": "10000000",
        "shareholders": "示例控股:60%;李示例:40%",
    }
    return record_licence(holder.applicant, {**raw, **changes})


def make_values(**changes: Any) -> dict[str, Any]:
    """What an applicant types, by path."""
    values: dict[str, Any] = {
        "holder.name": "北京示例信息有限公司",
        "holder.certificate_number": make_credit_code(),
        "holder.legal_representative": "王示例",
        "holder.capital_yuan": "10000000",
        "holder.address": "北京市东城区示例路1号",
        "holder.contact_name": "李示例",
        "holder.contact_mobile": make_mobile(),
        "holder.contact_email": "li@example.cn",
        "businesses.0.code": "B21",
        "areas": "京",
        "business_report": "五年来业务正常。",
        "verification.truthful": True,
        "verification.lawful_operation": True,
        "verification.aftermath": True,
    }
    return {**values, **changes}


def add_papers(case: Case) -> None:
    """Every paper that the application asks for, as rows without files."""
    procedure = get_procedure(case.procedure)
    around = read_surroundings(case)
    facts = compute_facts(procedure, case.form, around.tables)
    for material, owner, _ in list_required_papers(procedure, get_materials(procedure.form), case.form, facts):
        if (material.id, owner) not in around.documents:
            make_document(case, material.id, owner)


def make_filled(holder: Holder, procedure_id: str, licence: Licence | None = None, **changes: Any) -> Case:
    case = start_licence_case(holder.applicant, procedure_id, licence_id=licence.pk if licence else None)
    case = save_draft(holder.applicant, case.pk, make_values(**changes))
    add_papers(case)
    return case


def make_submitted(holder: Holder, procedure_id: str, licence: Licence | None = None, **changes: Any) -> Case:
    return submit_case(holder.applicant, make_filled(holder, procedure_id, licence, **changes).pk)

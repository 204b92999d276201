"""Licence applications between record, rulebook and form: what a draft begins with, what the checks look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from openbeian.accounts.models import Organisation
from openbeian.cases.decisions.form_values import blank_form, find_value
from openbeian.cases.decisions.licence_areas import MINISTRY, check_areas, choose_authority, write_areas
from openbeian.cases.decisions.licence_checks import LicenceFacts
from openbeian.cases.limits import get_number
from openbeian.cases.models import Case
from openbeian.cases.queries import get_form, get_procedure
from openbeian.kernel import clock
from openbeian.kernel.errors import ValueRefused
from openbeian.registry.models import Licence
from openbeian.rules.deadlines import Deadline, compute_deadline

FORM = "licence"
_CONTACT = ("contact_name", "contact_mobile", "contact_email")
_EARLIER_CASES = 5


def is_licence_case(case: Case) -> bool:
    return get_procedure(case.procedure).form == FORM


def compute_renewal_deadline(valid_until: date) -> Deadline:
    """By when a licence that ends on a day is to be applied for again. Source: Licence Measures art. 27."""
    return compute_deadline("licence.renewal.apply_before_expiry", valid_until)


def find_applied_on(case: Case) -> date | None:
    """The day on which this application was first handed in; one taken up again counts anew."""
    last = case.steps.filter(verb="take_up_again").order_by("-pk").values_list("pk", flat=True).first() or 0
    first = case.steps.filter(verb="submit", pk__gt=last).order_by("pk").first()
    return clock.legal_day(first.at) if first else None


def write_licence(licence: Licence) -> dict[str, Any]:
    """The licence in the shape of the form."""
    form = blank_form(get_form(FORM))
    form["holder"] |= {
        "name": licence.holder,
        "certificate_number": licence.certificate_number,
        "legal_representative": licence.legal_representative,
        "capital_yuan": str(licence.capital_yuan or ""),
    }
    if licence.sponsor is not None:
        sponsor = licence.sponsor
        form["holder"]["address"] = sponsor.certificate_address
        form["holder"]["certificate_number"] = licence.certificate_number or sponsor.certificate_number
        form["holder"]["legal_representative"] = licence.legal_representative or sponsor.legal_representative
    form["shareholders"] = [{"key": f"s{i}", **row} for i, row in enumerate(licence.shareholders)]
    form["businesses"] = [
        {"key": str(b["code"]), "code": b["code"], "opened": b["opened"], "note": ""} for b in licence.businesses
    ]
    form["areas"] = write_areas(licence.areas)
    form["sites"] = "\n".join(licence.sites)
    return form


def find_contact(licence: Licence) -> dict[str, str]:
    """Whom the authority may call, by field of the form's holder: as in the licence's latest application, else the
    person on its sponsor's filing; empty where nothing names one."""
    earlier = Case.objects.filter(licence=licence).order_by("-pk").only("form")
    for case in earlier[:_EARLIER_CASES]:
        known = {name: str(find_value(case.form, f"holder.{name}") or "") for name in _CONTACT}
        if known["contact_name"] and known["contact_mobile"]:
            return known
    person = licence.sponsor.person if licence.sponsor is not None else None
    if person is None:
        return {}
    return {"contact_name": person.name, "contact_mobile": person.mobile, "contact_email": person.email}


def read_form(form: Mapping[str, Any]) -> dict[str, Any]:
    """The form as `registry.licence_values.read_licence` wants it."""
    holder = form["holder"]
    return {
        "holder": holder["name"],
        "certificate_number": holder["certificate_number"],
        "legal_representative": holder["legal_representative"],
        "capital_yuan": holder["capital_yuan"],
        "shareholders": [
            {"name": s["name"], "percent": s["percent"], "is_foreign": bool(s.get("is_foreign"))}
            for s in form["shareholders"]
        ],
        "businesses": [{"code": b["code"], "opened": bool(b.get("opened"))} for b in form["businesses"]],
        "areas": list(check_areas(form["areas"])),
        "sites": form["sites"] or "",
    }


def choose_licence_authority(case: Case) -> str:
    """The authority of the licence on record, else the one the form's area leads to; empty while none is named."""
    if case.licence is not None:
        return case.licence.authority
    if get_procedure(case.procedure).id == "number_application":
        return MINISTRY if str(find_value(case.form, "number.kind") or "").startswith(("95", "1066", "1069")) else _own_province(case)  # fmt: skip
    try:
        return choose_authority(check_areas(str(case.form.get("areas") or "")))
    except ValueRefused:
        return ""


def _own_province(case: Case) -> str:
    held = Licence.objects.filter(
        organisation_id=case.organisation_id, number=str(find_value(case.form, "number.licence_number") or "")
    )
    found = held.values_list("authority", flat=True).first()
    return found if found and found != MINISTRY else ""


def choose_licence_channel(case: Case) -> None:
    """Sets authority and channel: inside where the authority's officers work here, else somebody records its acts."""
    authority = choose_licence_authority(case)
    case.province = authority if len(authority) == 1 else ""
    found = Organisation.objects.filter(kind="administration", province=case.province)
    case.administration = found.order_by("pk").first() if authority else None
    case.channel = "inside" if case.administration is not None else "outside"


def read_licence_facts(case: Case) -> LicenceFacts:
    """What the checks look at. Raises: NoRuleInForce."""
    today, licence = clock.today(), case.licence
    renewal = compute_renewal_deadline(licence.valid_until) if licence else None
    return LicenceFacts(
        on=today,
        number=licence.number if licence else "",
        authority=licence.authority if licence else "",
        valid_until=licence.valid_until if licence else None,
        apply_by=renewal.due_on if renewal else None,
        applied_on=find_applied_on(case),
        decision_by=_count(case, "decision_on", "licence.operator_change.apply_after_decision"),
        registry_by=_count(case, "registry_change_on", "licence.registry_change.apply"),
        least_capital={
            "one_province": get_number("licence.capital.intra_province", today),
            "several": get_number("licence.capital.cross_region", today),
        },
        foreign_cap=get_number("licence.foreign.share_cap", today),
    )


def _count(case: Case, field: str, rule: str) -> date | None:
    try:
        day = date.fromisoformat(str(case.form.get(field) or ""))
    except ValueError:
        return None
    return compute_deadline(rule, day, as_of=clock.today()).due_on

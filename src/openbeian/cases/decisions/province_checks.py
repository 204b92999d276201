"""The province's own requirements, held against a form: its facts, and where each fact stands in the form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from openbeian.cases.decisions.form_values import find_value
from openbeian.kernel.certificates import parse_resident_id
from openbeian.kernel.errors import Fault, ValueRefused
from openbeian.kernel.provinces import find_province_of_region
from openbeian.rules.conditions import FactValue
from openbeian.rules.province_packs import check_order
from openbeian.rules.rulebook import Rulebook

# Where a person mends a requirement; a fact that no field of the form answers leads to its papers.
_FIELD_OF_FACT = {
    "age": "sponsor.person.certificate_number",
    "sponsor_is_foreigner": "sponsor.certificate_type",
    "domains_in_order": "services.0.domains",
    "domains_of_service": "services.0.domains",
    "domain_is_org": "services.0.domains",
    "services_on_record": "services.0.kind",
    "person_is_legal_representative": "sponsor.person.name",
    "service_person_is_sponsor_person": "services.0.person_is_sponsor_person",
    "address_in_same_city": "sponsor.address",
    "languages_ticked": "services.0.languages",
    "landline": "sponsor.person.emergency_phone",
    "authorisation_letter": "materials.authorisation_letter.sponsor",
    "residence_proofs": "materials.residence_permit.sponsor",
}
_GOVERNMENT = frozenset({"government", "institution"})


def compute_order_facts(
    values: Mapping[str, Any],
    facts: Mapping[str, Any],
    documents: Iterable[tuple[str, str]],
    *,
    on: date,
    is_first: bool,
    is_shell: bool,
    services_on_record: int,
) -> dict[str, FactValue]:
    """What the form, the papers and the record say, in the rulebook's words; a fact nobody knows is left out, and
    what depends on it becomes advice instead of a refusal."""
    papers = {material for material, _ in documents}
    services = values.get("services", ())
    domains = [d for s in services for d in s.get("domains") or ()]
    nature = str(find_value(values, "sponsor.nature") or "")
    known: dict[str, FactValue] = {
        "sponsor_is_person": facts["sponsor_group"] == "person",
        "sponsor_is_government": nature in _GOVERNMENT,
        "sponsor_is_shell": is_shell,
        "first_filing": is_first,
        "domains_in_order": len(domains),
        "domains_of_service": max((len(s.get("domains") or ()) for s in services), default=0),
        "domain_is_org": any(d.strip().lower().endswith(".org") for d in domains),
        "services_on_record": services_on_record,
        "person_is_legal_representative": facts["person_is_legal_representative"],
        "authorisation_letter": "authorisation_letter" in papers,
        "service_person_is_sponsor_person": all(s.get("person_is_sponsor_person") for s in services),
        "languages_ticked": all(s.get("languages") for s in services),
        "domain_certificate": "domain_certificate" in papers,
        "sponsor_is_foreigner": find_value(values, "sponsor.certificate_type") == "passport",
    }
    if find_value(values, "sponsor.certificate_type") == "resident_id":
        known |= _identity_facts(values, on)
    if "residence_permit" in papers:
        known["residence_proofs"] = ("residence_permit",)
    return known


def _identity_facts(values: Mapping[str, Any], on: date) -> dict[str, FactValue]:
    try:
        identity = parse_resident_id(str(find_value(values, "sponsor.certificate_number") or ""), on=on)
    except ValueRefused:
        return {}
    home = find_province_of_region(identity.region or "")
    place = find_province_of_region(str(find_value(values, "sponsor.region") or ""))
    age, facts = identity.age_on(on), dict[str, FactValue]()
    if age is not None:
        facts["age"] = age
    if home and place:
        facts["id_is_local"] = home == place
    return facts


def find_province_faults(
    rulebook: Rulebook, province: str, on: date, order: Mapping[str, FactValue]
) -> tuple[Fault, ...]:
    """The province's faults, each at the field where it can be mended.

    Provincial lists change without notice and are known from providers' pages only: a list of confidence L, and
    whatever rests on a fact that nobody knows, advises and does not refuse.
    """
    faults, _ = check_order(rulebook, province, on, order)
    return tuple(
        replace(fault, field=_FIELD_OF_FACT.get(fault.field, "materials"))
        # Advice about facts that this form never asks would bury what matters.
        for fault in faults
        if fault.certain or fault.field in _FIELD_OF_FACT
    )

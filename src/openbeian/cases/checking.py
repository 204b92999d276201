"""Gathers what the checks need from record, register and rulebook, and runs them on a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from openbeian.accounts.models import Organisation
from openbeian.cases.decisions.checks import Blacklisted, ProviderFacts, Surroundings, compute_facts, find_faults
from openbeian.cases.decisions.form_values import find_value
from openbeian.cases.decisions.licence_checks import find_licence_faults
from openbeian.cases.decisions.normal_values import normalise
from openbeian.cases.decisions.province_checks import compute_order_facts, find_province_faults
from openbeian.cases.licensing import choose_licence_channel, is_licence_case, read_licence_facts
from openbeian.cases.limits import get_number
from openbeian.cases.models import Case
from openbeian.cases.queries import get_form, get_materials, get_procedure
from openbeian.documents.models import Document
from openbeian.kernel import clock
from openbeian.kernel.certificates import parse_certificate
from openbeian.kernel.contacts import parse_phone
from openbeian.kernel.domains import parse_domain
from openbeian.kernel.errors import Fault, ValueRefused
from openbeian.kernel.provinces import get_province
from openbeian.privacy.fields import compute_fingerprint
from openbeian.registry.blacklist import find_hits
from openbeian.registry.models import Provider, Standing
from openbeian.registry.queries import find_live_sponsor, is_mobile_of_other_sponsor, list_taken_domains
from openbeian.rules.code_tables import load_code_tables, load_name_rules
from openbeian.rules.rulebook import current_rulebook


def check_case(case: Case) -> list[Fault]:
    """Every fault of the case as it stands, the certain ones and the advice; changes nothing."""
    procedure = get_procedure(case.procedure)
    return find_faults(
        procedure,
        get_form(procedure.form),
        get_materials(procedure.form),
        case.form,
        case.before,
        read_surroundings(case),
    )


def normalise_case(case: Case) -> dict[str, Any]:
    """The case's form in normal form; the caller keeps it."""
    procedure, tables = get_procedure(case.procedure), load_code_tables()
    facts = compute_facts(procedure, case.form, tables)
    return normalise(get_form(procedure.form), case.form, facts, tables, clock.today())


def find_certificate_fingerprint(case: Case) -> str:
    """The keyed hash of the sponsor's certificate number in its normal form; empty while there is none."""
    number = normal_certificate(case.form)
    return compute_fingerprint(number, "certificate")


def normal_certificate(values: Mapping[str, Any]) -> str:
    kind = load_code_tables().certificates.find(str(find_value(values, "sponsor.certificate_type") or ""))
    text = str(find_value(values, "sponsor.certificate_number") or "")
    if kind is None or not text:
        return text.strip().upper()
    try:
        return parse_certificate(kind.grammar, text, on=clock.today()).normal
    except ValueRefused:
        return text.strip().upper()


def choose_channel(case: Case) -> None:
    """Sets province, administration and channel by the sponsor's place and the chosen provider, or by the licence."""
    if is_licence_case(case):
        choose_licence_channel(case)
        return
    facts = compute_facts(get_procedure(case.procedure), case.form, load_code_tables())
    case.province = case.sponsor.province if case.sponsor else facts["province"] or ""
    case.administration = Organisation.objects.filter(kind="administration", province=case.province).first()
    case.channel = case.provider.channel if case.provider else "outside"
    if case.channel == "inside" and case.administration is None:
        # No officers of that province work here: somebody records what the administration decided elsewhere.
        case.channel = "outside"


def read_surroundings(case: Case) -> Surroundings:
    """The day, tables, limits, provider, papers and conflicts that the checks look at."""
    today, fingerprint = clock.today(), find_certificate_fingerprint(case)
    on_record = find_live_sponsor(fingerprint) if fingerprint and case.sponsor_id is None else None
    own_services = [int(s["key"]) for s in case.form.get("services", []) if str(s.get("key")).isdigit()]
    adds = "record_services" in get_procedure(case.procedure).outcome
    documents = frozenset(
        Document.objects.filter(subject_kind="case", subject_id=str(case.pk), removed_at__isnull=True).values_list(
            "material", "path"
        )
    )
    services_on_record = (
        case.sponsor.services.exclude(standing=Standing.CANCELLED).count() if case.sponsor and adds else 0
    )
    return Surroundings(
        on=today,
        tables=load_code_tables(),
        name_rules=load_name_rules(),
        certificate_months_left=get_number("filing.certificate.months_left", today, case.province),
        most_personal_services=get_number("filing.personal_sponsor.max_services", today, case.province),
        provider=_read_provider(case),
        documents=documents,
        taken_domains=frozenset(list_taken_domains(_list_domains(case.form), except_service_ids=own_services)),
        reused_mobiles=frozenset(_list_reused_mobiles(case.form, fingerprint)),
        number_on_record=on_record.number if on_record else "",
        services_on_record=services_on_record,
        blacklisted=tuple(_list_blacklisted(case)),
        faults_of_province=_check_province(case, documents, services_on_record),
        faults_of_licence=_check_licence(case),
    )


def _check_licence(case: Case) -> tuple[Fault, ...]:
    if not is_licence_case(case):
        return ()
    return tuple(find_licence_faults(case.procedure, case.form, read_licence_facts(case)))


def _check_province(case: Case, documents: frozenset[tuple[str, str]], services_on_record: int) -> tuple[Fault, ...]:
    """The province's requirements on an order; only filings and additions are orders in its sense."""
    procedure = get_procedure(case.procedure)
    facts = compute_facts(procedure, case.form, load_code_tables())
    if "record_services" not in procedure.outcome or not facts["province"]:
        return ()
    today = clock.today()
    order = compute_order_facts(
        case.form,
        facts,
        documents,
        on=today,
        is_first=case.sponsor is None,
        is_shell=case.sponsor is not None and case.sponsor.standing == Standing.SHELL,
        services_on_record=services_on_record,
    )
    return find_province_faults(current_rulebook(), facts["province"], today, order)


def _read_provider(case: Case) -> ProviderFacts | None:
    text = str(case.form.get("provider_id") or "")
    provider = Provider.objects.filter(pk=int(text), is_active=True).first() if text.isdigit() else None
    if provider is None:
        return None
    return ProviderFacts(
        provider.name, tuple(provider.provinces), tuple(provider.service_kinds), tuple(provider.address_ranges)
    )


def _list_domains(form: Mapping[str, Any]) -> list[str]:
    domains = []
    for service in form.get("services", []):
        for text in service.get("domains") or ():
            try:
                domains.append(parse_domain(text).registrable)
            except ValueRefused:
                continue
    return domains


def _list_reused_mobiles(form: Mapping[str, Any], fingerprint: str) -> list[str]:
    paths = ["sponsor.person.mobile"]
    paths += [
        f"services.{i}.person.mobile"
        for i, s in enumerate(form.get("services", []))
        if not s.get("person_is_sponsor_person")
    ]
    reused = []
    for path in paths:
        text = str(find_value(form, path) or "")
        try:
            mobile = parse_phone(text).national
        except ValueRefused:
            continue
        if is_mobile_of_other_sponsor(compute_fingerprint(mobile, "mobile"), fingerprint):
            reused.append(path)
    return reused


def _list_blacklisted(case: Case) -> Iterator[Blacklisted]:
    """The case's domains and certificates on a blacklist that its provider was sent, each with its field."""
    domains: dict[str, str] = {}
    for i, service in enumerate(case.form.get("services", [])):
        for name in _list_domains({"services": [service]}):
            domains.setdefault(name, f"services.{i}.domains")
    certificates = {find_certificate_fingerprint(case): "sponsor.certificate_number"}
    people = ["sponsor.person", *(f"services.{i}.person" for i in range(len(case.form.get("services", []))))]
    for base in people:
        number = "".join(str(find_value(case.form, f"{base}.certificate_number") or "").split()).upper()
        certificates.setdefault(compute_fingerprint(number, "certificate"), f"{base}.certificate_number")
    text = str(case.form.get("provider_id") or "")
    for hit in find_hits(int(text) if text.isdecimal() else case.provider_id, domains, certificates):
        path = (domains if hit.kind == "domain" else certificates)[hit.value]
        yield Blacklisted(path, hit.shown, get_province(hit.province).administration, hit.listed_on)

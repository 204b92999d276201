"""Everything that can be wrong with a form, found at once: fields first, then what fields say to each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from openbeian.cases.decisions.field_checks import FieldCheck, find_field_faults
from openbeian.cases.decisions.form_values import Entered, differ, find_value, matches, walk_form
from openbeian.cases.decisions.relation_checks import find_relation_faults
from openbeian.kernel.errors import Fault
from openbeian.kernel.provinces import find_province_of_region
from openbeian.kernel.service_names import NameRule
from openbeian.kernel.text import Text
from openbeian.rules.code_tables import CodeTables
from openbeian.rules.forms import Form, Material
from openbeian.rules.procedures import Procedure


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """What the register says of the chosen provider."""

    name: str
    provinces: tuple[str, ...]
    service_kinds: tuple[str, ...]
    address_ranges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Blacklisted:
    """A field whose value an administration has on its blacklist: what the entry says, whose it is, and since when."""

    path: str
    shown: str
    administration: Text
    listed_on: date


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What checks need besides the form itself: the day, tables and limits in force, and what is on record.

    documents: (material, owner) of papers handed in; the owner is "sponsor" or a service's key.
    taken_domains: A-labels that stand in another live filing. reused_mobiles: paths of mobiles that another
    sponsor's filing names.
    """

    on: date
    tables: CodeTables
    name_rules: tuple[NameRule, ...]
    certificate_months_left: int
    most_personal_services: int
    provider: ProviderFacts | None = None
    documents: frozenset[tuple[str, str]] = frozenset()
    taken_domains: frozenset[str] = frozenset()
    reused_mobiles: frozenset[str] = frozenset()
    number_on_record: str = ""
    services_on_record: int = 0
    blacklisted: tuple[Blacklisted, ...] = ()
    faults_of_province: tuple[Fault, ...] = field(default=())
    faults_of_licence: tuple[Fault, ...] = field(default=())


def compute_facts(procedure: Procedure, values: Mapping[str, Any], tables: CodeTables) -> dict[str, Any]:
    """Facts about the whole case that conditions of fields and papers may name."""
    nature = tables.natures.find(str(find_value(values, "sponsor.nature") or ""))
    region = str(find_value(values, "sponsor.region") or "")
    province = find_province_of_region(region) if region else None
    number = str(find_value(values, "sponsor.certificate_number") or "").strip()
    is_id = find_value(values, "sponsor.certificate_type") == "resident_id"
    home = find_province_of_region(number[:6]) if is_id and number[:6].isdigit() else None
    person = str(find_value(values, "sponsor.person.name") or "").strip()
    representative = str(find_value(values, "sponsor.legal_representative") or "").strip()
    return {
        "sponsor_group": nature.group if nature else None,
        "province": province.abbreviation if province else None,
        "certificate_is_local": True if home is None or province is None else home == province,
        "person_is_legal_representative": not representative or person == representative,
        "procedure": procedure.id,
        "procedure_ends": any(outcome.startswith("cancel_") for outcome in procedure.outcome),
    }


def is_editable(procedure: Procedure, path: str) -> bool:
    return any(pattern == "*" or matches(path, pattern) for pattern in procedure.edits)


def is_asked(procedure: Procedure, e: Entered) -> bool:
    """Whether a field is this procedure's to fill: open to change, and of the promises only those it names."""
    if e.field.type == "promise" and e.field.id not in procedure.promises:
        return False
    return is_editable(procedure, e.path)


def find_faults(
    procedure: Procedure,
    form: Form,
    materials: Mapping[str, Material],
    values: Mapping[str, Any],
    before: Mapping[str, Any],
    around: Surroundings,
) -> list[Fault]:
    """Every fault of the form, in the order of its fields; those not `certain` are advice and stop nobody.

    Only what the procedure opens to change is checked: what stands on record was checked when it came there.
    """
    facts = compute_facts(procedure, values, around.tables)
    entered = [e for e in walk_form(form, values, facts) if e.applies]
    opened = [e for e in entered if is_asked(procedure, e)]
    context = FieldCheck(
        around.on, around.tables, around.name_rules, around.certificate_months_left, facts["sponsor_group"]
    )
    faults: list[Fault] = []
    for e in opened:
        faults += find_field_faults(e, context)
        faults += _find_fixed(e, before)
    faults += find_relation_faults(values, {e.path for e in opened}, facts, around)
    faults += around.faults_of_province
    faults += around.faults_of_licence
    faults += find_missing_papers(procedure, materials, values, facts, around.documents)
    faults += _find_nothing_changed(procedure, form, values, before, facts)
    position = {e.path: i for i, e in enumerate(entered)}
    return sorted(faults, key=lambda fault: position.get(fault.field, len(position)))


def _find_fixed(e: Entered, before: Mapping[str, Any]) -> Iterator[Fault]:
    old = find_value(before, e.path)
    if e.field.is_fixed and old not in (None, "", []) and e.value != old and e.field.type != "domains":
        yield Fault(
            e.path,
            Text("「{label}」备案后不能修改。", "“{label}” cannot be changed once on record.").format(
                label=e.field.label
            ),
            Text("恢复为 {old}；确需不同的，注销后重新备案。", "Put back {old}, or cancel and file anew.").format(
                old=old
            ),
            "field.fixed",
            str(e.value),
        )
    if e.field.type == "domains" and old:
        added = sorted(set(e.value or ()) - set(old))
        if added:
            yield Fault(
                e.path,
                Text("变更不能增加域名：{added}。", "A change cannot add domains: {added}.").format(
                    added="、".join(added)
                ),
                Text("新域名请办新增服务。", "File a new domain by adding a service."),
                "field.domains_added",
                added[0],
            )
    if e.field.fixes_province and old and str(e.value)[:2] != str(old)[:2]:
        yield Fault(
            e.path,
            Text("备案后不能改省份。", "The province cannot be changed once on record."),
            Text("迁往外省的，注销后在新省份重新备案。", "Cancel and file anew in the other province."),
            "field.province_fixed",
            str(e.value),
        )


def list_required_papers(
    procedure: Procedure, materials: Mapping[str, Material], values: Mapping[str, Any], facts: Mapping[str, Any]
) -> Iterator[tuple[Material, str, str]]:
    """Every paper that applies, with its owner (`sponsor` or an item's key) and the owner's path in the form."""
    for material_id in procedure.materials:
        material = materials[material_id]
        if material.per == "sponsor":
            if _applies(material, {}, facts):
                yield material, "sponsor", "sponsor"
            continue
        for i, item in enumerate(values.get(material.per, ())):
            scope = {**item, "has_approvals": bool((item.get("approvals") or {}).get("items"))}
            if _applies(material, scope, facts):
                yield material, str(item.get("key")), f"{material.per}.{i}"


def _applies(material: Material, scope: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    return all(
        (scope[name] if name in scope else facts.get(name)) in allowed for name, allowed in material.when.items()
    )


def find_missing_papers(
    procedure: Procedure,
    materials: Mapping[str, Material],
    values: Mapping[str, Any],
    facts: Mapping[str, Any],
    documents: Iterable[tuple[str, str]],
) -> Iterator[Fault]:
    """One fault for each paper that is asked for and not there."""
    have = set(documents)
    for material, owner, path in list_required_papers(procedure, materials, values, facts):
        if material.is_required and (material.id, owner) not in have:
            yield Fault(
                f"materials.{material.id}.{path}",
                Text("缺少「{label}」。", "“{label}” is missing.").format(label=material.label),
                Text("上传：{why}", "Upload it: {why}").format(why=material.why),
                f"material.{material.id}",
            )


_FIRST_FIELD = {"sponsor": "sponsor.name", "licence": "holder.name"}


def _find_nothing_changed(
    procedure: Procedure, form: Form, values: Mapping[str, Any], before: Mapping[str, Any], facts: Mapping[str, Any]
) -> Iterator[Fault]:
    """A change that changes nothing is a wrong choice of procedure, and a reviewer's wasted hour."""
    if not any(outcome.startswith("change_") for outcome in procedure.outcome) or procedure.cycle:
        return
    for e in walk_form(form, values, facts):
        skip = e.field.type in {"group", "list", "promise"} or e.path == "provider_id"
        if not skip and e.applies and differ(e.value, find_value(before, e.path)):
            return
    yield Fault(
        _FIRST_FIELD.get(procedure.subject, "services.0.name"),
        Text("没有任何改动。", "Nothing has been changed."),
        Text("修改需要变更的内容；只想确认信息的，请办信息复核。", "Change something, or re-confirm instead."),
        "change.empty",
    )

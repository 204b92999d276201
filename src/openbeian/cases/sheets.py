"""A case laid out for reading: sections of old and new values, with the papers that prove each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openbeian.cases.decisions.checks import compute_facts, list_required_papers
from openbeian.cases.decisions.description import describe_value
from openbeian.cases.decisions.form_values import Entered, differ, find_value, walk_form
from openbeian.cases.models import Case
from openbeian.cases.queries import get_form, get_materials, get_procedure
from openbeian.documents.models import Document
from openbeian.kernel.text import Text
from openbeian.registry.models import Provider
from openbeian.rules.code_tables import load_code_tables
from openbeian.rules.forms import Material


@dataclass(frozen=True, slots=True)
class Row:
    """One field: its new value beside what stood on record, and the papers that prove it."""

    path: str
    label: Text
    new: Text
    old: Text | None
    is_changed: bool
    is_personal: bool
    papers: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A heading and its rows."""

    path: str
    label: Text
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that the case asks for, and the file handed in for it, if any."""

    material: Material
    owner: str
    path: str
    document: Document | None


@dataclass(frozen=True, slots=True)
class Sheet:
    groups: tuple[Group, ...]
    papers: tuple[Paper, ...]
    has_old: bool


def lay_out(case: Case) -> Sheet:
    """The whole case in reading order. Personal values are masked; revealing one is an action of its own."""
    procedure = get_procedure(case.procedure)
    form, tables = get_form(procedure.form), load_code_tables()
    facts = compute_facts(procedure, case.form, tables)
    papers = _lay_out_papers(case, facts)
    providers = {str(pk): name for pk, name in Provider.objects.values_list("pk", "name")}
    groups: dict[str, tuple[Text, list[Row]]] = {}
    for e in walk_form(form, case.form, facts):
        if e.field.type in {"group", "list"}:
            continue
        if not e.applies or (e.field.type == "promise" and e.field.id not in procedure.promises):
            continue
        parent = e.path.rpartition(".")[0]
        _, rows = groups.setdefault(parent, (_heading(case.form, form.find_field(parent), parent), []))
        rows.append(_row(e, case, tables, papers, providers))
    return Sheet(
        groups=tuple(Group(path, label, tuple(rows)) for path, (label, rows) in groups.items()),
        papers=papers,
        has_old=bool(case.before),
    )


def _heading(values: Mapping[str, Any], field: Any, path: str) -> Text:
    if field is None or not path:
        return Text("办理", "Handling")
    last = path.rpartition(".")[2]
    if not last.isdigit():
        label: Text = field.label
        return label
    name = find_value(values, f"{path}.name")
    number = int(last) + 1
    label = field.label
    return Text(
        f"{label.zh} {number}" + (f"：{name}" if name else ""), f"{label.en} {number}" + (f": {name}" if name else "")
    )


def _row(e: Entered, case: Case, tables: Any, papers: tuple[Paper, ...], providers: Mapping[str, str]) -> Row:
    old_value = find_value(case.before, e.path) if case.before else None
    has_old = bool(case.before) and old_value is not None
    new = describe_value(e.field, e.value, tables, providers, between="\n")
    old = None
    if has_old and e.field.type != "provider":
        old = describe_value(e.field, old_value, tables, providers, between="\n")
    proving = tuple(
        p.document for p in papers if p.document and any(_proves(p, name, e.path) for name in p.material.proves)
    )
    changed = has_old and differ(e.value, old_value) and e.field.type != "provider"
    return Row(e.path, e.field.label, new, old, changed, e.field.is_personal, proving)


def _proves(paper: Paper, name: str, path: str) -> bool:
    return path == (name if paper.material.per == "sponsor" else f"{paper.path}.{name}")


def _lay_out_papers(case: Case, facts: Mapping[str, Any]) -> tuple[Paper, ...]:
    procedure = get_procedure(case.procedure)
    have = {
        (d.material, d.path): d
        for d in Document.objects.filter(
            subject_kind="case", subject_id=str(case.pk), removed_at__isnull=True
        ).order_by("pk")
    }
    required = list_required_papers(procedure, get_materials(procedure.form), case.form, facts)
    return tuple(Paper(material, owner, path, have.get((material.id, owner))) for material, owner, path in required)

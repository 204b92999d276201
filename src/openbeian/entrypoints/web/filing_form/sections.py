"""The steps of a case's form: which there are, where each fault belongs, and how far each one is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from openbeian.cases.decisions.form_values import matches
from openbeian.cases.models import Case
from openbeian.cases.queries import get_form, get_materials, get_procedure
from openbeian.entrypoints.web.filing_form.showing import make_anchor
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.rules.forms import Form, Section

PAPERS, SUBMISSION = "materials", "submission"


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop on the step bar."""

    section: Section
    url: str
    is_current: bool
    faults: int

    @property
    def label(self) -> Text:
        return self.section.label


@dataclass(frozen=True, slots=True)
class Placed:
    """A fault with the way to the field that it is about. `label` is the field's own name, if it has one."""

    fault: Fault
    section: Section
    label: Text
    url: str


def list_sections(case: Case) -> list[Section]:
    """The steps of this case's procedure, in order."""
    procedure = get_procedure(case.procedure)
    form = get_form(procedure.form)
    return [form.section(s) for s in procedure.sections]


def find_section_of(path: str, form: Form, sections: Iterable[Section]) -> Section:
    """The step on which a path stands: the one that claims the most of it; papers stand at their own."""
    sections = list(sections)
    if path.startswith(f"{PAPERS}."):
        return next((s for s in sections if s.id == PAPERS), sections[0])
    best, depth = sections[0], 0
    for section in sections:
        for pattern in section.paths:
            parts = pattern.count(".") + 1
            if parts > depth and (matches(path, pattern) or matches(path, f"{pattern}.*")):
                best, depth = section, parts
    return best


def place_faults(case: Case, faults: Iterable[Fault]) -> list[Placed]:
    """Each fault with a link that opens its step with the cursor in its field."""
    procedure = get_procedure(case.procedure)
    form, sections, materials = get_form(procedure.form), list_sections(case), get_materials(procedure.form)
    placed = []
    for fault in faults:
        section = find_section_of(fault.field, form, sections)
        if fault.field.startswith(f"{PAPERS}."):
            material = materials.get(fault.field.split(".")[1])
            label = material.label if material else section.label
        else:
            label = name_path(form, fault.field) or section.label
        url = reverse("case_form", args=[case.pk, section.id])
        placed.append(Placed(fault, section, label, f"{url}?check=1#{make_anchor(fault.field)}"))
    return placed


def name_path(form: Form, path: str) -> Text | None:
    """A field's name with what it stands in, as far as that tells it from its like: 主体负责人 · 姓名, 2 · 服务名称."""
    field = form.find_field(path)
    if field is None:
        return None
    names: list[Text] = []
    parts = path.split(".")
    for i, part in enumerate(parts[:-1]):
        if part.isdigit():
            number = str(int(part) + 1)
            names.append(Text(number, number))
        elif i > 0:
            parent = form.find_field(".".join(parts[: i + 1]))
            names += [parent.label] if parent else []
    names.append(field.label)
    return Text(" · ".join(n.zh for n in names), " · ".join(n.en for n in names))


def list_stops(case: Case, current: str, faults: Iterable[Fault]) -> list[Stop]:
    """The step bar: which step is open, and how many certain faults each still has."""
    certain = [p.section.id for p in place_faults(case, (f for f in faults if f.certain))]
    return [
        Stop(s, reverse("case_form", args=[case.pk, s.id]), s.id == current, certain.count(s.id))
        for s in list_sections(case)
    ]

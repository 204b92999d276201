"""A section of the form as a tree of shown fields, ready to draw: one template per kind of field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openbeian.cases.decisions.checks import compute_facts, is_asked
from openbeian.cases.decisions.description import describe_value
from openbeian.cases.decisions.form_values import Entered, find_value, holds, matches
from openbeian.cases.decisions.record_values import is_endless
from openbeian.cases.drafting import is_open_to_edits
from openbeian.cases.queries import get_form
from openbeian.entrypoints.web.filing_form.choices import (
    Choice,
    Level,
    list_approval_choices,
    list_code_choices,
    list_provider_choices,
    list_province_choices,
    list_region_levels,
)
from openbeian.entrypoints.web.filing_form.reading import compute_digest
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.registry.models import Provider
from openbeian.rules.code_tables import load_code_tables
from openbeian.rules.forms import Field, Section
from openbeian.rules.procedures import Procedure

# Each kind of field and the template that draws it; what is not named here is a line of text.
_TEMPLATES = {
    "group": "group",
    "list": "list",
    "choice": "choice",
    "province": "choice",
    "choices": "choices",
    "region": "region",
    "date": "date",
    "end_date": "end_date",
    "domains": "lines",
    "ip_ranges": "lines",
    "hex": "paragraph",
    "approvals": "approvals",
    "boolean": "tick",
    "promise": "tick",
    "provider": "provider",
}
_INPUTS = {"mobile": "tel", "phone": "tel", "email": "email"}
_LONG = 200

# What is shown on the page hangs on these, so a change of one draws the section anew.
SHAPING = frozenset({"choice", "boolean", "region", "provider", "approvals"})


def make_anchor(path: str) -> str:
    """The id under which a field's control stands on its page."""
    return "field-" + path.replace(".", "-")


@dataclass(frozen=True, slots=True)
class Shown:
    """One field on a page. Closed fields are shown with their value in words (`said`) and cannot be typed into.

    digest: of what is saved in this field; the page sends it back, so that a change is told from a repetition.
    """

    path: str
    field: Field
    value: Any
    is_open: bool
    digest: str = ""
    faults: tuple[Fault, ...] = ()
    said: Text | None = None
    choices: tuple[Choice, ...] = ()
    levels: tuple[Level, ...] = ()
    children: tuple[Shown, ...] = ()
    items: tuple[Item, ...] = ()
    can_add: bool = False
    can_remove: bool = False
    of: str = ""

    @property
    def template(self) -> str:
        if not self.is_open and self.field.type not in {"group", "list"}:
            name = "closed"
        elif self.field.type == "text" and self.field.max_length >= _LONG:
            name = "paragraph"
        else:
            name = _TEMPLATES.get(self.field.type, "line")
        return f"openbeian/cases/fields/{name}.html"

    @property
    def anchor(self) -> str:
        return make_anchor(self.path)

    @property
    def input_type(self) -> str:
        return _INPUTS.get(self.field.type, "text")

    @property
    def lines(self) -> str:
        return "\n".join(map(str, self.value or ()))

    @property
    def is_endless(self) -> bool:
        return is_endless(self.value)

    @property
    def typed_day(self) -> str:
        """The day of an end, also where 长期 stands before it."""
        text = str(self.value or "")
        return text.partition(" ")[2] if self.is_endless else text

    @property
    def is_certain_fault(self) -> bool:
        return any(f.certain for f in self.faults)

    def walk(self) -> Iterator[Shown]:
        """This field and all below it."""
        yield self
        for child in (*self.children, *(c for item in self.items for c in item.children)):
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list: its place, its own name as far as it has one, its fields."""

    index: int
    name: str
    children: tuple[Shown, ...]


class FormView:
    """What the pages of one form need to know to draw it.

    values may be newer than what is saved: what was typed and could not be kept is drawn all the same.
    may_type: whether this reader may change anything at all now.
    faults: those to show beside fields; of fields still empty only with `show_all`, so that nobody is scolded
    for what they have not come to yet.
    """

    def __init__(
        self,
        procedure: Procedure,
        values: Mapping[str, Any],
        *,
        saved: Mapping[str, Any] | None = None,
        may_type: bool = True,
        faults: Iterable[Fault] = (),
        show_all: bool = False,
        providers: Iterable[Provider] = (),
    ) -> None:
        self.procedure = procedure
        self.values = values
        self.saved = values if saved is None else saved
        self.may_type = may_type
        self.faults = tuple(faults)
        self.show_all = show_all
        self.providers = {str(p.pk): p for p in providers}
        self.provider_names = {key: p.name for key, p in self.providers.items()}
        self.tables = load_code_tables()
        self.form = get_form(procedure.form)
        self.facts = compute_facts(procedure, values, self.tables)

    def show_section(self, section: Section) -> list[Shown]:
        """The section's fields in its own order; what another section claims for itself is left to that one."""
        claimed = [p for s in self.form.sections if s.id != section.id for p in s.paths]
        shown = []
        for pattern in section.paths:
            spec = self.form.find_field(pattern)
            assert spec is not None, f"the loader lets no section name {pattern}"
            for path in _expand(pattern, self.values):
                scope = find_value(self.values, path.rpartition(".")[0]) if "." in path else self.values
                one = self._show(spec, path, scope or {}, claimed)
                if one is not None:
                    shown.append(one)
        return shown

    def _show(self, spec: Field, path: str, scope: Mapping[str, Any], claimed: list[str]) -> Shown | None:
        """None for what does not apply here or belongs to another section."""
        if any(matches(path, pattern) for pattern in claimed) or not holds(spec, scope, self.facts):
            return None
        value = scope.get(spec.id)
        entered = Entered(path, spec, value, applies=True, scope=scope)
        if spec.type == "promise" and not is_asked(self.procedure, entered):
            return None
        if spec.type == "group":
            children = self._show_all(spec, f"{path}.", value or {}, claimed)
            return Shown(path, spec, None, is_open=True, children=children) if children else None
        if spec.type == "list":
            return self._show_list(spec, path, value or [], claimed)
        return self._show_leaf(entered)

    def _show_all(self, spec: Field, prefix: str, scope: Mapping[str, Any], claimed: list[str]) -> tuple[Shown, ...]:
        shown = (self._show(child, f"{prefix}{child.id}", scope, claimed) for child in spec.fields)
        return tuple(one for one in shown if one is not None)

    def _show_list(self, spec: Field, path: str, value: list[Any], claimed: list[str]) -> Shown:
        items = tuple(
            Item(i, str(item.get("name") or ""), self._show_all(spec, f"{path}.{i}.", item, claimed))
            for i, item in enumerate(value)
        )
        is_open = self.may_type and is_open_to_edits(self.procedure, f"{path}.0.{spec.fields[0].id}")
        return Shown(
            path,
            spec,
            None,
            is_open=is_open,
            faults=tuple(f for f in self.faults if f.field == path),
            items=items,
            can_add=is_open and len(value) < spec.maximum,
            can_remove=is_open and len(value) > spec.minimum,
            of=self._name_owner(path),
        )

    def _name_owner(self, path: str) -> str:
        """Of a list inside a list: the name of the item it belongs to."""
        head, _, _ = path.rpartition(".")
        return str(find_value(self.values, f"{head}.name") or "") if head else ""

    def _show_leaf(self, e: Entered) -> Shown | None:
        is_open = self.may_type and is_asked(self.procedure, e)
        if not is_open and e.is_empty and e.field.type != "boolean":
            return None
        touched = self.show_all or not e.is_empty
        choices: tuple[Choice, ...] = ()
        levels: tuple[Level, ...] = ()
        if is_open:
            choices = self._list_choices(e)
            levels = list_region_levels(e.value) if e.field.type == "region" else ()
        said = describe_value(e.field, e.value, self.tables, self.provider_names)
        faults = tuple(f for f in self.faults if f.field == e.path) if touched and is_open else ()
        digest = compute_digest(find_value(self.saved, e.path))
        return Shown(e.path, e.field, e.value, is_open, digest, faults, said, choices, levels)

    def _list_choices(self, e: Entered) -> tuple[Choice, ...]:
        match e.field.type:
            case "choice" | "choices":
                return list_code_choices(e.field, e.scope, e.value, self.tables)
            case "approvals":
                return list_approval_choices(e.field, e.value, self.tables)
            case "province":
                return list_province_choices(e.value)
            case "provider":
                return list_provider_choices(self._list_fitting_providers(), e.value)
        return ()

    def _list_fitting_providers(self) -> list[Provider]:
        kinds = {str(s.get("kind")) for s in self.values.get("services", ()) if s.get("kind")}
        province = self.facts["province"]
        return [
            p
            for p in self.providers.values()
            if p.is_active
            and (not p.provinces or not province or province in p.provinces)
            and (not p.service_kinds or kinds <= set(p.service_kinds))
        ]


def _expand(pattern: str, values: Mapping[str, Any]) -> list[str]:
    """The paths that a pattern has in these values, in order."""
    paths = [""]
    for part in pattern.split("."):
        if part == "*":
            paths = [f"{p}.{i}" for p in paths for i in range(len(find_value(values, p) or ()))]
        else:
            paths = [f"{p}.{part}" if p else part for p in paths]
    return paths

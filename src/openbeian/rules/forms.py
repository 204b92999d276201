"""Forms as data: what a procedure asks for, under which conditions, and which papers prove it.

A form is a tree of fields. Values are addressed by paths: `sponsor.person.mobile`, `services.0.domains`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

from openbeian.kernel.text import Text
from openbeian.rules.yaml_source import Branch, Reader, read_file

FIELD_TYPES = frozenset(
    {
        "group", "list", "text", "choice", "choices", "region", "province", "certificate", "date", "end_date",
        "mobile", "phone", "email", "service_name", "domains", "package_name", "hex", "digest", "approvals",
        "boolean", "ip_ranges", "provider", "promise", "credit_code", "amount", "percent", "areas", "number_range",
        "digits",
    }
)  # fmt: skip

Condition = Mapping[str, tuple[Any, ...]]
Per = Literal["sponsor", "services", "businesses"]


@dataclass(frozen=True, slots=True)
class Field:
    """One question, or a group or list of them.

    is_fixed: cannot be changed once on record ("province" fixes only the province part of a region).
    when: facts or siblings that must have one of the given values; otherwise the field is left out of account.
    """

    id: str
    type: str
    label: Text
    hint: Text | None = None
    is_required: bool = False
    is_personal: bool = False
    is_fixed: bool = False
    fixes_province: bool = False
    table: str = ""
    depends_on: str = ""
    min_length: int = 0
    max_length: int = 0
    max_items: int = 0
    minimum: int = 0
    maximum: int = 0
    when: Condition = field(default_factory=dict)
    fields: tuple[Field, ...] = ()

    def child(self, field_id: str) -> Field:
        for child in self.fields:
            if child.id == field_id:
                return child
        raise KeyError(field_id)


@dataclass(frozen=True, slots=True)
class Section:
    """A stop on the step bar and the paths it shows (`*` stands for any index)."""

    id: str
    label: Text
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    id: str
    sections: tuple[Section, ...]
    root: Field

    def section(self, section_id: str) -> Section:
        for section in self.sections:
            if section.id == section_id:
                return section
        raise KeyError(section_id)

    def find_field(self, path: str) -> Field | None:
        """The field at a path such as `services.0.domains` or `services.*.domains`."""
        here = self.root
        for part in path.split("."):
            if part == "*" or part.isdigit():
                if here.type == "list":
                    continue
                return None
            try:
                here = here.child(part)
            except KeyError:
                return None
        return here


@dataclass(frozen=True, slots=True)
class Material:
    """A paper: whose it is (`per` sponsor, or each of services or businesses), why it is asked, what it proves."""

    id: str
    label: Text
    why: Text
    per: Per
    is_required: bool
    formats: tuple[str, ...]
    min_pixels: int
    proves: tuple[str, ...]
    reasons: tuple[str, ...]
    when: Condition


Shared = Mapping[str, list[Branch]]
"""Lists of fields under a name, for groups that ask the same: `fields_of: person` takes them over."""

_NEEDS_FIELDS = frozenset({"group", "list"})
_NEEDS_TABLE = frozenset({"choice", "choices", "approvals"})


def read_form(path: Path) -> Form:
    """One form file. Raises: RulebookInvalid."""
    return read_file(path, _read_form)


def read_materials(path: Path) -> dict[str, Material]:
    """The papers by id. Raises: RulebookInvalid."""
    return read_file(path, _read_materials)


def _read_form(reader: Reader) -> Form:
    form_id = reader.word("id", required=True)
    reader.word("source", required=True)
    named = reader.section("shared")
    shared: Shared = {}
    if named is not None:
        lists = Reader(named, reader.findings)
        shared = {key: lists.sections(key) for key in named}
    fields = tuple(_read_field(section, reader, shared) for section in reader.sections("fields", required=True))
    root = Field(id="", type="group", label=Text("", ""), fields=fields)
    stops = [_read_section(Reader(s, reader.findings), root) for s in reader.sections("sections", required=True)]
    return Form(form_id, tuple(stops), root)


def _read_section(reader: Reader, root: Field) -> Section:
    section = Section(
        reader.word("id", required=True), reader.text("label", required=True) or Text("", ""), reader.words("paths")
    )
    reader.done()
    form = Form("", (), root)
    for path in section.paths:
        if form.find_field(path) is None:
            reader.fault(
                "form.path_unknown",
                Text(f"步骤 {section.id} 的路径“{path}”不存在。", f"Section {section.id}: there is no field “{path}”."),
                Text("请改正路径，或补上该字段。", "Correct the path, or add the field."),
                key="paths",
                value=path,
            )
    return section


def _read_field(section: Branch, outer: Reader, shared: Shared) -> Field:
    reader = Reader(section, outer.findings)
    kind = reader.one_of("type", FIELD_TYPES, required=True)
    fixed = reader.take("fixed")
    below = reader.sections("fields")
    taken_over = reader.one_of("fields_of", shared)
    # Shared lists share nothing themselves, so that reading them comes to an end.
    inner = shared if not taken_over else {}
    read = Field(
        id=reader.word("id", required=True),
        type=kind,
        label=reader.text("label", required=True) or Text("", ""),
        hint=reader.text("hint"),
        is_required=reader.flag("required"),
        is_personal=reader.flag("personal"),
        is_fixed=fixed is True,
        fixes_province=fixed == "province",
        table=reader.word("table"),
        depends_on=reader.word("depends_on"),
        min_length=reader.number("min_length"),
        max_length=reader.number("max_length"),
        max_items=reader.number("max_items"),
        minimum=reader.number("min"),
        maximum=reader.number("max"),
        when=_read_condition(reader),
        fields=tuple(_read_field(s, reader, inner) for s in (shared[taken_over] if taken_over else below)),
    )
    reader.done()
    if kind in _NEEDS_FIELDS and not read.fields:
        _want(reader, "fields", read.id)
    if kind in _NEEDS_TABLE and not read.table:
        _want(reader, "table", read.id)
    if fixed not in {None, True, False, "province"}:
        reader.fault(
            "rulebook.fixed_malformed",
            Text("“fixed”应是 true 或 province。", "“fixed” must be true or province."),
            Text("请改为 true、province，或删去。", "Write true or province, or remove it."),
            key="fixed",
            value=fixed,
        )
    return read


def _want(reader: Reader, key: str, field_id: str) -> None:
    reader.fault(
        f"rulebook.{key}_missing",
        Text(f"字段 {field_id} 缺少“{key}”。", f"The field {field_id} has no “{key}”."),
        Text(f"请补上“{key}: …”。", f"Add “{key}: …”."),
    )


def _read_condition(reader: Reader) -> Condition:
    """`when: {fact: [values]}`; each fact names a list."""
    section = reader.section("when")
    if section is None:
        return {}
    facts = Reader(section, reader.findings)
    lists = {fact: facts.typed(fact, list, Text("列表", "a list")) for fact in section}
    return {fact: tuple(values or ()) for fact, values in lists.items()}


def _read_materials(reader: Reader) -> dict[str, Material]:
    reader.word("id", required=True)
    reader.word("source", required=True)
    materials: dict[str, Material] = {}
    for section in reader.sections("materials", required=True):
        item = Reader(section, reader.findings)
        material = _read_material(item)
        item.done()
        if material.id in materials:
            item.fault(
                "rulebook.id_twice",
                Text(f"材料“{material.id}”重复。", f"The paper “{material.id}” stands twice."),
                Text("请只保留一个。", "Keep one."),
                key="id",
            )
        materials[material.id] = material
    return materials


def _read_material(reader: Reader) -> Material:
    for key in ("required", "formats", "min_pixels", "proves", "reasons"):
        reader.take(key, required=True)
    return Material(
        id=reader.word("id", required=True),
        label=reader.text("label", required=True) or Text("", ""),
        why=reader.text("why", required=True) or Text("", ""),
        per=cast(Per, reader.one_of("per", get_args(Per), required=True)),
        is_required=reader.flag("required"),
        formats=reader.words("formats"),
        min_pixels=reader.number("min_pixels"),
        proves=reader.words("proves"),
        reasons=reader.words("reasons"),
        when=_read_condition(reader),
    )


@lru_cache(maxsize=16)
def load_form(path: Path) -> Form:
    return read_form(path)


@lru_cache(maxsize=16)
def load_materials(path: Path) -> dict[str, Material]:
    return read_materials(path)


def walk_fields(fields: tuple[Field, ...], prefix: str = "") -> Iterator[tuple[str, Field]]:
    """Every field with its pattern path (`services.*.name`), parents before children."""
    for f in fields:
        path = f"{prefix}{f.id}"
        yield path, f
        if f.type == "group":
            yield from walk_fields(f.fields, f"{path}.")
        elif f.type == "list":
            yield from walk_fields(f.fields, f"{path}.*.")

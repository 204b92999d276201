"""The code tables of the filing (`rulebook/code_tables/`) and the rules for names, read into typed rows.

Each file is one table: source, day observed and confidence at its head, then rows, which may override them. A key that
no table knows, a missing one, a duplicate id or code, and a reference that leads nowhere refuse the whole rulebook.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, get_args

import openbeian
from openbeian.kernel.certificates import Grammar
from openbeian.kernel.errors import Fault, OpenBeianError, Problem, ValueRefused
from openbeian.kernel.service_names import CHECKS, NameRule
from openbeian.kernel.text import Text
from openbeian.rules.yaml_source import Branch, Findings, read_yaml

Confidence = Literal["H", "M", "L"]
SponsorGroup = Literal["person", "legal_entity", "non_legal_entity_organisation"]
Holder = Literal["person", "organisation"]


class CodeTableFaulty(OpenBeianError):
    """A table that cannot be trusted: the message names file, line and what to change."""

    code = "code_table_faulty"
    status = 500
    message = Text("规则手册代码表有误：{place} {what}", "A code table of the rulebook is faulty: {place} {what}")


class CodeUnknown(ValueRefused):
    """An id or code that the table does not have."""

    code = "code_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One row: our id, its label, the authority's numbers, and where they were seen.

    `v3` is the number of interface V3.0, `form_2023` the one of the ministry-model form seen in 2023; None if unseen.
    """

    id: str
    label: Text
    v3: int | None = None
    form_2023: int | None = None
    source: str
    observed_on: date
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature(Code):
    """单位性质: which group of sponsors it belongs to and which certificates it may use, in the order offered."""

    group: SponsorGroup
    certificates: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateType(Code):
    """证件类型: whose certificate it is and the grammar of its number."""

    holder: Holder
    grammar: Grammar


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentType(Code):
    """服务内容: `may_need` names prior approvals it usually asks for, as a hint only."""

    may_need: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KindOfService(Code):
    """互联网信息服务类型: `suffix` is the letter in the service number."""

    suffix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppPlatform(Code):
    """运行平台: the kinds of service it carries."""

    services: tuple[str, ...]


Row = TypeVar("Row", bound=Code)


@dataclass(frozen=True, slots=True)
class CodeTable(Generic[Row]):
    """The rows of one table in the order of its file."""

    name: str
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def find(self, id: str) -> Row | None:  # noqa: A002 – the rows' own word
        return next((row for row in self.rows if row.id == id), None)

    def find_by_v3(self, number: int) -> Row | None:
        """The row with a number of interface V3.0."""
        return next((row for row in self.rows if row.v3 == number), None)

    def get(self, id: str) -> Row:  # noqa: A002
        """The row with an id. Raises: CodeUnknown."""
        row = self.find(id)
        if row is None:
            choices = "、".join(row.id for row in self.rows)
            problem = Problem(
                Text("没有“{id}”这一项。", "There is no “{id}” here.").format(id=id[:40]),
                Text("可选：{c}", "Choose one of: {c}").format(c=choices),
                f"code_table.{self.name}",
            )
            raise CodeUnknown(problem, id[:40])
        return row


@dataclass(frozen=True, slots=True)
class CodeTables:
    """All tables of one rulebook, with their references checked."""

    natures: CodeTable[Nature]
    certificates: CodeTable[CertificateType]
    content_types: CodeTable[ContentType]
    prior_approvals: CodeTable[Code]
    languages: CodeTable[Code]
    access_modes: CodeTable[Code]
    service_kinds: CodeTable[KindOfService]
    app_platforms: CodeTable[AppPlatform]
    businesses: CodeTable[Code]

    def list_certificates_for(self, nature: str) -> tuple[CertificateType, ...]:
        """The certificates a nature may use, the customary one first. Raises: CodeUnknown."""
        return tuple(self.certificates.get(certificate) for certificate in self.natures.get(nature).certificates)

    def list_personal_certificates(self) -> tuple[CertificateType, ...]:
        """The certificates a responsible person may show."""
        return tuple(row for row in self.certificates if row.holder == "person")


def find_rulebook() -> Path:
    """The rulebook's folder: OPENBEIAN_RULEBOOK, else `rulebook/` at the root of the checkout."""
    if named := os.environ.get("OPENBEIAN_RULEBOOK"):
        return Path(named)
    return Path(openbeian.__file__).resolve().parents[2] / "rulebook"


def load_code_tables(rulebook: Path | None = None) -> CodeTables:
    """All code tables, read once per folder. Raises: CodeTableFaulty."""
    return _load_tables(rulebook or find_rulebook())


def load_name_rules(rulebook: Path | None = None) -> tuple[NameRule, ...]:
    """The rules for service names; those of confidence L only advise. Raises: CodeTableFaulty."""
    return _load_name_rules(rulebook or find_rulebook())


@cache
def _load_tables(rulebook: Path) -> CodeTables:
    folder = rulebook / "code_tables"
    tables = CodeTables(
        natures=_read_table(folder, "natures", Nature),
        certificates=_read_table(folder, "certificates", CertificateType),
        content_types=_read_table(folder, "content_types", ContentType),
        prior_approvals=_read_table(folder, "prior_approvals", Code),
        languages=_read_table(folder, "languages", Code),
        access_modes=_read_table(folder, "access_modes", Code),
        service_kinds=_read_table(folder, "service_kinds", KindOfService),
        app_platforms=_read_table(folder, "app_platforms", AppPlatform),
        businesses=_read_table(folder, "businesses", Code),
    )
    for table, key, target in (
        (tables.natures, "certificates", tables.certificates),
        (tables.content_types, "may_need", tables.prior_approvals),
        (tables.app_platforms, "services", tables.service_kinds),
    ):
        for row in table:
            for reference in getattr(row, key):
                if target.find(reference) is None:
                    raise _faulty(f"{table.name}.yaml", f"{row.id}.{key}: no row “{reference}” in {target.name}.yaml")
    return tables


@cache
def _load_name_rules(rulebook: Path) -> tuple[NameRule, ...]:
    file = rulebook / "filing" / "service_names.yaml"
    rules = []
    for line, row in _read_rows(file):
        place = f"{file.name}:{line}"
        certain = row.pop("confidence") != "L"
        del row["source"], row["observed_on"]
        if row.get("id") not in CHECKS:
            raise _faulty(place, f"unknown rule {row.get('id')!r}; known: {', '.join(CHECKS)}")
        rules.append(_build(NameRule, {**row, "certain": certain}, place))
    return tuple(rules)


def _read_table(folder: Path, name: str, kind: type[Row]) -> CodeTable[Row]:
    file = folder / f"{name}.yaml"
    rows: list[Row] = []
    seen: set[tuple[str, object]] = set()
    for line, row in _read_rows(file):
        place = f"{file.name}:{line}"
        if "zh" not in row or "en" not in row:
            raise _faulty(place, "a row needs zh and en")
        row["label"] = Text(str(row.pop("zh")), str(row.pop("en")))
        built = _build(kind, row, place)
        for mark in (("id", built.id), ("v3", built.v3), ("form_2023", built.form_2023)):
            if mark in seen and mark[1] is not None:
                raise _faulty(place, f"{mark[0]} {mark[1]} stands twice")
            seen.add(mark)
        rows.append(built)
    return CodeTable(name, tuple(rows))


def _build(kind: type[Any], row: Mapping[str, Any], place: str) -> Any:
    fields = {field.name: field for field in dataclasses.fields(kind)}
    if unknown := row.keys() - fields.keys():
        raise _faulty(place, f"unknown key {', '.join(sorted(unknown))}")
    required = {n for n, f in fields.items() if f.default is dataclasses.MISSING}
    if missing := required - row.keys():
        raise _faulty(place, f"missing key {', '.join(sorted(missing))}")
    return kind(**{name: _value(name, value, str(fields[name].type), place) for name, value in row.items()})


_CHOICES = {"Confidence": Confidence, "SponsorGroup": SponsorGroup, "Holder": Holder}


def _value(name: str, value: object, kind: str, place: str) -> object:
    """A value as its field wants it, by the field's annotation."""
    match kind, value:
        case "str", str():
            return value
        case (("int" | "int | None"), int()) if not isinstance(value, bool):
            return value
        case "bool", bool():
            return value
        case "date", date():
            return value
        case "Text", Text():
            return value
        case "tuple[str, ...]", list() if all(isinstance(item, str) for item in value):
            return tuple(value)
        case "Grammar", str() if value in set(Grammar):
            return Grammar(value)
        case _, str() if kind in _CHOICES and value in get_args(_CHOICES[kind]):
            return value
    raise _faulty(place, f"{name}: {value!r} is no {kind}")


_HEAD = {"source", "observed_on", "confidence"}


def _read_rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line and content of each row, with the head's source, day and confidence filled in."""
    top = _read(file)
    if set(top) != {*_HEAD, "rows"}:
        raise _faulty(f"{file.name}:1", f"a table has exactly the keys {', '.join(sorted(_HEAD))} and rows")
    rows = top["rows"]
    if not isinstance(rows, list):
        raise _faulty(top.place("rows"), "rows is a list")
    head = {key: value for key, value in top.items() if key != "rows"}
    for row in rows:
        if not isinstance(row, Branch):
            raise _faulty(top.place("rows"), "a row has keys and values")
        yield row.line, {**head, **row}


def _read(file: Path) -> Branch:
    findings = Findings()
    try:
        branch = read_yaml(file.read_bytes(), file.name, findings)
    except OSError as absent:
        raise _faulty(file.name, f"cannot be read: {absent.strerror}") from absent
    if branch is None:
        fault = findings.faults[0]
        raise _faulty(fault.field, f"{fault.message.en} {fault.fix.en}")
    return branch


def _faulty(place: str, what: str) -> CodeTableFaulty:
    wrong, fix = Text(what, what), Text("请照此改正这一处。", "Correct this place as it says.")
    where = place if ":" in place else f"{place}:1"
    return CodeTableFaulty(place=place, what=what, faults=[Fault(where, wrong, fix, CodeTableFaulty.code)])

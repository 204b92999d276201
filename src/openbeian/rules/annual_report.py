"""Annual reports as data: their forms, where each figure comes from, what the forms say to each other, their promises.

Source: `rulebook/annual_report/` for licences, `rulebook/number_report/` for number resources. A figure is addressed by a path: `quality.complaints`, `business.B25.users`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast, get_args

from openbeian.kernel.text import Text
from openbeian.rules.procedures import Flow, read_flow
from openbeian.rules.yaml_source import Reader, read_file

FieldType = Literal["text", "long", "count", "yuan", "choice", "day"]
Publicity = Literal["must", "optional", "no"]
CheckKind = Literal["at_most", "sum_at_most", "implies", "same_as_record", "at_least_characters", "needs"]
BUSINESS = "business"
OPEN, NOT_OPEN = "yes", "no"
FOLDERS = ("annual_report", "number_report")
"""Where the reports of licences and those of number resources are described."""


@dataclass(frozen=True, slots=True)
class ReportField:
    """One figure or text. `origin` says where its first value comes from: record.x, traffic.x, complaints.x, previous.

    `codes` are the businesses it is asked of; empty means every one.
    """

    id: str
    label: Text
    type: FieldType
    origin: str
    is_required: bool
    is_personal: bool
    publicity: Publicity
    codes: tuple[str, ...]
    choices: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, slots=True)
class ReportForm:
    """One table of the report; of a business's the id is `business.B25` and `code` its business.

    `rules` are the grounds that stand beside it on its page.
    """

    id: str
    label: Text
    fields: tuple[ReportField, ...]
    code: str = ""
    rules: tuple[str, ...] = ()

    def path(self, field: ReportField) -> str:
        return f"{self.id}.{field.id}"


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """What two figures say to each other; one that is not certain is advice.

    Of `needs`: where `left` is `value`, or any amount above nought if no value stands here, `right` is to be filled in.
    """

    id: str
    kind: CheckKind
    left: str
    right: str
    value: str
    characters: int
    message: Text
    fix: Text
    is_certain: bool


@dataclass(frozen=True, slots=True)
class ReportRules:
    """Everything the report's pages and checks need.

    `window_rule` says when it is taken, `make_up_rule` whether and when one that was missed is.
    """

    window_rule: str
    make_up_rule: str
    forms: tuple[ReportForm, ...]
    business_form: ReportForm
    open_field: str
    checks: tuple[CrossCheck, ...]
    promises: dict[str, Text]
    reasons: dict[str, Text]
    unusual_change_percent: int
    flows: dict[str, Flow]

    def list_forms(self, codes: Iterable[str]) -> tuple[ReportForm, ...]:
        """The forms of a report for the businesses held, in order."""
        return (*self.forms, *(self.form_of(code) for code in codes))

    def form_of(self, code: str) -> ReportForm:
        """The statistics of one business with the fields that concern it."""
        fields = tuple(f for f in self.business_form.fields if not f.codes or code in f.codes)
        label = Text(f"{code} {self.business_form.label.zh}", f"{code} {self.business_form.label.en}")
        return ReportForm(f"{BUSINESS}.{code}", label, fields, code)

    def walk(self, codes: Iterable[str]) -> Iterator[tuple[str, ReportForm, ReportField]]:
        """Every field of a report with its path."""
        for form in self.list_forms(codes):
            for field in form.fields:
                yield form.path(field), form, field


def read_report_rules(folder: Path) -> ReportRules:
    """Raises: RulebookInvalid."""
    flows = {f.id: f for f in (read_flow(p) for p in sorted((folder / "flows").glob("*.yaml")))}
    return read_file(folder / "forms.yaml", lambda reader: _read(reader, flows))


def _read(reader: Reader, flows: dict[str, Flow]) -> ReportRules:
    for key in ("id", "source", "confidence"):
        reader.word(key, required=True)
    reader.day("observed_on", required=True)
    forms = tuple(_read_form(Reader(s, reader.findings)) for s in reader.sections("forms", required=True))
    open_field, business = "", ReportForm(BUSINESS, Text("", ""), ())
    if (section := reader.section("business_form")) is not None:
        below = Reader(section, reader.findings)
        open_field = below.word("open_field", required=True)
        business = ReportForm(BUSINESS, below.text("label", required=True) or Text("", ""), _read_fields(below))
        below.done()
    return ReportRules(
        window_rule=reader.word("window", required=True),
        make_up_rule=reader.word("make_up", required=True),
        forms=forms,
        business_form=business,
        open_field=open_field,
        checks=tuple(_read_check(Reader(s, reader.findings)) for s in reader.sections("checks")),
        promises=_read_labels(reader, "promises", "id"),
        reasons=_read_labels(reader, "reasons", "code"),
        unusual_change_percent=reader.number("unusual_change_percent"),
        flows=flows,
    )


def _read_form(item: Reader) -> ReportForm:
    label = item.text("label", required=True) or Text("", "")
    form = ReportForm(item.word("id", required=True), label, _read_fields(item), rules=item.words("rules"))
    item.done()
    return form


def _read_fields(reader: Reader) -> tuple[ReportField, ...]:
    return tuple(_read_field(Reader(s, reader.findings)) for s in reader.sections("fields", required=True))


def _read_field(item: Reader) -> ReportField:
    choices = []
    for section in item.sections("choices"):
        choice = Reader(section, item.findings)
        choices.append((choice.word("id", required=True), choice.text("label", required=True) or Text("", "")))
        choice.done()
    field = ReportField(
        id=item.word("id", required=True),
        label=item.text("label", required=True) or Text("", ""),
        type=cast(FieldType, item.one_of("type", get_args(FieldType), required=True)),
        origin=item.word("from"),
        is_required=item.flag("required"),
        is_personal=item.flag("personal"),
        publicity=cast(Publicity, item.one_of("public", get_args(Publicity), required=True)),
        codes=item.words("for"),
        choices=tuple(choices),
    )
    item.done()
    return field


def _read_check(item: Reader) -> CrossCheck:
    check = CrossCheck(
        id=item.word("id", required=True),
        kind=cast(CheckKind, item.one_of("kind", get_args(CheckKind), required=True)),
        left=item.word("left", required=True),
        right=item.word("right"),
        value=item.word("value"),
        characters=item.number("characters"),
        message=item.text("message", required=True) or Text("", ""),
        fix=item.text("fix", required=True) or Text("", ""),
        is_certain=item.flag("certain", otherwise=True),
    )
    item.done()
    return check


def _read_labels(reader: Reader, key: str, name: str) -> dict[str, Text]:
    found: dict[str, Text] = {}
    for section in reader.sections(key, required=True):
        item = Reader(section, reader.findings)
        found[item.word(name, required=True)] = item.text("label", required=True) or Text("", "")
        item.done()
    return found


@lru_cache(maxsize=8)
def load_report_rules(rulebook: Path, folder: str = FOLDERS[0]) -> ReportRules:
    """`read_report_rules` of one of FOLDERS in a rulebook, once a process."""
    return read_report_rules(rulebook / folder)

"""The catalogue of licences as data: every business with its names, conditions, foreign share, opening and papers.

Source: `rulebook/licences/catalogue.yaml`; each statement names the rule it rests on, or a source and how sure it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast, get_args

from openbeian.kernel.text import Text
from openbeian.rules.yaml_source import Branch, Reader, read_file

Pilot = Literal["all", "part", "none"]
Need = Literal["licence", "filing", "number", "unknown"]
_PILOTS: tuple[str, ...] = get_args(Pilot)
_NEEDS: tuple[str, ...] = get_args(Need)
_CONFIDENCES = ("H", "M", "L")


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing said of a business: `rule` names the rule it rests on, else `source` and `confidence` stand here."""

    label: Text
    rule: str = ""
    source: str = ""
    confidence: str = ""


@dataclass(frozen=True, slots=True)
class Business:
    """A business of the catalogue. `pilot`: whether the pilot areas lift its foreign cap, wholly or in part.

    `foreign` is the rule of its own share cap, empty where the common cap holds; `numbers` are ranges it may need.
    """

    code: str
    names: tuple[str, ...]
    what: Text
    code_rule: str
    pilot: Pilot
    foreign: str
    conditions: tuple[Statement, ...]
    opening: tuple[Statement, ...]
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NumberRange:
    """A range of number resources, who assigns it and who may apply."""

    prefix: str
    assigned_by: str
    label: Text
    applicants: Text
    rule: str
    confidence: str


@dataclass(frozen=True, slots=True)
class PilotArea:
    id: str
    province: str
    label: Text


@dataclass(frozen=True, slots=True)
class Activity:
    """What a company does, in its own words, and where that leads: a business, a filing only, a number, or nobody knows."""

    id: str
    label: Text
    needs: Need
    rule: str
    business: str = ""
    number: str = ""
    doubt: Text | None = None


@dataclass(frozen=True, slots=True)
class Common:
    """The rules that hold for every business, by what they speak of."""

    rules: Mapping[str, str]
    capital: Mapping[str, str]
    conditions: tuple[Statement, ...]
    materials: Mapping[str, tuple[str, ...]]
    pilot_areas: tuple[PilotArea, ...]


@dataclass(frozen=True, slots=True)
class LicenceCatalogue:
    common: Common
    businesses: dict[str, Business]
    number_ranges: tuple[NumberRange, ...]
    activities: dict[str, Activity]

    def list_rules(self) -> set[str]:
        """Every rule the catalogue rests on."""
        found = {*self.common.rules.values(), *self.common.capital.values()}
        found |= {rule for rules in self.common.materials.values() for rule in rules}
        found |= {n.rule for n in self.number_ranges} | {a.rule for a in self.activities.values()}
        for business in self.businesses.values():
            found |= {business.code_rule, business.foreign, *(s.rule for s in business.conditions + business.opening)}
        found |= {s.rule for s in self.common.conditions}
        return found - {""}


def read_licence_catalogue(path: Path) -> LicenceCatalogue:
    """Raises: RulebookInvalid."""
    return read_file(path, _read)


def _read(reader: Reader) -> LicenceCatalogue:
    reader.word("id", required=True)
    common = _read_common(reader)
    businesses = {b.code: b for b in (_read_business(Reader(s, reader.findings)) for s in reader.sections("businesses", required=True))}  # fmt: skip
    ranges = tuple(_read_range(Reader(s, reader.findings)) for s in reader.sections("number_ranges", required=True))
    activities: dict[str, Activity] = {}
    for section in reader.sections("activities", required=True):
        item = Reader(section, reader.findings)
        activity = _read_activity(item, businesses)
        activities[activity.id] = activity
    return LicenceCatalogue(common, businesses, ranges, activities)


def _read_common(reader: Reader) -> Common:
    item = _below(reader, "common")
    rules = {key: item.word(key, required=True) for key in ("authority", "validity", "fee", "foreign", "pilot_services", "pilot_areas")}  # fmt: skip
    amounts = _below(item, "capital")
    capital = {key: amounts.word(key, required=True) for key in ("one_province", "several")}
    amounts.done()
    papers = _below(item, "materials")
    materials = {key: papers.words(key) for key in papers.branch}
    areas = []
    for section in item.sections("pilot_areas_named", required=True):
        area = Reader(section, reader.findings)
        areas.append(PilotArea(area.word("id", required=True), area.word("province"), _label(area)))
        area.done()
    common = Common(rules, capital, _read_statements(item, "conditions"), materials, tuple(areas))
    item.done()
    return common


def _read_business(item: Reader) -> Business:
    business = Business(
        code=item.word("code", required=True),
        names=item.words("names"),
        what=item.text("what", required=True) or Text("", ""),
        code_rule=item.word("code_rule", required=True),
        pilot=cast(Pilot, item.one_of("pilot", _PILOTS, required=True)),
        foreign=item.word("foreign"),
        conditions=_read_statements(item, "conditions"),
        opening=_read_statements(item, "opening"),
        numbers=item.words("numbers"),
    )
    item.done()
    return business


def _read_statements(reader: Reader, key: str) -> tuple[Statement, ...]:
    statements = []
    for section in reader.sections(key):
        item = Reader(section, reader.findings)
        rule, source = item.word("rule"), item.word("source")
        confidence = item.one_of("confidence", _CONFIDENCES, required=not rule)
        statements.append(Statement(_label(item), rule, source, confidence))
        item.done()
        if not rule and not source:
            said = Text("没有依据。", "This statement rests on nothing.")
            item.fault("catalogue.groundless", said, Text("请写 rule 或 source。", "Name a rule or a source."))
    return tuple(statements)


def _read_range(item: Reader) -> NumberRange:
    found = NumberRange(
        prefix=item.word("prefix", required=True),
        assigned_by=item.one_of("assigned_by", ("miit", "province"), required=True),
        label=_label(item),
        applicants=item.text("applicants", required=True) or Text("", ""),
        rule=item.word("rule", required=True),
        confidence=item.one_of("confidence", _CONFIDENCES, required=True),
    )
    item.done()
    return found


def _read_activity(item: Reader, businesses: Mapping[str, Business]) -> Activity:
    business = item.one_of("business", businesses)
    needs = item.one_of("needs", _NEEDS, required=not business)
    activity = Activity(
        id=item.word("id", required=True),
        label=_label(item),
        needs="licence" if business else cast(Need, needs),
        rule=item.word("rule", required=True),
        business=business,
        number=item.word("number"),
        doubt=item.text("doubt", required=needs == "unknown"),
    )
    item.done()
    return activity


def _below(reader: Reader, key: str) -> Reader:
    section = reader.section(key, required=True)
    return Reader(section if section is not None else Branch.empty(reader.branch.file), reader.findings)


def _label(item: Reader) -> Text:
    return item.text("label", required=True) or Text("", "")


@lru_cache(maxsize=4)
def load_licence_catalogue(rulebook: Path) -> LicenceCatalogue:
    """`read_licence_catalogue` of a rulebook folder, once a process."""
    return read_licence_catalogue(rulebook / "licences" / "catalogue.yaml")

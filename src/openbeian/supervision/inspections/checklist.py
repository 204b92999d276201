"""What inspections look at and how they are drawn, from `rulebook/inspections/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from openbeian.kernel import clock
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text
from openbeian.rules.resolver import resolve
from openbeian.rules.rulebook import current_rulebook
from openbeian.rules.yaml_source import Reader, read_file
from openbeian.supervision.decisions import SEVERITIES

POPULATIONS = ("licences", "sponsors")
FACTORS = ("open_findings", "never_inspected")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at. `rule` is the rule id that asks for it, empty where no text was found; `limit` counts the
    days to put a fault right; `wants_photo` asks for a photograph.
    """

    id: str
    group: str
    title: Text
    how: Text
    rule: str
    source: Text
    severity: str
    limit: str
    wants_photo: bool


@dataclass(frozen=True, slots=True)
class Checklist:
    version: str
    groups: Mapping[str, Text]
    items: Mapping[str, Item]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way to draw. `weights` multiply the chance of those with open findings, or never inspected so far."""

    id: str
    title: Text
    population: str
    share_percent: int
    at_least: int
    at_most: int
    rest_days: int
    weights: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Sampling:
    version: str
    rule: str
    inspectors: int
    schemes: Mapping[str, Scheme]


def get_checklist() -> Checklist:
    """The checklist of the rulebook in use. Raises: RulebookInvalid."""
    return _load_checklist(Path(settings.RULEBOOK_FOLDER) / "inspections" / "checklist.yaml")


def get_sampling() -> Sampling:
    """Raises: RulebookInvalid."""
    return _load_sampling(Path(settings.RULEBOOK_FOLDER) / "inspections" / "sampling.yaml")


def find_citation(item: Item) -> Text:
    """The text that asks for an item, by the law of today; the item's own words where none is in force."""
    if not item.rule:
        return item.source
    try:
        return resolve(current_rulebook(), item.rule, clock.today()).version.citation
    except OpenBeianError:
        return item.source


def name_item(item_id: str) -> Text:
    """What an item is called; its id where today's checklist has it no longer."""
    item = get_checklist().items.get(item_id)
    return item.title if item else Text(item_id, item_id)


def list_rule_ids() -> list[str]:
    """Every rule that the checklist and the sampling name; all of them must be in the rulebook."""
    items = get_checklist().items.values()
    return sorted({i.rule for i in items if i.rule} | {i.limit for i in items} | {get_sampling().rule})


@lru_cache(maxsize=4)
def _load_checklist(path: Path) -> Checklist:
    return read_file(path, _read_checklist)


def _read_checklist(reader: Reader) -> Checklist:
    version = reader.word("version", required=True)
    reader.day("observed_on", required=True)
    named = reader.section("groups", required=True)
    groups = Reader(named, reader.findings).labels() if named is not None else {}
    items: dict[str, Item] = {}
    for section in reader.sections("items", required=True):
        item = Reader(section, reader.findings)
        name, group = item.word("id", required=True), item.one_of("group", groups, required=True)
        title, how = item.text("title", required=True), item.text("how", required=True)
        source, rule = item.text("source", required=True), item.word("rule")
        severity = item.one_of("severity", list(SEVERITIES), required=True)
        limit, wants_photo = item.word("limit", required=True), item.flag("photo")
        item.done()
        if title and how and source and not _is_twice(item, name, items):
            items[name] = Item(name, group, title, how, rule, source, severity, limit, wants_photo)
    return Checklist(version, groups, items)


@lru_cache(maxsize=4)
def _load_sampling(path: Path) -> Sampling:
    return read_file(path, _read_sampling)


def _read_sampling(reader: Reader) -> Sampling:
    version = reader.word("version", required=True)
    reader.day("observed_on", required=True)
    rule, inspectors = reader.word("rule", required=True), reader.number("inspectors")
    schemes: dict[str, Scheme] = {}
    for section in reader.sections("schemes", required=True):
        item = Reader(section, reader.findings)
        name, title = item.word("id", required=True), item.text("title", required=True)
        population = item.one_of("population", POPULATIONS, required=True)
        share, least, most = item.number("share_percent"), item.number("at_least"), item.number("at_most")
        rest = item.number("rest_days")
        told = item.section("weights", required=True)
        weighing = Reader(told, reader.findings) if told is not None else None
        weights = {f: weighing.number(f) for f in FACTORS} if weighing else {}
        if weighing:
            weighing.done()
        item.done()
        if title and not _is_twice(item, name, schemes):
            schemes[name] = Scheme(name, title, population, share, least, most, rest, weights)
    return Sampling(version, rule, inspectors, schemes)


def _is_twice(item: Reader, name: str, known: Mapping[str, Any]) -> bool:
    if name in known:
        zh, en = f"“{name[:60]}”重复。", f"“{name[:60]}” stands twice."
        item.fault("rulebook.id_twice", Text(zh, en), Text("请只保留一个。", "Keep one."), key="id")
    return name in known

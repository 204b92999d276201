"""Turns the rulebook's files into an immutable `Rulebook`, or refuses with every fault, its file, line and fix.

Folders that other loaders own (procedures, forms, code tables, lexicons, names) are passed over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from openbeian.kernel.text import Text
from openbeian.kernel.working_days import Arrangement, WorkingDayCalendar
from openbeian.rules.arrangements import read_arrangement
from openbeian.rules.conditions import FactDefinition, FactType
from openbeian.rules.consistency import check_consistency
from openbeian.rules.errors import RulebookInvalid
from openbeian.rules.province_packs import read_pack
from openbeian.rules.rule import Area, Instrument, Level, ProvinceSnapshot, Rule, Source, Version
from openbeian.rules.rule_reader import Vocabulary, read_rule
from openbeian.rules.rulebook import Rulebook
from openbeian.rules.yaml_source import Branch, Findings, Reader, read_yaml

OTHERS_FOLDERS = frozenset(
    {
        "procedures",
        "forms",
        "code_tables",
        "lexicons",
        "filing",
        "licences",
        "annual_report",
        "number_report",
        "authority",
        "content",
        "traffic",
        "obligations",
        "probing",
        "watch",
        "inspections",
    }
)
"""Folders of the rulebook whose files are not rules; each has its own loader."""

Named = TypeVar("Named")

DEFAULTABLE = (
    "unit", "effective_from", "effective_to", "instrument", "level", "article", "source", "observed_on", "confidence",
    "status", "anchor", "direction", "provinces", "notes",
)  # fmt: skip
"""What a rule file may say once for all its versions."""
FOUNDATIONS = ("vocabulary.yaml", "sources.yaml", "instruments.yaml")


def load_rulebook(path: Path) -> Rulebook:
    """Reads every rule file below `path`.

    Raises: RulebookInvalid, with all faults together.
    """
    findings = Findings()
    digest = hashlib.sha256()
    branches: dict[str, Branch] = {}
    for file in rule_files(path):
        name, content = file.relative_to(path).as_posix(), file.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
        branch = read_yaml(content, name, findings)
        if branch is not None:
            branches[name] = branch
    for name in FOUNDATIONS:
        if not (path / name).is_file():
            findings.add(
                f"{name}:1",
                "rulebook.file_missing",
                Text("缺少此文件。", "This file is missing."),
                Text("请检查规则库路径，或补上该文件。", "Check the rulebook's path, or add the file."),
            )
    rulebook = _Loading(branches, findings).rulebook(digest.hexdigest())
    if findings.faults:
        raise RulebookInvalid(sorted(findings.faults, key=_by_place))
    return rulebook


def _by_place(fault: object) -> tuple[str, int]:
    file, _, line = str(getattr(fault, "field", "")).rpartition(":")
    return file, int(line)


def rule_files(path: Path) -> list[Path]:
    """The YAML files this loader reads, in a stable order; cases are read by `cases`."""
    return sorted(
        file
        for file in path.rglob("*.yaml")
        if file.relative_to(path).parts[0] not in OTHERS_FOLDERS and not file.name.endswith(".cases.yaml")
    )


class _Loading:
    """The state of one load: what was understood so far, in the order in which things depend on each other."""

    def __init__(self, branches: dict[str, Branch], findings: Findings) -> None:
        self.findings = findings
        self.files = {n: b for n, b in branches.items() if n not in FOUNDATIONS}
        vocabulary, sources, instruments = (branches.get(name) or Branch.empty(name) for name in FOUNDATIONS)
        words = Reader(vocabulary, findings)
        self.anchors = self._named(words.section("anchors"), _title)
        self.units = self._named(words.section("units"), _title)
        self.measures = self._named(words.section("measures"), _title)
        self.facts = self._named(words.section("facts"), _fact)
        self.areas = self._named(words.section("areas"), _area)
        words.done()
        self.sources = self._named(Reader(sources, findings).section("sources"), _source)
        self.instruments = self._named(Reader(instruments, findings).section("instruments"), _instrument)

    def rulebook(self, digest: str) -> Rulebook:
        """Reads rules, packs and arrangements and puts them together."""
        vocabulary = Vocabulary(
            self.instruments, self.sources, self.anchors, self.units, self.measures, self.facts, self.areas
        )
        rules: dict[str, Rule] = {}
        packs: list[Branch] = []
        arrangements: list[Arrangement] = []
        for branch in self.files.values():
            if "area" in branch:
                packs.append(branch)
            elif "year" in branch:
                arrangement = read_arrangement(branch, self.findings)
                if arrangement:
                    arrangements.append(arrangement)
            else:
                self._rule_file(branch, vocabulary, rules)
        snapshots = self._packs(packs, vocabulary, rules)
        check_consistency(rules, self.findings)
        days = [v.effective_from for r in rules.values() for v in r.versions]
        calendar = WorkingDayCalendar(arrangements)
        return Rulebook(
            rules=MappingProxyType(dict(sorted(rules.items()))),
            instruments=MappingProxyType(self.instruments),
            sources=MappingProxyType(self.sources),
            anchors=MappingProxyType(self.anchors),
            units=MappingProxyType(self.units),
            facts=MappingProxyType(self.facts),
            measures=MappingProxyType(self.measures),
            areas=MappingProxyType(self.areas),
            snapshots=tuple(sorted(snapshots, key=lambda s: (s.area, s.effective_from))),
            calendar=calendar,
            earliest_on=min(days, default=date.max),
            digest=digest,
        )

    def _rule_file(self, branch: Branch, vocabulary: Vocabulary, rules: dict[str, Rule]) -> None:
        reader = Reader(branch, self.findings)
        defaults = self._defaults(reader, "defaults", DEFAULTABLE)
        claim_defaults = self._defaults(reader, "claim_defaults", (*DEFAULTABLE, "why_not", "may_be_policy"))
        for item in reader.sections("rules", required=True):
            rule = read_rule(item, vocabulary, self.findings, defaults, claim_defaults)
            if rule is None:
                continue
            first = rules.setdefault(rule.id, rule)
            if first is not rule:
                self.findings.add(
                    f"{rule.file}:{rule.line}",
                    "rulebook.id_twice",
                    Text(
                        f"规则编号已在 {first.file}:{first.line} 使用。",
                        f"This id already stands at {first.file}:{first.line}.",
                    ),
                    Text("请换一个编号，或合并为一条规则。", "Choose another id, or merge the two rules."),
                    rule.id,
                )
        reader.done()

    def _defaults(self, reader: Reader, key: str, known: Iterable[str]) -> Mapping[str, Any]:
        """What every version of the file says unless it says otherwise; a key that no version has is a fault."""
        branch = reader.section(key)
        if branch is None:
            return {}
        given = Reader(branch, self.findings)
        for name in known:
            given.take(name)
        given.done()
        return branch

    def _packs(self, packs: list[Branch], vocabulary: Vocabulary, rules: dict[str, Rule]) -> list[ProvinceSnapshot]:
        snapshots: list[ProvinceSnapshot] = []
        added: dict[str, list[Version]] = {}
        for branch in packs:
            for snapshot, versions in read_pack(branch, vocabulary, rules, self.findings):
                snapshots.append(snapshot)
                for version in versions:
                    added.setdefault(version.rule_id, []).append(version)
        for rule_id, versions in added.items():
            merged = sorted([*rules[rule_id].versions, *versions], key=lambda v: v.effective_from)
            rules[rule_id] = replace(rules[rule_id], versions=tuple(merged))
        return snapshots

    def _named(self, branch: Branch | None, read: Callable[[str, Reader], Named | None]) -> dict[str, Named]:
        found: dict[str, Named] = {}
        if branch is None:
            return found
        for key, item in branch.items():
            section = item if isinstance(item, Branch) else Branch.empty(branch.file, branch.lines[key])
            reader = Reader(section, self.findings)
            value = read(key, reader)
            reader.done()
            if value is not None:
                found[key] = value
        return found


def _title(key: str, reader: Reader) -> Text | None:
    zh, en = reader.word("zh", required=True), reader.word("en", required=True)
    return Text(zh, en) if zh and en else None


def _fact(key: str, reader: Reader) -> FactDefinition | None:
    kind, title = reader.choice("type", FactType, required=True), reader.text("title", required=True)
    return FactDefinition(key, kind, title) if kind and title else None


def _area(key: str, reader: Reader) -> Area | None:
    title = _title(key, reader)
    return Area(key, title, reader.words("aliases")) if title else None


def _source(key: str, reader: Reader) -> Source | None:
    title, where = reader.text("title", required=True), reader.word("where", required=True)
    return Source(key, title, where) if title and where else None


def _instrument(key: str, reader: Reader) -> Instrument | None:
    title, level = reader.text("title", required=True), reader.choice("level", Level, required=True)
    start, end = reader.day("effective_from", required=True), reader.day("effective_to")
    number = reader.word("number")
    return Instrument(key, title, number, level, start, end) if title and level and start else None

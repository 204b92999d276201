"""Reads one rule with its versions and claims from YAML, strictly; faults go to the findings of the load."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from openbeian.kernel.deadlines import Direction, LimitUnit
from openbeian.kernel.text import Text
from openbeian.rules.conditions import COMPARISONS, FactDefinition
from openbeian.rules.rule import (
    NO_LIMIT,
    Area,
    Confidence,
    FineRange,
    Instrument,
    Kind,
    Level,
    Outcome,
    ProvinceCheck,
    Rule,
    Source,
    Status,
    Value,
    Version,
)
from openbeian.rules.yaml_source import Branch, Findings, Reader

RULE_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
MONTH_DAY = re.compile(r"\d\d-\d\d")
LIMIT_UNITS = frozenset(unit.value for unit in LimitUnit)
PROVINCE_TESTS = ("at_least", "above", "at_most", "below", "any_of", "all_of", "required", "forbidden", "allows")


@dataclass(frozen=True)
class Vocabulary:
    """The words that rules may use; anything else is a fault."""

    instruments: Mapping[str, Instrument]
    sources: Mapping[str, Source]
    anchors: Mapping[str, Text]
    units: Mapping[str, Text]
    measures: Mapping[str, Text]
    facts: Mapping[str, FactDefinition]
    areas: Mapping[str, Area]


def read_rule(
    branch: Branch,
    vocabulary: Vocabulary,
    findings: Findings,
    defaults: Mapping[str, Any],
    claim_defaults: Mapping[str, Any],
) -> Rule | None:
    """The rule, or None when its faults leave nothing to check further."""
    reader = Reader(branch, findings)
    rule_id = reader.word("id", required=True)
    if rule_id and not RULE_ID.fullmatch(rule_id):
        reader.fault(
            "rulebook.id_malformed",
            Text("规则编号应是小写英文词，以点分隔。", "A rule id is lower-case words joined by dots."),
            Text("例如 filing.review.administration。", "For example filing.review.administration."),
            key="id",
            value=rule_id,
        )
    kind, title = reader.choice("kind", Kind, required=True), reader.text("title", required=True)
    frame = _Frame(rule_id, kind, vocabulary, findings, reader)
    provincial = reader.flag("provincial")
    version_branches = reader.sections("versions", required=not provincial)
    claim_branches = reader.sections("claims")
    consequence, related = reader.words("consequence"), reader.words("related")
    check = frame.province_check(reader.section("check"))
    reader.done()
    versions = [frame.version(item, defaults, is_claim=False) for item in version_branches]
    claims = [frame.version(item, claim_defaults, is_claim=True) for item in claim_branches]
    if not rule_id or kind is None or title is None:
        return None
    return Rule(
        id=rule_id,
        kind=kind,
        unit=frame.unit,
        title=title,
        versions=tuple(v for v in versions if v),
        claims=tuple(c for c in claims if c),
        consequence=consequence,
        related=related,
        check=check,
        file=branch.file,
        line=branch.line,
    )


class _Frame:
    """What all statements of one rule share: its kind, and the anchor and direction they inherit."""

    def __init__(
        self, rule_id: str, kind: Kind | None, vocabulary: Vocabulary, findings: Findings, rule: Reader
    ) -> None:
        self.rule_id, self.kind, self.vocabulary, self.findings = rule_id, kind, vocabulary, findings
        self.anchor = rule.word("anchor")
        self.direction = rule.choice("direction", Direction)
        self.unit = rule.word("unit")
        self.rolls = rule.flag("rolls", otherwise=True)
        if kind in {Kind.LIMIT, Kind.ANNUAL_WINDOW} and not self.anchor:
            rule.word("anchor", required=True)
        if kind is Kind.LIMIT and self.direction is None and "direction" not in rule.branch:
            rule.word("direction", required=True)
        self._known(rule, "anchor", self.anchor, vocabulary.anchors)

    def version(self, branch: Branch, defaults: Mapping[str, Any], *, is_claim: bool) -> Version | None:
        reader = Reader(branch, self.findings, defaults)
        claim = reader.word("claim", required=True) if is_claim else ""
        unit = self._unit(reader)
        value = self._value(reader, unit)
        start, end = reader.day("effective_from", required=True), reader.day("effective_to")
        instrument, level, article = self._ground(reader)
        source = self._known(reader, "source", reader.word("source", required=True), self.vocabulary.sources)
        observed_on = reader.day("observed_on", required=True)
        confidence = reader.choice("confidence", Confidence, required=True)
        status = reader.choice("status", Status) or Status.IN_FORCE
        anchor = reader.word("anchor") or self.anchor
        self._known(reader, "anchor", anchor, self.vocabulary.anchors)
        direction = reader.choice("direction", Direction) or self.direction or Direction.AFTER
        provinces = frozenset(reader.words("provinces")) or None
        for area in provinces or ():
            self._known(reader, "provinces", area, self.vocabulary.areas)
        notes = reader.text("notes")
        why_not = reader.text("why_not") if is_claim else None
        may_be_policy = reader.flag("may_be_policy") if is_claim else False
        reader.done()
        self._check_period(reader, start, end, instrument)
        if None in (value, start, level, source, observed_on, confidence):
            return None
        assert value is not None
        assert start
        assert level
        assert source
        assert observed_on
        assert confidence
        return Version(
            rule_id=self.rule_id,
            value=value,
            unit=unit,
            effective_from=start,
            effective_to=end,
            level=level,
            instrument=instrument,
            article=article,
            source=source,
            observed_on=observed_on,
            confidence=confidence,
            status=status,
            anchor=anchor,
            direction=direction,
            rolls=self.rolls,
            provinces=provinces,
            notes=notes,
            claim=claim,
            why_not=why_not,
            may_be_policy=may_be_policy,
            file=branch.file,
            line=branch.line,
        )

    def province_check(self, branch: Branch | None) -> ProvinceCheck | None:
        if branch is None:
            return None
        reader = Reader(branch, self.findings)
        fact, test = reader.word("fact", required=True), reader.word("test", required=True)
        self._known(reader, "fact", fact, self.vocabulary.facts)
        self._known(reader, "test", test, dict.fromkeys(PROVINCE_TESTS))
        when = self._condition(reader, "when")
        message, fix = reader.text("message", required=True), reader.text("fix", required=True)
        reader.done()
        return ProvinceCheck(fact, test, when, message, fix) if message and fix else None

    def _ground(self, reader: Reader) -> tuple[Instrument | None, Level | None, str]:
        key, article = reader.word("instrument"), reader.word("article")
        instrument = self._known(reader, "instrument", key, self.vocabulary.instruments)
        if article and not key:
            reader.fault(
                "rulebook.article_without_instrument",
                Text("写了条款却没有写是哪部规定。", "An article without its instrument."),
                Text("请补上“instrument: …”，或删除 article。", "Add “instrument: …”, or remove the article."),
                key="article",
                value=article,
            )
        level = reader.choice("level", Level)
        if level is None and instrument:
            level = instrument.level
        if level is None and not key:
            reader.word("level", required=True)
        return instrument, level, article

    def _unit(self, reader: Reader) -> str:
        unit = reader.word("unit") or self.unit
        value = reader.branch.get("value")
        if self.kind is Kind.LIMIT and value != NO_LIMIT:
            if not unit:
                reader.word("unit", required=True)
            else:
                self._known(reader, "unit", unit, dict.fromkeys(sorted(LIMIT_UNITS)))
        elif self.kind is Kind.QUANTITY:
            if not unit:
                reader.word("unit", required=True)
            else:
                self._known(reader, "unit", unit, self.vocabulary.units)
        elif self.kind is Kind.ANNUAL_WINDOW:
            return Kind.ANNUAL_WINDOW.value
        return unit

    def _value(self, reader: Reader, unit: str) -> Value | None:
        raw = reader.take("value", required=True)
        if raw is None or self.kind is None:
            return None
        value: Value | None = None
        if self.kind is Kind.PENALTY:
            return self._outcomes(reader)
        if self.kind is Kind.ANNUAL_WINDOW and raw != NO_LIMIT:
            value = _window(raw)
        elif self.kind is Kind.STATEMENT:
            value = _statement(raw)
        elif raw == NO_LIMIT and self.kind in {Kind.LIMIT, Kind.ANNUAL_WINDOW}:
            value = NO_LIMIT
        elif isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0:
            value = raw
        if value is None:
            expected = EXPECTED[self.kind]
            reader.fault(
                "rulebook.value_malformed",
                Text(f"值不合“{self.kind.value}”的形式。", f"The value does not fit the kind “{self.kind.value}”."),
                Text(f"请写成{expected.zh}。", f"Write {expected.en}."),
                key="value",
                value=raw,
            )
        return value

    def _outcomes(self, reader: Reader) -> tuple[Outcome, ...] | None:
        outcomes: list[Outcome] = []
        for branch in reader.sections("value"):
            item = Reader(branch, self.findings)
            confiscates = item.word("confiscates")
            self._known(item, "confiscates", confiscates, self.vocabulary.facts)
            measures = item.words("measures")
            for measure in measures:
                self._known(item, "measures", measure, self.vocabulary.measures)
            outcomes.append(
                Outcome(
                    when=self._condition(item, "when"),
                    fine=self._fine(item, "fine"),
                    persons_fine=self._fine(item, "persons_fine"),
                    confiscates=confiscates,
                    measures=measures,
                )
            )
            item.done()
        return tuple(outcomes) or None

    def _fine(self, reader: Reader, key: str) -> FineRange | None:
        branch = reader.section(key)
        if branch is None:
            return None
        item = Reader(branch, self.findings)
        number = Text("整数", "a whole number")
        least = item.typed("from", int, number, required=True)
        most = item.typed("to", int, number, required=True)
        of = item.word("times")
        self._known(item, "times", of, self.vocabulary.facts)
        item.done()
        if least is None or most is None:
            return None
        if least > most:
            item.fault(
                "rulebook.range_upside_down",
                Text("罚款下限高于上限。", "The fine's lower end is above its upper end."),
                Text("请对调 from 与 to。", "Swap from and to."),
                key="from",
                value=least,
            )
        return FineRange(least, most, of)

    def _condition(self, reader: Reader, key: str) -> Mapping[str, object]:
        branch = reader.section(key)
        condition: dict[str, object] = {}
        for name, wanted in (branch or {}).items():
            assert branch is not None
            inner = Reader(branch, self.findings)
            self._known(inner, name, name, self.vocabulary.facts)
            if isinstance(wanted, Branch):
                bounds = Reader(wanted, self.findings)
                for comparison in wanted:
                    self._known(bounds, comparison, comparison, dict.fromkeys(COMPARISONS))
                    bounds.typed(comparison, int, Text("整数", "a whole number"))
                condition[name] = MappingProxyType(dict(wanted))
            else:
                condition[name] = wanted
        return MappingProxyType(condition)

    def _known(self, reader: Reader, key: str, word: str, words: Mapping[str, Any]) -> Any:
        if not word:
            return None
        if word not in words:
            some = sorted(words)[:12]
            reader.fault(
                f"rulebook.{key}_unknown",
                Text(f"“{key}”中的“{word[:60]}”未定义。", f"“{word[:60]}” in “{key}” is not defined."),
                Text(
                    f"请改用已定义的词（如 {'、'.join(some)}），或先定义它。",
                    f"Use a defined word (such as {', '.join(some)}), or define it first.",
                ),
                key=key,
                value=word,
            )
            return None
        return words[word]

    def _check_period(
        self, reader: Reader, start: date | None, end: date | None, instrument: Instrument | None
    ) -> None:
        if start and end and end < start:
            reader.fault(
                "rulebook.period_upside_down",
                Text("失效日早于生效日。", "The version ends before it begins."),
                Text("请检查 effective_from 与 effective_to。", "Check effective_from and effective_to."),
                key="effective_to",
                value=end,
            )
        if start and instrument and start < instrument.effective_from:
            reader.fault(
                "rulebook.older_than_instrument",
                Text(
                    f"生效日早于该规定施行之日（{instrument.effective_from}）。",
                    f"The version begins before its instrument ({instrument.effective_from}).",
                ),
                Text("请改正 effective_from 或 instrument。", "Correct effective_from or the instrument."),
                key="effective_from",
                value=start,
            )


EXPECTED = {
    Kind.LIMIT: Text("非负整数或 none", "a whole number or none"),
    Kind.ANNUAL_WINDOW: Text("{opens: MM-DD, closes: MM-DD} 或 none", "{opens: MM-DD, closes: MM-DD} or none"),
    Kind.QUANTITY: Text("非负整数", "a whole number"),
    Kind.STATEMENT: Text("词、true/false 或词的列表", "a word, true/false or a list of words"),
    Kind.PENALTY: Text("后果的列表", "a list of outcomes"),
}


def _window(raw: object) -> Value | None:
    if not isinstance(raw, Branch) or set(raw) != {"opens", "closes"}:
        return None
    days = {key: str(value) for key, value in raw.items()}
    for day in days.values():
        if not MONTH_DAY.fullmatch(day):
            return None
        try:
            date.fromisoformat(f"2001-{day}")
        except ValueError:
            return None
    return MappingProxyType(days) if days["opens"] <= days["closes"] else None


def _statement(raw: object) -> Value | None:
    if isinstance(raw, list):
        return tuple(str(item) for item in raw)
    if isinstance(raw, (bool, str)):
        return raw
    return None

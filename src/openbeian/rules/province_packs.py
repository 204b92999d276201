"""Provincial requirements: reads the packs (one file per area, one snapshot per published list) and applies them.

A snapshot's values become versions of provincial rules, so that one resolver answers for law and province alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.rules.conditions import COMPARISONS, FactValue, is_met
from openbeian.rules.errors import NoRuleInForce
from openbeian.rules.resolver import Resolution, resolve
from openbeian.rules.rule import Confidence, Level, ProvinceCheck, ProvinceSnapshot, Rule, Value, Version
from openbeian.rules.rule_reader import Vocabulary, read_rule
from openbeian.rules.rulebook import Rulebook
from openbeian.rules.yaml_source import Branch, Findings, Reader

Pack = list[tuple[ProvinceSnapshot, list[Version]]]


def read_pack(branch: Branch, vocabulary: Vocabulary, rules: Mapping[str, Rule], findings: Findings) -> Pack:
    """The snapshots of one area's file, each with the versions it gives to provincial rules."""
    reader = Reader(branch, findings)
    area = reader.word("area", required=True)
    if area not in vocabulary.areas:
        reader.fault(
            "rulebook.area_unknown",
            Text(f"没有简称为“{area}”的省级行政区。", f"No area has the character “{area}”."),
            Text("请使用 vocabulary.yaml 中的简称。", "Use a character from vocabulary.yaml."),
            key="area",
            value=area,
        )
        return []
    pack: Pack = []
    for item in reader.sections("snapshots", required=True):
        read = _snapshot(item, area, vocabulary, rules, findings)
        if read:
            pack.append(read)
    reader.done()
    return pack


def _snapshot(
    branch: Branch, area: str, vocabulary: Vocabulary, rules: Mapping[str, Rule], findings: Findings
) -> tuple[ProvinceSnapshot, list[Version]] | None:
    reader = Reader(branch, findings)
    start, end = reader.day("effective_from", required=True), reader.day("effective_to")
    observed_on = reader.day("observed_on", required=True)
    source = reader.word("source", required=True)
    confidence = reader.choice("confidence", Confidence, required=True)
    text = reader.text("text", required=True)
    sets = reader.section("sets") or Branch.empty(branch.file, branch.line)
    reader.done()
    if source and source not in vocabulary.sources:
        reader.fault(
            "rulebook.source_unknown",
            Text(f"来源“{source}”未定义。", f"The source “{source}” is not defined."),
            Text("请在 sources.yaml 中定义它。", "Define it in sources.yaml."),
            key="source",
            value=source,
        )
        return None
    if not (start and observed_on and confidence and text and source):
        return None
    shared = {
        "effective_from": start,
        "effective_to": end,
        "observed_on": observed_on,
        "source": source,
        "confidence": confidence.value,
        "level": Level.PROVINCE.value,
        "provinces": [area],
    }
    versions = [
        v for key in sets if (v := _version(key, sets, shared, vocabulary=vocabulary, rules=rules, findings=findings))
    ]
    snapshot = ProvinceSnapshot(
        area, start, end, observed_on, vocabulary.sources[source], confidence, text, tuple(sets)
    )
    return snapshot, versions


def _version(
    rule_id: str,
    sets: Branch,
    shared: Mapping[str, object],
    *,
    vocabulary: Vocabulary,
    rules: Mapping[str, Rule],
    findings: Findings,
) -> Version | None:
    rule = rules.get(rule_id)
    if rule is None:
        findings.add(
            sets.place(rule_id),
            "rulebook.reference_unknown",
            Text(f"规则“{rule_id}”不存在。", f"The rule “{rule_id}” does not exist."),
            Text("请改正名称，或先定义这条规则。", "Correct the name, or define the rule first."),
            rule_id,
        )
        return None
    line = sets.lines[rule_id]
    version = Branch.empty(sets.file, line)
    version.update({"value": sets[rule_id], **{k: v for k, v in shared.items() if v is not None}})
    holder = Branch.empty(sets.file, line)
    if rule.unit:
        holder["unit"] = rule.unit
    holder.update({"id": rule_id, "kind": rule.kind.value, "title": rule.title.as_json(), "versions": [version]})
    read = read_rule(holder, vocabulary, findings, {}, {})
    return read.versions[0] if read and read.versions else None


def check_order(
    rulebook: Rulebook, province: str, on: date, facts: Mapping[str, FactValue]
) -> tuple[tuple[Fault, ...], tuple[Resolution, ...]]:
    """Holds an order's facts against a province's requirements on that day.

    Returns the faults (each with `certain` False when a fact is missing) and the requirements consulted.

    Raises: DayBeforeAnyLaw.
    """
    faults: list[Fault] = []
    consulted: list[Resolution] = []
    for rule in rulebook.rules.values():
        if rule.check is None:
            continue
        try:
            resolution = resolve(rulebook, rule.id, on, province)
        except NoRuleInForce:
            continue
        consulted.append(resolution)
        met = _is_satisfied(rule.check, resolution.value, facts)
        if met is not True:
            faults.append(_fault(rule.check, resolution, facts, certain=met is False))
    return tuple(faults), tuple(consulted)


def _is_satisfied(check: ProvinceCheck, value: Value, facts: Mapping[str, FactValue]) -> bool | None:
    """True when the requirement does not apply or is kept; None when a fact that decides is missing."""
    applies = is_met(check.when, facts)
    if applies is False or not _demands(check, value):
        return True
    if check.test == "allows":
        return False if applies else None
    if check.fact not in facts:
        return None
    kept = _is_kept(check, value, facts[check.fact])
    return True if kept else (False if applies else None)


def _demands(check: ProvinceCheck, value: Value) -> bool:
    """Whether the province's value asks for anything at all."""
    if check.test in {"required", "forbidden"}:
        return value is True
    if check.test == "allows":
        return value is False
    return True


def _is_kept(check: ProvinceCheck, value: Value, fact: FactValue) -> bool:
    if check.test in COMPARISONS:
        return isinstance(fact, int) and isinstance(value, int) and COMPARISONS[check.test](fact, value)
    if check.test in {"required", "forbidden"}:
        return fact is (check.test == "required")
    wanted = value if isinstance(value, tuple) else (str(value),)
    given = fact if isinstance(fact, tuple) else (str(fact),)
    return any(word in given for word in wanted) if check.test == "any_of" else set(wanted) <= set(given)


def _fault(check: ProvinceCheck, resolution: Resolution, facts: Mapping[str, FactValue], *, certain: bool) -> Fault:
    value = resolution.value
    shown = "、".join(map(str, value)) if isinstance(value, tuple) else str(value)
    given = facts.get(check.fact, "")
    return Fault(
        field=check.fact,
        message=check.message.format(value=shown or "—"),
        fix=check.fix.format(value=shown or "—"),
        rule=resolution.rule.id,
        value=",".join(given) if isinstance(given, tuple) else str(given),
        certain=certain,
    )

"""Checks what only shows when all rules are read: order, overlaps and gaps of versions, claims, references."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise

from openbeian.kernel.text import Text
from openbeian.rules.rule import Rule, Version
from openbeian.rules.yaml_source import Findings


def check_consistency(rules: Mapping[str, Rule], findings: Findings) -> None:
    """Adds a fault for everything in which the rules disagree with themselves or each other."""
    for rule in rules.values():
        _check_order(rule, findings)
        _check_overlaps(rule.versions, findings)
        _check_gaps(rule, findings)
        _check_claims(rule, findings)
        for name in (*rule.consequence, *rule.related):
            if name not in rules:
                findings.add(
                    f"{rule.file}:{rule.line}",
                    "rulebook.reference_unknown",
                    Text(f"引用的规则“{name}”不存在。", f"The rule “{name}” that is referred to does not exist."),
                    Text("请改正 consequence 或 related。", "Correct consequence or related."),
                    name,
                )


def _check_order(rule: Rule, findings: Findings) -> None:
    for earlier, later in pairwise(rule.versions):
        if later.effective_from < earlier.effective_from:
            findings.add(
                f"{later.file}:{later.line}",
                "rulebook.versions_unsorted",
                Text("版本未按生效日排序。", "The versions are not sorted by the day they begin."),
                Text("请把较早生效的版本移到前面。", "Move the version that begins earlier to the front."),
                later.effective_from,
            )


def _check_overlaps(versions: tuple[Version, ...], findings: Findings) -> None:
    for index, version in enumerate(versions):
        for other in versions[:index]:
            if _same_place(version, other) and _overlap(version, other):
                findings.add(
                    f"{version.file}:{version.line}",
                    "rulebook.versions_overlap",
                    Text(
                        f"与 {other.file}:{other.line} 的版本时间重叠。",
                        f"Overlaps in time with the version at {other.file}:{other.line}.",
                    ),
                    Text(
                        f"请给较早的版本写上 effective_to: {version.effective_from - timedelta(days=1)}。",
                        f"Give the earlier version effective_to: {version.effective_from - timedelta(days=1)}.",
                    ),
                    version.effective_from,
                )


def _check_gaps(rule: Rule, findings: Findings) -> None:
    national = sorted((v for v in rule.versions if v.provinces is None), key=lambda v: v.effective_from)
    for earlier, later in pairwise(national):
        end = earlier.effective_to
        if end and end + timedelta(days=1) < later.effective_from:
            findings.add(
                f"{later.file}:{later.line}",
                "rulebook.versions_gap",
                Text(f"{end} 之后到本版本之间没有版本。", f"No version covers the time between {end} and this one."),
                Text(
                    "请补上其间的版本（不知道时用 status: open）。",
                    "Add the version in between (status: open when it is not known).",
                ),
                later.effective_from,
            )


def _check_claims(rule: Rule, findings: Findings) -> None:
    for claim in rule.claims:
        outranked = [v for v in rule.versions if _overlap(claim, v) and claim.level.rank < v.level.rank]
        if outranked:
            findings.add(
                f"{claim.file}:{claim.line}",
                "rulebook.claim_outranks_rule",
                Text("说法的效力高于规则本身的版本。", "The claim outranks the rule's own version."),
                Text("请把它改为版本（versions）。", "Make it a version."),
                claim.claim,
            )
    _check_overlaps_of_claims(rule.claims, findings)


def _check_overlaps_of_claims(claims: Iterable[Version], findings: Findings) -> None:
    by_name: dict[str, list[Version]] = {}
    for claim in claims:
        by_name.setdefault(claim.claim, []).append(claim)
    for same in by_name.values():
        _check_overlaps(tuple(same), findings)


def _same_place(one: Version, other: Version) -> bool:
    """A province's own version stands beside the nation's; two that share a province do not."""
    if one.provinces is None or other.provinces is None:
        return one.provinces is other.provinces
    return bool(one.provinces & other.provinces)


def _overlap(one: Version, other: Version) -> bool:
    return one.effective_from <= (other.effective_to or date.max) and other.effective_from <= (
        one.effective_to or date.max
    )

"""Chooses what is followed: the highest level, then the newest in force on the day; the rest stays visible.

A lower claim switched on as policy is followed instead, and says of itself that it is policy and not law.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from openbeian.kernel.text import Text
from openbeian.rules.conditions import condition_json
from openbeian.rules.errors import ClaimUnknown, DayBeforeAnyLaw, NoRuleInForce, PolicyRefused
from openbeian.rules.rule import LEVEL_NAMES, Confidence, Outcome, Rule, Status, Value, Version
from openbeian.rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Policy:
    """A claim that an installation or an organisation decided to follow from a day on, and who decided."""

    rule_id: str
    claim_id: str
    set_by: str
    since: date
    scope: Literal["installation", "organisation"] = "installation"

    @property
    def label(self) -> Text:
        """What everything caused by this policy says."""
        if self.scope == "installation":
            return Text("本系统内部政策，并非法律规定", "policy of this installation, not law")
        return Text("本单位内部政策，并非法律规定", "policy of this organisation, not law")

    def as_json(self) -> dict[str, Any]:
        return {
            "claim": self.claim_id,
            "set_by": self.set_by,
            "since": self.since.isoformat(),
            "scope": self.scope,
            "label": self.label.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A statement in force on the day that is not followed, and why not."""

    version: Version
    why: Text

    def as_json(self) -> dict[str, Any]:
        v = self.version
        return {
            "claim": v.claim or "rule",
            "value": value_json(v.value),
            "unit": v.unit,
            "instrument": v.instrument.key if v.instrument else None,
            "article": v.article or None,
            "level": v.level.value,
            "confidence": v.confidence.value,
            "source": v.source.key,
            "why": self.why.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Resolution:
    """What is followed on one day, on what source, against which other statements."""

    rule: Rule
    on: date
    province: str | None
    version: Version
    contradicted_by: tuple[Contradiction, ...]
    policy: Policy | None

    @property
    def value(self) -> Value:
        return self.version.value

    @property
    def unit(self) -> str:
        return self.version.unit

    @property
    def confidence(self) -> Confidence:
        return self.version.confidence

    @property
    def is_certain(self) -> bool:
        """Whether it may be presented as certain: in force, and not mere hearsay."""
        return self.version.status is Status.IN_FORCE and self.version.confidence is not Confidence.LOW

    def source_json(self) -> dict[str, Any]:
        """Instrument, article, level, confidence, and where it was read."""
        v = self.version
        return {
            "instrument": v.instrument.key if v.instrument else None,
            "article": v.article or None,
            "level": v.level.value,
            "confidence": v.confidence.value,
            "citation": v.citation.as_json(),
            "source": v.source.key,
            "where": v.source.where,
            "observed_on": v.observed_on.isoformat(),
        }

    def as_json(self) -> dict[str, Any]:
        v = self.version
        return {
            "rule": self.rule.id,
            "title": self.rule.title.as_json(),
            "on": self.on.isoformat(),
            "province": self.province,
            "value": value_json(v.value),
            "unit": v.unit or None,
            "anchor": v.anchor or None,
            "direction": v.direction.value if v.anchor else None,
            "effective_from": v.effective_from.isoformat(),
            "effective_to": v.effective_to.isoformat() if v.effective_to else None,
            "status": v.status.value,
            "certain": self.is_certain,
            "source": self.source_json(),
            "notes": v.notes.as_json() if v.notes else None,
            "consequence": list(self.rule.consequence),
            "contradicted_by": [c.as_json() for c in self.contradicted_by],
            "policy": self.policy.as_json() if self.policy else None,
        }


def value_json(value: Value) -> Any:
    """A rule's value in plain JSON; a penalty's outcomes in full."""
    if isinstance(value, tuple):
        return [_outcome_json(item) if isinstance(item, Outcome) else item for item in value]
    return dict(value) if isinstance(value, Mapping) else value


def resolve(
    rulebook: Rulebook, rule_id: str, on: date, province: str | None = None, policies: Iterable[Policy] = ()
) -> Resolution:
    """The version of a rule that is followed on a day in China, in a province (its character) if one is given.

    Raises: RuleUnknown, NoRuleInForce, DayBeforeAnyLaw, ClaimUnknown, PolicyRefused.
    """
    rule = rulebook.get_rule(rule_id)
    if on < rulebook.earliest_on:
        raise DayBeforeAnyLaw(on, rulebook.earliest_on)
    policy = find_policy(rule, on, policies)
    candidates = sorted((v for v in rule.statements if v.is_in_force(on, province)), key=_precedence)
    lawful = next((v for v in candidates if not v.claim), None)
    followed = _claim(rule, policy.claim_id) if policy else lawful
    if followed is None:
        raise NoRuleInForce(rule_id, on, province, _hint(rule, on, province))
    others = tuple(
        Contradiction(v, _why_not(v, followed, policy))
        for v in candidates
        if v is not followed and (v.claim or v is lawful or v.value != followed.value)
    )
    return Resolution(rule, on, province, followed, others, policy)


def find_policy(rule: Rule, on: date, policies: Iterable[Policy]) -> Policy | None:
    """The policy that governs the rule on that day: an organisation's before the installation's, then the newest.

    Raises: ClaimUnknown, PolicyRefused.
    """
    mine = [p for p in policies if p.rule_id == rule.id and p.since <= on]
    for policy in mine:
        _claim(rule, policy.claim_id)
    return max(mine, key=lambda p: (p.scope == "organisation", p.since), default=None)


def _precedence(version: Version) -> tuple[int, bool, int, bool]:
    """Highest level; the rule's own line before claims; newest; the province's own before the nation's."""
    return version.level.rank, bool(version.claim), -version.effective_from.toordinal(), version.provinces is None


def _claim(rule: Rule, claim_id: str) -> Version:
    claim = next((c for c in rule.claims if c.claim == claim_id), None)
    if claim is None:
        choices = "、".join(dict.fromkeys(c.claim for c in rule.claims)) or "—"
        raise ClaimUnknown(rule_id=rule.id, claim=claim_id[:60], choices=choices)
    if not claim.may_be_policy:
        highest = min(rule.versions, key=lambda v: v.level.rank, default=claim)
        raise PolicyRefused(claim=claim_id, citation=highest.citation)
    return claim


def _why_not(version: Version, followed: Version, policy: Policy | None) -> Text:
    if policy and not version.claim:
        return Text(
            f"这是现行规定；因{policy.label.zh}而暂未采用。",
            f"This is the rule in force; set aside by {policy.label.en}.",
        )
    if version.why_not:
        return version.why_not
    mine, theirs = LEVEL_NAMES[version.level], LEVEL_NAMES[followed.level]
    if version.level is followed.level:
        return Text(
            "效力相同，但另有更新或更贴近的规定。", "Of the same level, but a newer or closer statement exists."
        )
    return Text(f"效力较低：{mine.zh}低于{theirs.zh}。", f"Lower authority: {mine.en} below {theirs.en}.")


def _hint(rule: Rule, on: date, province: str | None) -> Text:
    if not province and any(v.is_in_force(on, p) for v in rule.versions for p in v.provinces or ()):
        return Text("当日只有部分省份有规定，请注明省份。", "That day only some provinces had one; name the province.")
    known = [v.effective_from for v in rule.versions if v.provinces is None or province in v.provinces]
    if known:
        return Text(f"最早的已知版本始于 {min(known)}。", f"The first known version begins on {min(known)}.")
    return Text(
        "规则库中没有适用于该地的版本，请向当地管局核实。", "None is known for that place; ask its administration."
    )


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    def plain(fine: Any) -> dict[str, Any] | None:
        return {"from": fine.least, "to": fine.most, "times": fine.of or None} if fine else None

    return {
        "when": condition_json(outcome.when),
        "fine": plain(outcome.fine),
        "persons_fine": plain(outcome.persons_fine),
        "confiscates": outcome.confiscates or None,
        "measures": list(outcome.measures),
    }

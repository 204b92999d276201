"""What a breach costs: ranges from the rulebook's penalty rules, given the facts that are known.

Missing facts never decide: an outcome whose condition cannot be told is listed as possible, not as applying.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from openbeian.kernel.text import Text
from openbeian.rules.conditions import FactValue, condition_json, is_met, missing_facts
from openbeian.rules.errors import NoRuleInForce, NotAPenalty
from openbeian.rules.resolver import Policy, Resolution, resolve
from openbeian.rules.rule import FineRange, Kind, Outcome
from openbeian.rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Sanction:
    """One outcome in yuan. Amounts are None where a fact is missing or nothing of that sort is threatened."""

    fine_min_yuan: int | None
    fine_max_yuan: int | None
    persons_fine_min_yuan: int | None
    persons_fine_max_yuan: int | None
    confiscates: bool
    confiscate_yuan: int | None
    measures: tuple[str, ...]
    when: Mapping[str, object] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The plain form; `when` repeats the condition."""
        return {
            "fine_min_yuan": self.fine_min_yuan,
            "fine_max_yuan": self.fine_max_yuan,
            "persons_fine_min_yuan": self.persons_fine_min_yuan,
            "persons_fine_max_yuan": self.persons_fine_max_yuan,
            "confiscates": self.confiscates,
            "confiscate_yuan": self.confiscate_yuan,
            "measures": list(self.measures),
            "when": condition_json(self.when),
        }


@dataclass(frozen=True, slots=True)
class Penalty:
    """The answer for one penalty rule: what applies, what may apply, and which facts would settle it."""

    resolution: Resolution
    facts: Mapping[str, FactValue]
    applies: tuple[Sanction, ...]
    possible: tuple[Sanction, ...]
    missing_facts: tuple[str, ...]

    @property
    def fine_range(self) -> tuple[int | None, int | None]:
        """Least and most fine over everything that applies, in yuan."""
        least = [s.fine_min_yuan for s in self.applies if s.fine_min_yuan is not None]
        most = [s.fine_max_yuan for s in self.applies if s.fine_max_yuan is not None]
        return max(least, default=None), max(most, default=None)

    def as_json(self, measures: Mapping[str, Text]) -> dict[str, Any]:
        """The plain form; `measures` gives their names in both languages."""
        least, most = self.fine_range
        told = [name for s in self.applies for name in s.measures]
        return {
            "rule": self.resolution.rule.id,
            "title": self.resolution.rule.title.as_json(),
            "facts": {k: list(v) if isinstance(v, tuple) else v for k, v in self.facts.items()},
            "fine_min_yuan": least,
            "fine_max_yuan": most,
            "confiscates": any(s.confiscates for s in self.applies),
            "confiscate_yuan": max((s.confiscate_yuan for s in self.applies if s.confiscate_yuan), default=None),
            "measures": [{"key": name, **measures[name].as_json()} for name in dict.fromkeys(told)],
            "applies": [s.as_json() for s in self.applies],
            "possible": [s.as_json() for s in self.possible],
            "missing_facts": list(self.missing_facts),
            "source": self.resolution.source_json(),
            "status": self.resolution.version.status.value,
            "contradicted_by": [c.as_json() for c in self.resolution.contradicted_by],
        }


def compute_penalties(
    rulebook: Rulebook,
    rule_id: str,
    on: date,
    facts: Mapping[str, FactValue],
    *,
    province: str | None = None,
    policies: Iterable[Policy] = (),
) -> tuple[Penalty, ...]:
    """The penalties of a penalty rule, or of every penalty that a duty names as its consequence.

    Raises: RuleUnknown, NoRuleInForce, DayBeforeAnyLaw, NotAPenalty.
    """
    rule = rulebook.get_rule(rule_id)
    if rule.kind is Kind.PENALTY:
        return (_compute(resolve(rulebook, rule_id, on, province, policies), facts),)
    threatened = [rulebook.get_rule(name) for name in rule.consequence]
    penalties = [r for r in threatened if r.kind is Kind.PENALTY]
    if not penalties:
        raise NotAPenalty(rule_id=rule_id)
    found: list[Penalty] = []
    for penalty in penalties:
        try:
            found.append(_compute(resolve(rulebook, penalty.id, on, province, policies), facts))
        except NoRuleInForce:
            if len(penalties) == 1:
                raise
    return tuple(found)


def _compute(resolution: Resolution, facts: Mapping[str, FactValue]) -> Penalty:
    applies: list[Sanction] = []
    possible: list[Sanction] = []
    missing: list[str] = []
    outcomes = resolution.version.value
    assert isinstance(outcomes, tuple)
    for outcome in outcomes:
        assert isinstance(outcome, Outcome)
        met = is_met(outcome.when, facts)
        if met is False:
            continue
        (applies if met else possible).append(_sanction(outcome, facts))
        missing += missing_facts(outcome.when, facts)
        if met and outcome.fine and outcome.fine.of and outcome.fine.of not in facts:
            missing.append(outcome.fine.of)
    return Penalty(resolution, facts, tuple(applies), tuple(possible), tuple(dict.fromkeys(missing)))


def _sanction(outcome: Outcome, facts: Mapping[str, FactValue]) -> Sanction:
    fine_min, fine_max = _yuan(outcome.fine, facts)
    persons_min, persons_max = _yuan(outcome.persons_fine, facts)
    gain = facts.get(outcome.confiscates) if outcome.confiscates else None
    amount = gain if isinstance(gain, int) and not isinstance(gain, bool) else None
    return Sanction(
        fine_min_yuan=fine_min,
        fine_max_yuan=fine_max,
        persons_fine_min_yuan=persons_min,
        persons_fine_max_yuan=persons_max,
        confiscates=bool(outcome.confiscates) and amount != 0,
        confiscate_yuan=amount or None,
        measures=outcome.measures,
        when=outcome.when,
    )


def _yuan(fine: FineRange | None, facts: Mapping[str, FactValue]) -> tuple[int | None, int | None]:
    if fine is None:
        return None, None
    if not fine.of:
        return fine.least, fine.most
    multiplied = facts.get(fine.of)
    if isinstance(multiplied, bool) or not isinstance(multiplied, int):
        return None, None
    return fine.least * multiplied, fine.most * multiplied

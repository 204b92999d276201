"""What neglect leads to: a rule's penalties in one sentence and a rank by which lists are ordered. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from openbeian.kernel.text import Text
from openbeian.rules.errors import DayBeforeAnyLaw, NoRuleInForce
from openbeian.rules.obligation_kinds import ObligationKind, ObligationKinds
from openbeian.rules.resolver import resolve
from openbeian.rules.rule import Confidence, Kind, Outcome, Status, Version
from openbeian.rules.rulebook import Rulebook

UNKNOWN_PENALTY = Text("规则库未载明罚则", "no penalty is on record")


@dataclass(frozen=True, slots=True)
class Harm:
    """`rank` runs from 0 (none known) to 5 (closed, revoked, not renewed)."""

    rank: int
    text: Text


def find_harm(rulebook: Rulebook, kind: ObligationKind, kinds: ObligationKinds, on: date, province: str | None) -> Harm:
    """The gravest of what the rule's consequence threatens on a day; the kind's own words where no rule does."""
    if kind.harm is not None:
        return Harm(kind.harm_rank, kind.harm)
    names = [kind.consequence] if kind.consequence else list(rulebook.get_rule(kind.rule).consequence)
    harms = [harm for name in names if (harm := _of_penalty(rulebook, name, kinds, on, province)) is not None]
    return max(harms, key=lambda harm: harm.rank, default=Harm(kind.harm_rank, UNKNOWN_PENALTY))


def _of_penalty(
    rulebook: Rulebook, rule_id: str, kinds: ObligationKinds, on: date, province: str | None
) -> Harm | None:
    if rulebook.get_rule(rule_id).kind is not Kind.PENALTY:
        return None
    try:
        version = resolve(rulebook, rule_id, on, province).version
    except (NoRuleInForce, DayBeforeAnyLaw):
        return None
    sure: list[Text] = []
    possible: list[Text] = []
    rank = 0
    for outcome in version.value if isinstance(version.value, tuple) else ():
        if not isinstance(outcome, Outcome):
            continue
        (possible if outcome.when else sure).extend(_describe(rulebook, outcome))
        if outcome.fine:
            rank = max(rank, kinds.fine_rank)
        rank = max([rank, *(kinds.measure_ranks.get(m, 1) for m in outcome.measures)])
    return Harm(rank, _sentence(sure, possible, version))


def _describe(rulebook: Rulebook, outcome: Outcome) -> list[Text]:
    told = []
    fine = outcome.fine
    if fine and fine.of:
        fact = rulebook.facts[fine.of].title
        told.append(
            Text("罚款为{f}的 {a}–{b} 倍", "a fine of {a}–{b} times the {f}").format(f=fact, a=fine.least, b=fine.most)
        )
    elif fine:
        amount = f"{fine.least:,}" if fine.least == fine.most else f"{fine.least:,}–{fine.most:,}"
        told.append(Text("罚款 {n} 元", "a fine of {n} yuan").format(n=amount))
    return told + [rulebook.measures[measure] for measure in outcome.measures]


def _sentence(sure: list[Text], possible: list[Text], version: Version) -> Text:
    sure = list(dict.fromkeys(sure))
    possible = [text for text in dict.fromkeys(possible) if text not in sure]
    zh, en = "、".join(t.zh for t in sure), ", ".join(t.en for t in sure)
    if possible:
        also_zh, also_en = "、".join(t.zh for t in possible), ", ".join(t.en for t in possible)
        zh = f"{zh}；视情节：{also_zh}" if zh else f"视情节：{also_zh}"
        en = f"{en}; depending on the facts: {also_en}" if en else f"depending on the facts: {also_en}"
    if version.status is not Status.IN_FORCE or version.confidence is Confidence.LOW:
        zh, en = f"{zh}（未核实）", f"{en} (not verified)"
    return Text(zh, en)

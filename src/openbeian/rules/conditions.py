"""Conditions over facts, answered met, not met or cannot tell: the `when` of penalties and provincial checks.

`{illegal_gain_yuan: {at_least: 50000}, serious: true}` holds when every part holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.rules.errors import FactRefused

FactValue = int | bool | str | tuple[str, ...]

COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    "at_least": lambda fact, bound: fact >= bound,
    "above": lambda fact, bound: fact > bound,
    "at_most": lambda fact, bound: fact <= bound,
    "below": lambda fact, bound: fact < bound,
}

MOST_YUAN = 10**15


class FactType(StrEnum):
    """The forms a fact can have."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    WORD = "word"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class FactDefinition:
    """A fact that conditions may ask for, and how to ask a person for it."""

    key: str
    type: FactType
    title: Text


def is_met(when: Mapping[str, object], facts: Mapping[str, FactValue]) -> bool | None:
    """True, False, or None when a fact that decides is missing."""
    answers = [_holds(facts[name], wanted) if name in facts else None for name, wanted in when.items()]
    if False in answers:
        return False
    return None if None in answers else True


def condition_json(when: Mapping[str, object]) -> dict[str, object]:
    """A condition in plain JSON."""
    return {name: dict(wanted) if isinstance(wanted, Mapping) else wanted for name, wanted in when.items()}


def missing_facts(when: Mapping[str, object], facts: Mapping[str, FactValue]) -> tuple[str, ...]:
    """The facts the condition asks for that were not given."""
    return tuple(name for name in when if name not in facts)


def _holds(fact: FactValue, wanted: object) -> bool:
    if isinstance(wanted, Mapping):
        if isinstance(fact, bool) or not isinstance(fact, int):
            return False
        return all(COMPARISONS[name](fact, bound) for name, bound in wanted.items())
    if isinstance(fact, tuple):
        return wanted in fact
    return fact == wanted


def read_facts(given: Iterable[str], definitions: Mapping[str, FactDefinition]) -> dict[str, FactValue]:
    """Reads `key=value` words into facts.

    Raises: FactRefused, with a fault for each word that cannot be used.
    """
    facts: dict[str, FactValue] = {}
    faults: list[Fault] = []
    for word in given:
        key, _, text = word.partition("=")
        definition = definitions.get(key)
        value = _read_fact(text, definition.type) if definition else None
        if definition is None:
            known = sorted(definitions)
            fix = Text(f"可用的事实：{'、'.join(known)}。", f"Known facts: {', '.join(known)}.")
            faults.append(
                Fault(key[:60], Text("没有这一事实。", "There is no such fact."), fix, "facts.known", text[:60])
            )
        elif value is None:
            fix = Text(
                "请写成 事实=值：数字为非负整数，是非用 true/false。", "Write fact=value: whole numbers, or true/false."
            )
            faults.append(Fault(key, Text("值无法识别。", "The value cannot be read."), fix, "facts.form", text[:60]))
        else:
            facts[key] = value
    if faults:
        raise FactRefused(faults=faults)
    return facts


def _read_fact(text: str, wanted: FactType) -> FactValue | None:
    if wanted is FactType.BOOLEAN:
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(text.lower())
    if wanted is FactType.NUMBER:
        plain = text.replace("_", "").replace(",", "")
        return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= len(str(MOST_YUAN)) else None
    if wanted is FactType.WORDS:
        return tuple(part for part in text.split(",") if part)
    return text or None

"""What a page must say where a procedure follows a policy of the installation and not the law."""

from __future__ import annotations

from dataclasses import dataclass

from openbeian.cases.limits import get_rule
from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.policies.queries import list_policies
from openbeian.rules.errors import NoRuleInForce
from openbeian.rules.explanation import say_value
from openbeian.rules.procedures import Procedure
from openbeian.rules.resolver import Policy, Resolution
from openbeian.rules.rule import LEVEL_NAMES
from openbeian.rules.rulebook import current_rulebook

# The law on whether a filing has a term at all: the cycle is never shown without it.
VALIDITY = "filing.validity"


@dataclass(frozen=True, slots=True)
class Statement:
    """Who says what: a value in words, on what source, with what authority, and why it is not followed."""

    value: Text
    citation: Text
    level: Text
    why_not: Text | None = None


@dataclass(frozen=True, slots=True)
class CycleNotice:
    """What the law says of a filing's term, what is claimed beside it, and whether a policy is switched on."""

    law: Statement
    cycle: Statement
    claims: tuple[Statement, ...]
    policy: Policy | None


def find_cycle_notice(procedure: Procedure, organisation_id: int | None) -> CycleNotice | None:
    """For a procedure that comes round in a cycle, by the policies of its organisation; None for others."""
    if not procedure.cycle:
        return None
    try:
        law = get_rule(VALIDITY, clock.today())
        cycle = get_rule(procedure.cycle, clock.today(), policies=list_policies(organisation_id))
    except NoRuleInForce:
        return None
    return CycleNotice(_state(law), _state(cycle), _list_claims(law), cycle.policy)


def _state(resolution: Resolution) -> Statement:
    version = resolution.version
    return Statement(say_value(version, current_rulebook()), version.citation, LEVEL_NAMES[version.level])


def _list_claims(resolution: Resolution) -> tuple[Statement, ...]:
    book = current_rulebook()
    return tuple(
        Statement(say_value(c.version, book), c.version.citation, LEVEL_NAMES[c.version.level], c.why)
        for c in resolution.contradicted_by
    )

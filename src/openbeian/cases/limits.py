"""By when: the limits of a case's states, asked of the rulebook on the day, never written here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from openbeian.rules.deadlines import compute_deadline
from openbeian.rules.procedures import State
from openbeian.rules.resolver import Policy, Resolution, resolve
from openbeian.rules.rulebook import current_rulebook


def get_rule(rule_id: str, on: date, province: str = "", policies: Iterable[Policy] = ()) -> Resolution:
    """What is followed on a day: the rule in force, or the policy set in its place.

    Raises: RuleUnknown, NoRuleInForce.
    """
    return resolve(current_rulebook(), rule_id, on, province or None, policies)


def get_number(rule_id: str, on: date, province: str = "") -> int:
    """A rule whose value is one number. Raises: RuleUnknown, NoRuleInForce, TypeError."""
    value = get_rule(rule_id, on, province).value
    if not isinstance(value, int):
        raise TypeError(f"{rule_id} is not a number: {value!r}")
    return value


def compute_due(state: State, entered_on: date, province: str) -> tuple[date | None, bool]:
    """The last day of a state's limit counted from the day it was entered, and whether the calendar is certain.

    (None, False) for a state without a limit.
    """
    if not state.limit:
        return None, False
    deadline = compute_deadline(state.limit, entered_on, province=province or None)
    return deadline.due_on, deadline.provisional


def compute_sms_window(on: date, province: str) -> timedelta:
    """How long a confirmation code is valid. Hours run through holidays."""
    return timedelta(hours=get_number("filing.sms.window", on, province))

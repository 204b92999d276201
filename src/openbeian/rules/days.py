"""Reads the days, instants and policies that people type or forms send, and refuses what does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from openbeian.kernel.clock import CHINA
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text
from openbeian.rules.resolver import Policy

LONGEST = 40


class DayImpossible(OpenBeianError):
    """The text is not a day that exists."""

    code = "day_impossible"
    message = Text(
        "日期“{given}”不存在或格式不对，请写成 YYYY-MM-DD（例如 2026-03-01）。",
        "“{given}” is not a day that exists; write YYYY-MM-DD (for example 2026-03-01).",
    )


def read_day(given: str) -> date:
    """A legal day from `YYYY-MM-DD`. Raises: DayImpossible."""
    try:
        if len(given) == len("YYYY-MM-DD") and given.isascii():
            return date.fromisoformat(given)
    except ValueError:
        pass
    raise DayImpossible(given=given[:LONGEST])


def read_day_or_instant(given: str) -> date | datetime:
    """A day, or an instant `YYYY-MM-DDTHH:MM` (China time unless it names an offset). Raises: DayImpossible."""
    if "T" not in given and " " not in given.strip():
        return read_day(given)
    try:
        instant = datetime.fromisoformat(given.strip()[:LONGEST])
        return (instant if instant.tzinfo else instant.replace(tzinfo=CHINA)).astimezone(CHINA)
    except (ValueError, OverflowError) as impossible:
        raise DayImpossible(given=given[:LONGEST]) from impossible


def trial_policies(rule_id: str, claims: Iterable[str], since: date) -> tuple[Policy, ...]:
    """Policies for a what-if question: each claim as if this installation had switched it on."""
    return tuple(Policy(rule_id, claim, "what-if", since) for claim in claims)

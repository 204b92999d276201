"""Answers "by when?": resolves a rule on a day and counts its limit on the working-day calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openbeian.kernel.clock import CHINA
from openbeian.kernel.deadlines import Direction, LimitEnd, LimitUnit, compute_limit, settle
from openbeian.kernel.text import Text
from openbeian.kernel.working_days import CountTooLong
from openbeian.rules.errors import DayBeforeAnyLaw, RuleHasNoLimit
from openbeian.rules.resolver import Policy, Resolution, resolve
from openbeian.rules.rule import Kind, Status
from openbeian.rules.rulebook import Rulebook, current_rulebook


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day for an act, with the ground it stands on. Dates are legal days in China.

    `due_on` is the last day that counts, `raw_on` the arithmetic end, `advised_on` the last working day on or
    before it, `window_opens_on` the first day on which one can act (None where no rule says), `due_at` the
    instant for limits in hours.
    """

    resolution: Resolution
    anchor_on: date
    anchor_at: datetime | None
    raw_on: date
    due_on: date
    advised_on: date
    window_opens_on: date | None
    due_at: datetime | None
    provisional: bool

    @property
    def rule(self) -> str:
        return self.resolution.rule.id

    @property
    def policy(self) -> Policy | None:
        return self.resolution.policy

    def as_json(self) -> dict[str, Any]:
        """The published form; `source` names instrument, article, level and confidence."""
        version = self.resolution.version
        return {
            "rule": self.rule,
            "anchor_on": self.anchor_on.isoformat(),
            "due_on": self.due_on.isoformat(),
            "advised_on": self.advised_on.isoformat(),
            "window_opens_on": self.window_opens_on.isoformat() if self.window_opens_on else None,
            "unit": version.unit,
            "provisional": self.provisional,
            "source": self.resolution.source_json(),
            "contradicted_by": [c.as_json() for c in self.resolution.contradicted_by],
            "policy": self.policy.as_json() if self.policy else None,
            "raw_on": self.raw_on.isoformat(),
            "due_at": self.due_at.isoformat() if self.due_at else None,
            "value": version.value if isinstance(version.value, int) else None,
            "as_of": self.resolution.on.isoformat(),
            "province": self.resolution.province,
            "status": version.status.value,
            "certain": self.resolution.is_certain,
            "consequence": list(self.resolution.rule.consequence),
        }


def compute_deadline(
    rule_id: str,
    anchor: date | datetime,
    as_of: date | None = None,
    province: str | None = None,
    policies: Iterable[Policy] = (),
    *,
    rulebook: Rulebook | None = None,
) -> Deadline:
    """The deadline a rule sets from an anchor day (or aware instant, for hours).

    The law is that of `as_of`, by default that of the anchor's day. `province` is the area's character.

    Raises: RuleUnknown, NoRuleInForce, DayBeforeAnyLaw, RuleHasNoLimit, ClaimUnknown, PolicyRefused, CountTooLong.
    """
    rulebook = rulebook or current_rulebook()
    anchor_on = anchor.astimezone(CHINA).date() if isinstance(anchor, datetime) else anchor
    if anchor_on < rulebook.earliest_on:
        rulebook.get_rule(rule_id)
        raise DayBeforeAnyLaw(anchor_on, rulebook.earliest_on)
    resolution = resolve(rulebook, rule_id, as_of or anchor_on, province, policies)
    return count_deadline(resolution, anchor, rulebook)


def count_deadline(resolution: Resolution, anchor: date | datetime, rulebook: Rulebook) -> Deadline:
    """The same for a rule already resolved: the part that differs from anchor to anchor.

    Raises: RuleHasNoLimit, CountTooLong.
    """
    version = resolution.version
    anchor_on = anchor.astimezone(CHINA).date() if isinstance(anchor, datetime) else anchor
    opens: date | None = None
    if resolution.rule.kind is Kind.ANNUAL_WINDOW and not isinstance(version.value, (int, str, tuple)):
        opens, closes = (_next_year(anchor_on, version.value[key]) for key in ("opens", "closes"))
        end = settle(closes, rulebook.calendar, rolls=False)
    elif resolution.rule.kind is Kind.LIMIT and isinstance(version.value, int):
        end = _limit_end(resolution, anchor, rulebook)
        opens = anchor_on if version.direction is Direction.AFTER and version.rolls else None
    else:
        raise _no_limit(resolution)
    return Deadline(
        resolution=resolution,
        anchor_on=anchor_on,
        anchor_at=anchor if isinstance(anchor, datetime) else None,
        raw_on=end.raw_on,
        due_on=end.due_on,
        advised_on=end.advised_on,
        window_opens_on=opens,
        due_at=end.due_at,
        provisional=end.provisional,
    )


def _limit_end(resolution: Resolution, anchor: date | datetime, rulebook: Rulebook) -> LimitEnd:
    version = resolution.version
    assert isinstance(version.value, int)
    return compute_limit(
        anchor,
        version.value,
        LimitUnit(version.unit),
        version.direction,
        rulebook.calendar,
        # An act due on the very day (cancel when the service ends) has nowhere to roll to.
        rolls=version.rolls and version.value > 0,
    )


def _next_year(anchor_on: date, month_day: str) -> date:
    """The day in the year after the anchor's: a report covers the anchor's year and is due in the next."""
    if anchor_on.year == date.max.year:
        raise CountTooLong
    return date.fromisoformat(f"{anchor_on.year + 1:04}-{month_day}")


def _no_limit(resolution: Resolution) -> RuleHasNoLimit:
    claims = [c.claim for c in resolution.rule.claims if c.may_be_policy]
    hint = Text("可用 `openbeian rules explain` 查看依据。", "`openbeian rules explain` shows the grounds.")
    if claims:
        names = "、".join(dict.fromkeys(claims))
        hint = Text(
            f"如需内部复核周期，可把说法“{names}”设为内部政策。",
            f"For a cycle of your own, switch the claim “{names}” on as a policy.",
        )
    what = Text("没有规定期限，因此不会到期", "sets no time limit, so nothing falls due")
    if resolution.version.status is Status.OPEN:
        what = Text(
            "的期限没有查到，不能判断是否到期",
            "has a time limit that was not found, so whether it falls due cannot be told",
        )
    return RuleHasNoLimit(title=resolution.rule.title, citation=resolution.version.citation, what=what, hint=hint)

"""How long a licence still covers its service, and whether a gap threatens. Pure.

Source: Licence Measures art. 27 (apply ninety days before, or it is not renewed), Licensing Law art. 50 (silence renews).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from openbeian.kernel.text import Text

Risk = Literal["none", "low", "high", "gap"]
Procedure = Literal["", "licence_new", "licence_renewal", "paper"]


@dataclass(frozen=True, slots=True)
class Renewal:
    """A renewal under way; `applied_on` is the day it was first submitted, None for a draft."""

    case_id: int
    applied_on: date | None


@dataclass(frozen=True, slots=True)
class Cover:
    """`days_left` counts the days after today on which the licence still holds; negative once it has ended.

    `apply_by` is the last day for a renewal, `advised_on` the last working day on or before it, `opens_on` the day
    from which it is offered; `procedure` is what the button starts, empty where there is nothing to start.
    """

    days_left: int
    share_left: int
    opens_on: date
    apply_by: date
    advised_on: date
    is_provisional: bool
    risk: Risk
    tone: Literal["bad", "warn", "info", "good", "calm"]
    sentence: Text
    procedure: Procedure
    unopened: tuple[str, ...]

    @property
    def days_ended(self) -> int:
        """How many days ago it ended; 0 while it holds."""
        return max(0, -self.days_left)


@dataclass(frozen=True, slots=True)
class Held:
    """What a judgement needs of a licence on record."""

    is_cancelled: bool
    issued_on: date
    valid_until: date
    is_deemed: bool
    awaits_paper: bool
    businesses: tuple[tuple[str, bool], ...]


def compute_cover(
    held: Held,
    today: date,
    apply_by: date,
    advised_on: date,
    renewal: Renewal | None,
    *,
    offered_before: timedelta,
    is_provisional: bool = False,
) -> Cover:
    """The cover on a day. `apply_by` and `advised_on` come from the renewal rule, counted from the end, before which
    the renewal is offered by `offered_before`."""
    opens_on = held.valid_until - offered_before
    left = (held.valid_until - today).days
    term = max((held.valid_until - held.issued_on).days, 1)
    unopened = tuple(code for code, opened in held.businesses if not opened)
    risk, tone, sentence, procedure = _judge(held, today, opens_on, apply_by, left, renewal, unopened)
    share = max(0, min(100, round(100 * left / term)))
    return Cover(left, share, opens_on, apply_by, advised_on, is_provisional, risk, tone, sentence, procedure, unopened)  # fmt: skip


_Judgement = tuple[Risk, Literal["bad", "warn", "info", "good", "calm"], Text, Procedure]


def _judge(
    held: Held,
    today: date,
    opens_on: date,
    apply_by: date,
    left: int,
    renewal: Renewal | None,
    unopened: tuple[str, ...],
) -> _Judgement:
    if held.is_cancelled:
        return "none", "calm", Text("许可证已注销。", "The licence is cancelled."), ""
    applied = renewal.applied_on if renewal else None
    if left < 0 and applied is not None and applied <= apply_by:
        zh = "已按期申请，到期未作决定，视为准予延续；请向发证机关催领许可证。"
        return "low", "warn", Text(zh, "Applied in time and not decided by the end: it counts as renewed. Ask for the paper."), ""  # fmt: skip
    if left < 0:
        zh, en = "已到期 {n} 天。停止经营；要继续，须重新申请许可。", "Ended {n} days ago. Stop; to go on, apply anew."
        return "gap", "bad", Text(zh, en).format(n=-left), "licence_new"
    if applied is not None and applied <= apply_by:
        zh, en = "已于 {day} 按期申请延续，业务不必中断。", "Renewal was applied for in time on {day}; service goes on."
        return "low", "info", Text(zh, en).format(day=applied), ""
    if today > apply_by:
        zh = "已错过 {day} 的申请期限，到期不予延续。{n} 天后业务须停止；请立即申请新的许可，并安排用户善后。"
        en = "The last day to apply, {day}, has passed: it will not be renewed and ends in {n} days. Apply anew at once and care for your users."  # fmt: skip
        return "gap", "bad", Text(zh, en).format(day=apply_by, n=left), "licence_new"
    if held.awaits_paper:
        zh = "视为准予延续，纸质或电子证照尚未取得。" if held.is_deemed else "新的许可证尚未领到。"
        en = (
            "It counts as renewed; the paper is still to be obtained."
            if held.is_deemed
            else "The paper is not here yet."
        )
        return "low", "warn", Text(zh, en), "paper"
    if held.businesses and len(unopened) == len(held.businesses):
        zh, en = "没有一项业务开通；到期前仍未开通的，不予延续。", "No business is open; unless one opens before the end, nothing is renewed."  # fmt: skip
        return "high", "warn", Text(zh, en), ""
    if today >= opens_on:
        zh, en = "续期窗口已开，最迟 {day} 提交（还有 {n} 天）。", "Renewal is open; apply by {day} ({n} days left)."
        tone: Literal["warn", "info"] = "warn" if (apply_by - today).days <= 30 else "info"
        risk: Risk = "high" if tone == "warn" else "low"
        return risk, tone, Text(zh, en).format(day=apply_by, n=(apply_by - today).days), "licence_renewal"
    zh, en = "有效，{day} 起可办延续。", "Valid; renewal is offered from {day}."
    return "none", "good", Text(zh, en).format(day=opens_on), ""

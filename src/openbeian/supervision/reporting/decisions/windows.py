"""When a year's report is taken, who owes it, and what being late means. Pure.

Source: Licence Measures arts. 35, 38; notices 工信部信管〔2017〕321号 and, of numbers, 工信管函〔2023〕1091号.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from openbeian.kernel.text import Text

Phase = Literal["early", "open", "make_up", "over", "unknown"]


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which a year's report is taken; the make-up days are None where no rule names them."""

    opens_on: date | None
    closes_on: date | None
    make_up_from: date | None
    make_up_until: date | None

    def find_phase(self, today: date) -> Phase:
        """Where a day stands. `unknown` for years of which no rule is known."""
        if self.opens_on is None or self.closes_on is None:
            return "unknown"
        if today < self.opens_on:
            return "early"
        if today <= self.closes_on:
            return "open"
        if self.make_up_from and self.make_up_until and self.make_up_from <= today <= self.make_up_until:
            return "make_up"
        return "over"


def explain_owed(issued_on: date, cancelled_on: date | None, valid_until: date, year: int, today: date) -> Text | None:
    """None where a licence owes a year's report; else why not.

    Everyone licensed on or before the year's last day owes it, even if the licence ended in the window since.
    """
    last = date(year, 12, 31)
    if issued_on > last:
        return Text(
            "许可证在 {day} 才取得，当年 12 月 31 日以前取得的才报送。",
            "It was granted on {day} only; those granted by 31 December of the year report.",
        ).format(day=issued_on)
    ended = min(filter(None, (cancelled_on, valid_until)))
    if ended < date(year, 1, 1):
        return Text("许可证在 {day} 已失效。", "The licence ended on {day}.").format(day=ended)
    if year > today.year:
        return Text("这一年还没有到。", "That year has not come yet.")
    return None


def explain_number_owed(assigned_on: date, year: int, today: date) -> Text | None:
    """None where a number resource owes a year's report; else why not. Whoever held it on the year's last day does."""
    if assigned_on > date(year, 12, 31):
        return Text(
            "码号在 {day} 才核配，当年 12 月 31 日以前核配的才报送。",
            "It was assigned on {day} only; those assigned by 31 December of the year are reported.",
        ).format(day=assigned_on)
    if year > today.year:
        return Text("这一年还没有到。", "That year has not come yet.")
    return None

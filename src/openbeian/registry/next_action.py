"""What a sponsor should do next about its record, most harmful neglect first. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from openbeian.kernel.text import Text

Procedure = Literal["", "change_sponsor", "add_service", "add_access"]


@dataclass(frozen=True, slots=True)
class NextAction:
    """A tone, a sentence, and the procedure that a button starts (empty when there is none)."""

    tone: Literal["bad", "warn", "info", "good", "calm"]
    sentence: Text
    procedure: Procedure = ""


def find_next_action(
    standing: str,
    certificate_until: date | None,
    shell_services: int,
    today: date,
    *,
    has_open_case: bool,
    warn_before: timedelta,
) -> NextAction:
    """One thing to do. `certificate_until` is the last valid day of the sponsor's certificate, None for 长期;
    `warn_before` that day its end is mentioned."""
    if standing == "cancelled":
        return NextAction(
            "calm", Text("主体备案已注销，号码不再使用。", "The filing is cancelled; its number is retired.")
        )
    if has_open_case:
        return NextAction("info", Text("有办件正在办理，先把它办完。", "A case is under way; finish it first."))
    if certificate_until is not None and certificate_until < today:
        zh, en = "主办单位证件已过期，请变更主体信息。", "The sponsor's certificate has expired; change the sponsor."
        return NextAction("bad", Text(zh, en), "change_sponsor")
    if standing == "shell":
        zh = "名下没有服务（空壳主体），请新增服务，或者注销主体。"
        return NextAction(
            "bad", Text(zh, "No service is left (a shell). Add one, or cancel the sponsor."), "add_service"
        )
    if shell_services:
        zh = "{n} 项服务没有接入（空壳），请新增接入。"
        en = "{n} services have no access (shells). Add an access."
        return NextAction("bad", Text(zh, en).format(n=shell_services), "add_access")
    if certificate_until is not None and certificate_until - warn_before <= today:
        zh, en = (
            "主办单位证件将于 {day} 到期，换证后请变更主体信息。",
            "The certificate ends on {day}; change the sponsor then.",
        )
        return NextAction("warn", Text(zh, en).format(day=certificate_until), "change_sponsor")
    return NextAction("good", Text("记录正常，暂无需要办理的事项。", "The record is in order; nothing to do now."))

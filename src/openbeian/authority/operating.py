"""Who may move reports by hand, and what their states are called."""

from __future__ import annotations

from openbeian.authority.models import Report
from openbeian.kernel.actor import Actor, NotPermitted
from openbeian.kernel.text import Text

STATES: dict[str, tuple[Text, str, str]] = {
    Report.State.WAITING: (Text("待发送", "Waiting"), "calm", "clock"),
    Report.State.PACKED: (Text("发送中", "Being sent"), "info", "send"),
    Report.State.SENT: (Text("已接收，待结果", "Accepted, awaiting the answer"), "info", "inbox"),
    Report.State.APPROVED: (Text("已通过，待编号", "Approved, awaiting the number"), "info", "hash"),
    Report.State.DONE: (Text("已办结", "Done"), "good", "circle-check"),
    Report.State.REFUSED: (Text("管局驳回", "Refused by the administration"), "bad", "circle-x"),
    Report.State.FAILED: (Text("未能上报", "Not reported"), "bad", "triangle-alert"),
    Report.State.ATTENTION: (Text("需人工处理", "Needs a person"), "warn", "triangle-alert"),
    Report.State.TAKEN_OUT: (Text("已撤出", "Taken out"), "calm", "ban"),
    Report.State.REMOVED: (Text("已从管局删除", "Struck at the administration"), "calm", "ban"),
}
"""What people see of a report's state: words, tone and icon."""

MOVABLE = frozenset({Report.State.WAITING, Report.State.FAILED, Report.State.ATTENTION})
"""States in which a person may take a report out: its file is not on the way."""


def may_operate(actor: Actor) -> bool:
    """Reviewers and administrators of the provider; auditors only look."""
    return actor.may("interface.read") and (actor.may("interface.manage") or actor.may("case.review"))


def check_may_operate(actor: Actor) -> None:
    """Raises: NotPermitted."""
    if not may_operate(actor):
        raise NotPermitted(permission="interface.manage")


def name_state(state: str) -> Text:
    return STATES[state][0]

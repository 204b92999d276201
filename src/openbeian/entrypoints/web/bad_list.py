"""What is said while no report came, and what the rulebook says of the bad list (不良名单), to officer and holder."""

from __future__ import annotations

from dataclasses import dataclass

from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.rules.errors import NoRuleInForce
from openbeian.rules.resolver import resolve
from openbeian.rules.rule import Confidence, Status
from openbeian.rules.rulebook import current_rulebook

NOT_OWED = Text("不需报送", "Not owed")
NOT_BEGUN = Text("未报（尚未开始）", "Not reported, not begun")
CANNOT_TELL = Text("本系统没有收到，无法判断", "Not received here; cannot tell")
"""Reports are handed in elsewhere too: to those who take them, silence here says nothing."""

_RULES = (
    "penalty.annual_report_missed",
    "licence.bad_list.grounds",
    "licence.bad_list.fields",
    "licence.bad_list.clean_time",
)


@dataclass(frozen=True, slots=True)
class ListRule:
    """A rule that bears on the list: what it says, where it stands, and whether that was never verified."""

    rule: str
    title: Text
    notes: Text | None
    citation: Text
    is_open: bool


def list_rules() -> list[ListRule]:
    """Those in force today."""
    rulebook, found = current_rulebook(), []
    for rule_id in _RULES:
        try:
            version = resolve(rulebook, rule_id, clock.today()).version
        except NoRuleInForce:
            continue
        is_open = version.status is not Status.IN_FORCE or version.confidence is Confidence.LOW
        title = rulebook.get_rule(rule_id).title
        found.append(ListRule(rule_id, title, version.notes, version.citation, is_open))
    return found

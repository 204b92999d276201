"""Refusals of the rules: a rulebook that cannot be trusted, and questions it cannot answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from openbeian.kernel.errors import Fault, OpenBeianError
from openbeian.kernel.text import Text


class RulebookInvalid(OpenBeianError):
    """The rulebook was refused at load; every fault names file and line. The last good rulebook stays in use."""

    code = "rulebook_invalid"
    message = Text(
        "规则库有 {count} 处错误，未被采用；原有规则库继续有效。请按下列位置逐条修改后重新加载。",
        "The rulebook has {count} faults and was not taken; the last good one stays in use. "
        "Correct the places below and load it again.",
    )

    def __init__(self, faults: Iterable[Fault]) -> None:
        found = tuple(faults)
        super().__init__(faults=found, count=len(found))


class RuleUnknown(OpenBeianError):
    """No rule bears this id."""

    code = "rule_unknown"
    status = 404
    message = Text(
        "没有规则“{rule_id}”。{near}可用 `openbeian rules list` 查看全部规则。",
        "There is no rule “{rule_id}”. {near}`openbeian rules list` shows them all.",
    )

    def __init__(self, rule_id: str, near: Iterable[str] = ()) -> None:
        names = tuple(near)
        hint = Text(f"是否想找：{'、'.join(names)}？", f"Did you mean {', '.join(names)}? ") if names else Text("", "")
        super().__init__(rule_id=rule_id[:120], near=hint)
        self.near = names


class NoRuleInForce(OpenBeianError):
    """The rule exists, but nothing is known to be in force on that day and in that place."""

    code = "no_rule_in_force"
    message = Text(
        "规则“{rule_id}”在 {on}{place}没有已知的有效版本。{hint}",
        "No version of “{rule_id}” is known to be in force on {on}{place}. {hint}",
    )

    def __init__(self, rule_id: str, on: date, province: str | None, hint: Text) -> None:
        place = Text(f"（{province}）", f" in {province}") if province else Text("", "")
        super().__init__(rule_id=rule_id, on=on.isoformat(), place=place, hint=hint)


class DayBeforeAnyLaw(OpenBeianError):
    """The day asked about lies before the first rule in the rulebook."""

    code = "day_before_any_law"
    message = Text(
        "{on} 早于规则库中最早的规定（{earliest}），无法作答。请检查日期。",
        "{on} lies before the first rule in the rulebook ({earliest}). Check the date.",
    )

    def __init__(self, on: date, earliest: date) -> None:
        super().__init__(on=on.isoformat(), earliest=earliest.isoformat())


class RuleHasNoLimit(OpenBeianError):
    """A deadline was asked of a rule that sets none."""

    code = "rule_has_no_limit"
    message = Text(
        "“{title}”{what}（依据：{citation}）。{hint}",
        "“{title}” {what} (ground: {citation}). {hint}",
    )


class ClaimUnknown(OpenBeianError):
    """A policy names a claim that the rule does not have."""

    code = "claim_unknown"
    message = Text(
        "规则“{rule_id}”没有名为“{claim}”的说法；可选：{choices}。",
        "Rule “{rule_id}” has no claim “{claim}”; it has: {choices}.",
    )


class PolicyRefused(OpenBeianError):
    """A policy would follow a claim that is looser than the law or simply wrong."""

    code = "policy_refused"
    message = Text(
        "不能把“{claim}”设为内部政策：照此办理会违反更高效力的规定（{citation}）。",
        "“{claim}” cannot be made a policy: following it would break a higher rule ({citation}).",
    )


class AreaUnknown(OpenBeianError):
    """No provincial area bears this name."""

    code = "area_unknown"
    message = Text(
        "没有名为“{name}”的省级行政区，请用简称（如 浙）或全称（如 浙江）。",
        "There is no provincial area “{name}”; use its character (浙) or its name (Zhejiang).",
    )


class FactRefused(OpenBeianError):
    """A fact given to a penalty or a provincial check is unknown or has the wrong form."""

    code = "fact_refused"
    message = Text("给出的事实无法使用，请按下列说明修改。", "A fact cannot be used; correct it as said below.")


class NotAPenalty(OpenBeianError):
    """The rule neither is a penalty nor names one as its consequence."""

    code = "not_a_penalty"
    message = Text(
        "规则“{rule_id}”没有关联的处罚。可用 `openbeian rules list --kind penalty` 查看处罚规则。",
        "Rule “{rule_id}” names no penalty. `openbeian rules list --kind penalty` shows the penalties.",
    )


class ArrangementInvalid(OpenBeianError):
    """A holiday arrangement was refused; every fault names its line or field."""

    code = "arrangement_invalid"
    message = Text(
        "放假安排有 {count} 处问题，未被采用。请按下列位置修改。",
        "The holiday arrangement has {count} faults and was not taken. Correct the places below.",
    )

    def __init__(self, faults: Iterable[Fault]) -> None:
        found = tuple(faults)
        super().__init__(faults=found, count=len(found))

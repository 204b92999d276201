"""Puts a resolution or a deadline into sentences: what, on what ground, how counted, who says otherwise.

The same lines serve the command line, the pages and the messages; each exists in both languages.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from openbeian.kernel.deadlines import Direction
from openbeian.kernel.text import Text
from openbeian.rules.deadlines import Deadline
from openbeian.rules.penalties import Penalty, Sanction
from openbeian.rules.resolver import Contradiction, Resolution, value_json
from openbeian.rules.rule import LEVEL_NAMES, NO_LIMIT, Confidence, Outcome, Rule, Status, Version
from openbeian.rules.rulebook import Rulebook

WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CONFIDENCE_NAMES = {
    Confidence.HIGH: Text("可信度高，读过原文", "high confidence, read in the text"),
    Confidence.MEDIUM: Text("可信度中，出自可靠转述", "medium confidence, from a secondary source"),
    Confidence.LOW: Text("可信度低，未见原文", "low confidence, text not seen"),
}
STATUS_NAMES = {
    Status.UNCERTAIN: Text(
        "注意：这一规定目前是否有效、文字如何尚不确定，请先向管局核实，不要据此作定论。",
        "Note: whether this still stands, or how it reads now, is uncertain; ask the administration before relying on it.",
    ),
    Status.OPEN: Text(
        "注意：这一点没有查到可靠依据，属于未决问题，不能当作确定的要求。",
        "Note: no reliable ground was found; this is an open question and not a settled requirement.",
    ),
}

STANDING = {
    Status.IN_FORCE: Text("", ""),
    Status.UNCERTAIN: Text(" 【是否有效不确定】", " [standing uncertain]"),
    Status.OPEN: Text(" 【未决】", " [open]"),
}


def explain_resolution(resolution: Resolution, rulebook: Rulebook) -> tuple[Text, ...]:
    """The rule, what it says, its ground, what is doubtful, what is also claimed, and what follows a breach."""
    rule = resolution.rule
    return (
        _line("规则：{t}（{id}）", "Rule: {t} ({id})", t=rule.title, id=rule.id),
        _line("内容：{v}", "Says: {v}", v=say_value(resolution.version, rulebook)),
        *_ground(resolution),
        *_others(resolution, rulebook),
        *_consequences(resolution, rulebook),
    )


def explain_deadline(deadline: Deadline, rulebook: Rulebook) -> tuple[Text, ...]:
    """The resolution's lines with the count, step by step, after the ground."""
    resolution = deadline.resolution
    return (
        _line("规则：{t}（{id}）", "Rule: {t} ({id})", t=resolution.rule.title, id=deadline.rule),
        _line("内容：{v}", "Says: {v}", v=say_value(resolution.version, rulebook)),
        *_ground(resolution),
        *_count(deadline, rulebook),
        *_others(resolution, rulebook),
        *_consequences(resolution, rulebook),
    )


def say_deadline(deadline: Deadline, rulebook: Rulebook) -> Text:
    """One line: due day, advised day where it differs, and whether it is provisional, policy or doubtful."""
    when = Text(*[deadline.due_at.strftime("%Y-%m-%d %H:%M")] * 2) if deadline.due_at else say_day(deadline.due_on)
    said = _line("{t}：最迟 {d}", "{t}: by {d}", t=deadline.resolution.rule.title, d=when)
    tails: list[Text] = []
    if deadline.advised_on != deadline.due_on:
        tails.append(_line("建议 {d}前", "advised {d}", d=say_day(deadline.advised_on)))
    if deadline.provisional:
        tails.append(Text("暂定", "provisional"))
    if deadline.policy:
        tails.append(deadline.policy.label)
    if deadline.resolution.version.status is not Status.IN_FORCE:
        tails.append(Text("效力不确定", "standing uncertain"))
    for tail in tails:
        said = Text(f"{said.zh}；{tail.zh}", f"{said.en}; {tail.en}")
    return said


def describe_rule(rule: Rule, rulebook: Rulebook) -> tuple[Text, ...]:
    """Title, then every version and claim with period, place, ground and standing."""
    return (
        Text(f"{rule.id}：{rule.title.zh}", f"{rule.id}: {rule.title.en}"),
        *(_describe(version, rulebook) for version in rule.statements),
    )


def rule_json(rule: Rule) -> dict[str, Any]:
    """A whole rule in plain JSON."""
    return {
        "rule": rule.id,
        "kind": rule.kind.value,
        "title": rule.title.as_json(),
        "consequence": list(rule.consequence),
        "related": list(rule.related),
        "versions": [_version_json(v) for v in rule.versions],
        "claims": [_version_json(c) for c in rule.claims],
    }


def explain_penalty(penalty: Penalty, rulebook: Rulebook) -> tuple[Text, ...]:
    """What applies, what may apply, which facts are missing, and the ground."""
    return (
        _line(
            "处罚：{t}（{id}）", "Penalty: {t} ({id})", t=penalty.resolution.rule.title, id=penalty.resolution.rule.id
        ),
        *(_sanction(Text("适用", "applies"), s, rulebook) for s in penalty.applies),
        *(_sanction(Text("可能适用", "may apply"), s, rulebook) for s in penalty.possible),
        *(
            _line("尚需知道：{t}（{k}）", "Still needed: {t} ({k})", t=rulebook.facts[k].title, k=k)
            for k in penalty.missing_facts
        ),
        *_ground(penalty.resolution),
        *_others(penalty.resolution, rulebook),
    )


def _sanction(how: Text, sanction: Sanction, rulebook: Rulebook) -> Text:
    parts: list[Text] = []
    if sanction.fine_min_yuan is not None:
        parts.append(_fine(Text("罚款", "fine"), sanction.fine_min_yuan, sanction.fine_max_yuan))
    if sanction.persons_fine_min_yuan is not None:
        name = Text("对责任人罚款", "fine on responsible persons")
        parts.append(_fine(name, sanction.persons_fine_min_yuan, sanction.persons_fine_max_yuan))
    if sanction.confiscate_yuan:
        taken = f"{sanction.confiscate_yuan:,}"
        parts.append(Text(f"没收违法所得 {taken} 元", f"confiscation of the gain of {taken} yuan"))
    elif sanction.confiscates:
        parts.append(Text("没收违法所得", "confiscation of the gain"))
    parts += [rulebook.measures[name] for name in sanction.measures]
    return Text(
        f"{how.zh}：{'；'.join(p.zh for p in parts) or '见依据'}",
        f"{how.en}: {'; '.join(p.en for p in parts) or 'see the ground'}",
    )


def _fine(name: Text, least: int, most: int | None) -> Text:
    if most is None or least == most:
        return Text(f"{name.zh} {least:,} 元", f"{name.en} {least:,} yuan")
    return Text(f"{name.zh} {least:,}–{most:,} 元", f"{name.en} {least:,}–{most:,} yuan")


def _describe(version: Version, rulebook: Rulebook) -> Text:
    areas = "".join(sorted(version.provinces or ()))
    end = version.effective_to.isoformat() if version.effective_to else ""
    named = Text(f"说法 {version.claim} ", f"claim {version.claim} ") if version.claim else Text("", "")
    standing = STANDING[version.status]
    return _line(
        "  {since}—{until} {areas}{claim}{v}｜{c}（{level}，{conf}）{standing}",
        "  {since}—{until} {areas}{claim}{v} | {c} ({level}, {conf}){standing}",
        since=version.effective_from.isoformat(),
        until=end,
        areas=f"[{areas}] " if areas else "",
        claim=named,
        v=say_value(version, rulebook),
        c=version.citation,
        level=LEVEL_NAMES[version.level],
        conf=version.confidence.value,
        standing=standing,
    )


def _version_json(version: Version) -> dict[str, Any]:
    return {
        "claim": version.claim or None,
        "value": value_json(version.value),
        "unit": version.unit or None,
        "effective_from": version.effective_from.isoformat(),
        "effective_to": version.effective_to.isoformat() if version.effective_to else None,
        "provinces": sorted(version.provinces) if version.provinces else None,
        "instrument": version.instrument.key if version.instrument else None,
        "article": version.article or None,
        "level": version.level.value,
        "confidence": version.confidence.value,
        "status": version.status.value,
        "source": version.source.key,
        "where": version.source.where,
        "observed_on": version.observed_on.isoformat(),
        "notes": version.notes.as_json() if version.notes else None,
        "why_not": version.why_not.as_json() if version.why_not else None,
        "may_be_policy": version.may_be_policy,
        "read_from": f"{version.file}:{version.line}",
    }


def say_value(version: Version, rulebook: Rulebook) -> Text:
    """A version's value in words: `90个自然日，从执照到期日往前算`."""
    value = version.value
    if value == NO_LIMIT and version.status is Status.OPEN:
        return Text("期限没有查到", "the time limit was not found")
    if value == NO_LIMIT and version.anchor:
        return Text("没有规定期限", "no time limit is set")
    if isinstance(value, tuple) and value and isinstance(value[0], Outcome):
        return _line("{n} 种处罚后果", "{n} outcomes", n=len(value))
    if isinstance(value, tuple):
        return Text("、".join(map(str, value)) or "无", ", ".join(map(str, value)) or "none")
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, int):
        return _say_amount(version, value, rulebook)
    if isinstance(value, str):
        return Text(value, value)
    return _line("次年 {opens} 至 {closes}", "{opens} to {closes} of the following year", **value)


def say_day(day: date) -> Text:
    """A date with its weekday."""
    iso = day.isoformat()
    return Text(f"{iso}（周{WEEKDAYS_ZH[day.weekday()]}）", f"{iso} ({WEEKDAYS_EN[day.weekday()]})")


def _say_amount(version: Version, amount: int, rulebook: Rulebook) -> Text:
    unit = rulebook.units.get(version.unit, Text(version.unit, version.unit))
    said = Text(f"{amount:,} {unit.zh}", f"{amount:,} {unit.en.removesuffix('s') if amount == 1 else unit.en}")
    if not version.anchor:
        return said
    anchor = rulebook.anchors[version.anchor]
    if version.direction is Direction.BEFORE:
        return _line("“{a}”前 {s}", "{s} before “{a}”", a=anchor, s=said)
    return _line("自“{a}”起 {s}", "{s} from “{a}”", a=anchor, s=said)


def _ground(resolution: Resolution) -> list[Text]:
    version = resolution.version
    lines = [
        _line(
            "依据：{c}（{level}；{confidence}；自 {since} 起；{observed} 查证）",
            "Ground: {c} ({level}; {confidence}; since {since}; observed {observed})",
            c=version.citation,
            level=LEVEL_NAMES[version.level],
            confidence=CONFIDENCE_NAMES[version.confidence],
            since=version.effective_from.isoformat(),
            observed=version.observed_on.isoformat(),
        )
    ]
    if resolution.policy:
        lines.append(
            _line(
                "政策：{label}（由 {by} 自 {since} 起设定）。",
                "Policy: {label} (set by {by} since {since}).",
                label=resolution.policy.label,
                by=resolution.policy.set_by,
                since=resolution.policy.since.isoformat(),
            )
        )
    if version.status in STATUS_NAMES:
        lines.append(STATUS_NAMES[version.status])
    if version.notes:
        lines.append(_line("说明：{n}", "Remark: {n}", n=version.notes))
    return lines


def _count(deadline: Deadline, rulebook: Rulebook) -> list[Text]:
    version = deadline.resolution.version
    anchor = rulebook.anchors[version.anchor]
    start = say_day(deadline.anchor_on)
    if deadline.due_at:
        at = deadline.due_at.strftime("%Y-%m-%d %H:%M")
        return [
            _line(
                "计算：从{a}起连续计时，节假日不停，到 {at}（北京时间）截止。",
                "Count: hours run on through holidays from “{a}” and end at {at} (China time).",
                a=anchor,
                at=at,
            )
        ]
    lines = [
        _line("计算：{a} {s} → {raw}。", "Count: {a} {s} → {raw}.", a=anchor, s=start, raw=say_day(deadline.raw_on))
    ]
    if deadline.window_opens_on and deadline.window_opens_on != deadline.anchor_on:
        lines.append(_line("办理窗口自 {d}开放。", "The window opens on {d}.", d=say_day(deadline.window_opens_on)))
    if deadline.due_on != deadline.raw_on:
        lines.append(
            _line(
                "{raw}不是工作日，顺延到 {due}；仍建议在 {adv}前办完。",
                "{raw} is a day off, so the limit runs on to {due}; we still advise {adv}.",
                raw=say_day(deadline.raw_on),
                due=say_day(deadline.due_on),
                adv=say_day(deadline.advised_on),
            )
        )
    elif deadline.advised_on != deadline.raw_on:
        lines.append(
            _line(
                "{raw}不是工作日；期限不因此推迟，建议提前到 {adv}。",
                "{raw} is a day off; the limit does not move, so act by {adv}.",
                raw=say_day(deadline.raw_on),
                adv=say_day(deadline.advised_on),
            )
        )
    if deadline.provisional:
        lines.append(
            Text(
                "暂定：相关年份的放假安排尚未公布（或未录入），工作日按周一至周五推算，公布后会重算。",
                "Provisional: a year's holiday arrangement is not published (or not loaded); "
                "Monday to Friday was assumed and the result will be computed anew.",
            )
        )
    return lines


def _others(resolution: Resolution, rulebook: Rulebook) -> list[Text]:
    return [_other(c, rulebook) for c in resolution.contradicted_by]


def _other(contradiction: Contradiction, rulebook: Rulebook) -> Text:
    version = contradiction.version
    return _line(
        "另有说法（未采用）：{v}——{c}（{level}）。{why}",
        "Also claimed, not followed: {v} — {c} ({level}). {why}",
        v=say_value(version, rulebook),
        c=version.citation,
        level=LEVEL_NAMES[version.level],
        why=contradiction.why,
    )


def _consequences(resolution: Resolution, rulebook: Rulebook) -> list[Text]:
    return [
        _line("不遵守的后果：{t}（{id}）", "If breached: {t} ({id})", t=rulebook.get_rule(name).title, id=name)
        for name in resolution.rule.consequence
    ]


def _line(zh: str, en: str, **values: object) -> Text:
    return Text(zh, en).format(**values)

"""规则: every rule in force, with its ground and who says otherwise; open to everybody, changed by nobody here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.exports import answer_with_table
from openbeian.entrypoints.web.gates import public
from openbeian.entrypoints.web.listing import LONGEST_WORDS, PAGE_SIZES
from openbeian.entrypoints.web.rule_wording import (
    KIND_WORDS,
    OTHER_SUBJECT,
    STATUS_WORDS,
    SUBJECTS,
    WIDTH,
    RuleRow,
    draw_time_line,
    find_subject,
    list_rule_rows,
    say_confidence,
    say_value_plainly,
)
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text
from openbeian.policies.models import PolicySetting
from openbeian.policies.queries import list_live_settings, list_policies, may_change_policy
from openbeian.rules.cases import Case, load_cases
from openbeian.rules.days import read_day, read_day_or_instant
from openbeian.rules.deadlines import Deadline, compute_deadline
from openbeian.rules.errors import NoRuleInForce
from openbeian.rules.explanation import CONFIDENCE_NAMES, explain_deadline, explain_resolution
from openbeian.rules.resolver import Policy, Resolution, resolve
from openbeian.rules.rule import LEVEL_NAMES, Confidence, Kind, Level, Rule, Status, Version
from openbeian.rules.rulebook import Rulebook, current_rulebook, rulebook_path

_CELL = Text("；", "; ")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks: whose law, of which day, in which area. A day that does not exist is said, not hidden."""

    on: date
    province: str
    fault: Text | None


def _read_asked(request: HttpRequest, rulebook: Rulebook) -> Asked:
    given, area = request.GET.get("on", "").strip(), request.GET.get("province", "")
    on, fault = clock.today(), None
    if given:
        try:
            on = read_day(given)
        except OpenBeianError as refusal:
            fault = refusal.text
    if on < rulebook.earliest_on:
        fault = Text(
            f"规则库最早的规定始于 {rulebook.earliest_on}，请选择之后的日期。",
            f"The first rule here begins on {rulebook.earliest_on}; choose a later day.",
        )
        on = clock.today()
    return Asked(on, area if area in rulebook.areas else "", fault)


def _policies_of(request: HttpRequest) -> list[Policy]:
    """What is followed for the reader: the installation's policies, and their organisation's if they are signed in."""
    actor: Actor | None = getattr(request, "actor", None)
    return list_policies(actor.organisation_id if actor else None)


@public
@require_safe
def show_rules(request: HttpRequest) -> HttpResponse:
    rulebook = current_rulebook()
    asked = _read_asked(request, rulebook)
    rows = list_rule_rows(rulebook, asked.on, asked.province or None, _policies_of(request))
    words = request.GET.get("q", "").strip()[:LONGEST_WORDS]
    chosen = {name: request.GET.get(name, "") for name in ("subject", "level", "confidence", "status")}
    shown = [row for row in rows if _matches(row, words, chosen)]
    if request.GET.get("format") == "csv":
        return _export(request, shown)
    size = request.GET.get("size", "")
    page = Paginator(shown, int(size) if size in map(str, PAGE_SIZES) else 50).get_page(
        request.GET.get("page", "1")[:9]
    )
    present = {row.subject for row in rows}
    query = request.GET.copy()
    query["format"] = "csv"
    context: dict[str, Any] = {
        "asked": asked,
        "q": words,
        "chosen": chosen,
        "page": page,
        "total": len(shown),
        "areas": rulebook.areas.values(),
        "subjects": [(k, t) for k, t in {**SUBJECTS, "other": OTHER_SUBJECT}.items() if k in present],
        "levels": LEVEL_NAMES.items(),
        "confidences": CONFIDENCE_NAMES.items(),
        "statuses": [(status, word) for status, (word, _, _) in STATUS_WORDS.items()],
        "csv_query": query.urlencode(),
        "digest": rulebook.digest[:12],
    }
    return render(request, "openbeian/rules/list.html", context)


def _matches(row: RuleRow, words: str, chosen: dict[str, str]) -> bool:
    version = row.version
    offered: dict[str, tuple[Any, str]] = {
        "subject": ({*SUBJECTS, "other"}, row.subject),
        "level": (set(Level), version.level),
        "confidence": (set(Confidence), version.confidence),
        "status": (set(Status), version.status),
    }
    for name, (values, mine) in offered.items():
        # A value nobody offers is an address somebody mistyped: it filters nothing.
        if chosen[name] in values and chosen[name] != mine:
            return False
    citation = version.citation
    said = (row.rule.id, row.rule.title.zh, row.rule.title.en, row.value.zh, row.value.en, citation.zh, citation.en)
    searched = " ".join(said).lower()
    return all(word in searched for word in words.lower().split())


def _export(request: HttpRequest, rows: Iterable[RuleRow]) -> HttpResponse:
    def say(text: Text) -> str:
        return say_text(request, text)

    header = [
        Text("规则", "Rule"),
        Text("名称", "Title"),
        Text("内容", "Says"),
        Text("依据", "Ground"),
        Text("效力", "Level"),
        Text("可信度", "Confidence"),
        Text("状态", "Status"),
        Text("自", "Since"),
        Text("查证日期", "Observed on"),
        Text("内部政策", "Policy"),
        Text("也有人说", "Also claimed"),
    ]
    table = (
        [
            row.rule.id,
            say(row.rule.title),
            say(row.value),
            say(row.version.citation),
            say(row.level),
            row.version.confidence.value,
            say(row.status[0]),
            row.version.effective_from.isoformat(),
            row.version.observed_on.isoformat(),
            say(row.policy.label) if row.policy else "",
            say(_CELL).join(say(text) for text in row.otherwise),
        ]
        for row in rows
    )
    return answer_with_table("openbeian-rules", "csv", [say(text) for text in header], table)


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A contradicting claim with why it is not followed, and what the reader may do about it."""

    version: Version
    value: Text
    level: Text
    why: Text | None
    live: tuple[PolicySetting, ...]


@public
@require_safe
def show_rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Raises: RuleUnknown."""
    rulebook = current_rulebook()
    rule = rulebook.get_rule(rule_id)
    asked = _read_asked(request, rulebook)
    policies = _policies_of(request)
    resolution, refusal = _resolve(rulebook, rule, asked, policies)
    followed = resolution.version if resolution else None
    actor: Actor | None = getattr(request, "actor", None)
    context: dict[str, Any] = {
        "rule": rule,
        "subject": SUBJECTS.get(find_subject(rule.id), OTHER_SUBJECT),
        "kind": KIND_WORDS[rule.kind],
        "asked": asked,
        "areas": rulebook.areas.values(),
        "resolution": resolution,
        "refusal": refusal,
        "followed": _view_version(followed, rulebook) if followed else None,
        "chain": explain_resolution(resolution, rulebook)[2:] if resolution else (),
        "line": draw_time_line(rule.statements, followed, asked.on, rulebook),
        "line_width": WIDTH,
        "versions": [_view_version(v, rulebook) for v in rule.versions],
        "claims": _list_claims(rule, resolution, rulebook, actor),
        "consequences": [rulebook.rules[i] for i in rule.consequence if i in rulebook.rules],
        "related": [rulebook.rules[i] for i in rule.related if i in rulebook.rules],
        "cases": _list_cases(rule.id, rulebook),
        "may_installation": actor is not None and may_change_policy(actor, None),
        "may_organisation": actor is not None
        and actor.organisation_id is not None
        and may_change_policy(actor, actor.organisation_id),
        "can_count": rule.kind in {Kind.LIMIT, Kind.ANNUAL_WINDOW},
        **_try_deadline(request, rulebook, rule, asked, policies),
    }
    return render(request, "openbeian/rules/rule.html", context)


def _resolve(
    rulebook: Rulebook, rule: Rule, asked: Asked, policies: list[Policy]
) -> tuple[Resolution | None, Text | None]:
    try:
        return resolve(rulebook, rule.id, asked.on, asked.province or None, policies), None
    except NoRuleInForce as refusal:
        return None, refusal.text


def _view_version(version: Version, rulebook: Rulebook) -> dict[str, Any]:
    word, tone, icon = STATUS_WORDS[version.status]
    return {
        "version": version,
        "value": say_value_plainly(version, rulebook),
        "level": LEVEL_NAMES[version.level],
        "confidence": say_confidence(version),
        "word": word,
        "tone": tone,
        "icon": icon,
        "areas": "、".join(sorted(version.provinces or ())),
    }


def _list_claims(rule: Rule, resolution: Resolution | None, rulebook: Rulebook, actor: Actor | None) -> list[ClaimView]:
    settings = list(list_live_settings(actor.organisation_id if actor else None).filter(rule_id=rule.id))
    why = {id(c.version): c.why for c in resolution.contradicted_by} if resolution else {}
    return [
        ClaimView(
            claim,
            say_value_plainly(claim, rulebook),
            LEVEL_NAMES[claim.level],
            why.get(id(claim), claim.why_not),
            tuple(s for s in settings if s.claim_id == claim.claim),
        )
        for claim in rule.claims
    ]


def _list_cases(rule_id: str, rulebook: Rulebook) -> list[Case]:
    """The worked cases beside a rule. A broken file of cases costs the page its examples, not its answer."""
    try:
        cases = _read_cases(rulebook_path(), rulebook.digest)
    except OpenBeianError:
        return []
    return [case for case in cases if case.question.get("rule") == rule_id]


@lru_cache(maxsize=2)
def _read_cases(folder: Path, digest: str) -> tuple[Case, ...]:
    """Read once for each rulebook, which the digest names."""
    return load_cases(folder)


def _try_deadline(
    request: HttpRequest, rulebook: Rulebook, rule: Rule, asked: Asked, policies: list[Policy]
) -> dict[str, Any]:
    """The test form: the deadline from a day, counted as of the day asked if one was named, else as of that day."""
    given = request.GET.get("anchor", "").strip()[:40]
    if not given:
        return {"anchor": ""}
    as_of = asked.on if request.GET.get("on") else None
    try:
        deadline: Deadline = compute_deadline(
            rule.id, read_day_or_instant(given), as_of, asked.province or None, policies, rulebook=rulebook
        )
    except OpenBeianError as refusal:
        return {"anchor": given, "deadline_refusal": refusal.text}
    return {"anchor": given, "deadline": deadline, "deadline_chain": explain_deadline(deadline, rulebook)}

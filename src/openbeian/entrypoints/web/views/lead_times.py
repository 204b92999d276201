"""Settings: how many days before each kind of obligation an organisation is told, beside what the rulebook proposes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from openbeian.entrypoints.web.charge_view import find_charge
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.wording import both
from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.obligations.actions.set_lead_times import set_lead_times
from openbeian.obligations.errors import LeadTimesUnfit
from openbeian.obligations.queries import LeadSetting, list_lead_settings
from openbeian.policies.queries import list_policies
from openbeian.rules.errors import DayBeforeAnyLaw, NoRuleInForce
from openbeian.rules.resolver import resolve
from openbeian.rules.rule import LEVEL_NAMES
from openbeian.rules.rulebook import current_rulebook

_BETWEEN = re.compile(r"[\s,，、;；/]+")
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One kind: its rule and ground, what is set, what was typed if that was refused, and why."""

    setting: LeadSetting
    rule_title: Text
    source: Text
    typed: str
    fault: Text | None


@needs("record.read", "policy.manage")
def show_lead_times(request: PortalRequest) -> HttpResponse:
    """A POST sets one kind: `kind`, and `days` as falling numbers; nothing typed gives back the rulebook's."""
    refused: tuple[str, str, Text] | None = None
    if request.method == "POST":
        kind, typed = request.POST.get("kind", "")[:60], request.POST.get("days", "")
        try:
            set_lead_times(request.actor, kind, read_lead_days(typed))
        except LeadTimesUnfit as refusal:
            refused = (kind, typed[:_LONGEST], refusal.text)
        else:
            messages.success(request, both("已保存，一分钟内按新的天数重算。", "Saved; computed anew within a minute."))
            return redirect("lead_times")
    context = {
        "rows": _list_rows(request, refused),
        "charge": find_charge(
            request.actor,
            "organisation",
            request.actor.organisation_id or 0,
            is_own=bool(request.actor.organisation_id),
        ),
        "may_change": request.actor.may("policy.manage") and request.actor.organisation_id is not None,
    }
    return render(request, "openbeian/settings/lead_times.html", context, status=422 if refused else 200)


def read_lead_days(typed: str) -> list[int]:
    """`180, 120 90` as numbers. Raises: LeadTimesUnfit."""
    words = [word for word in _BETWEEN.split(typed.strip()) if word]
    if len(typed) > _LONGEST or not all(word.isascii() and word.isdigit() and len(word) < 5 for word in words):
        raise LeadTimesUnfit
    return [int(word) for word in words]


def _list_rows(request: PortalRequest, refused: tuple[str, str, Text] | None) -> list[Row]:
    rulebook, today = current_rulebook(), clock.today()
    policies = list_policies(request.actor.organisation_id)
    rows = []
    for setting in list_lead_settings(request.actor):
        rule_id = setting.kind.rule
        try:
            version = resolve(rulebook, rule_id, today, None, policies).version
            ground = LEVEL_NAMES[version.level]
            source = Text("{c}（{g}）", "{c} ({g})").format(c=version.citation, g=ground)
        except (NoRuleInForce, DayBeforeAnyLaw):
            source = Text("今天没有现行规定", "Nothing is in force today")
        is_refused = refused is not None and refused[0] == setting.kind.id
        typed = refused[1] if refused and is_refused else ", ".join(map(str, setting.own))
        fault = refused[2] if refused and is_refused else None
        rows.append(Row(setting, rulebook.get_rule(rule_id).title, source, typed, fault))
    return rows

"""Switches a claim on as policy, and off again, from the rule's page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.wording import both
from openbeian.policies.actions.switch_policy_off import switch_policy_off
from openbeian.policies.actions.switch_policy_on import switch_policy_on
from openbeian.rules.days import read_day


@needs("policy.manage", "installation.manage")
@require_POST
def switch_on(request: PortalRequest, rule_id: str) -> HttpResponse:
    """Raises: NotPermitted, RuleUnknown, ClaimUnknown, PolicyRefused, PolicyAlreadyOn, DayImpossible."""
    since = request.POST.get("since", "").strip()
    whole = request.POST.get("scope") == "installation"
    switch_policy_on(
        request.actor,
        rule_id,
        request.POST.get("claim", ""),
        organisation_id=None if whole else request.actor.organisation_id,
        since=read_day(since) if since else None,
        note=request.POST.get("note", ""),
    )
    messages.success(
        request,
        both(
            "已启用为内部政策。由它产生的每个日期都会注明“并非法律规定”。",
            "Switched on as policy. Every date it causes will say that it is not law.",
        ),
    )
    return redirect("rule", rule_id)


@needs("policy.manage", "installation.manage")
@require_POST
def switch_off(request: PortalRequest, setting_id: int) -> HttpResponse:
    """Raises: PolicyNotFound."""
    setting = switch_policy_off(request.actor, setting_id)
    messages.success(request, both("政策已停用，恢复按现行规定办理。", "Switched off; the rule in force is followed."))
    return redirect("rule", setting.rule_id)

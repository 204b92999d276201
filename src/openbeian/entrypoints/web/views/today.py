"""今日: what needs this person now, in order of harm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from openbeian.cases.models import Case
from openbeian.cases.queries import list_cases_visible_to, list_procedures
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.obligation_view import summarise
from openbeian.entrypoints.web.views.cases import Row, make_rows
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text
from openbeian.rules.procedures import State

_MOST_SHOWN = 8
_SOON = timedelta(days=15)
_RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Concern:
    """One group of cases that wait for this person, with what to do about them."""

    title: Text
    advice: Text
    tone: str
    icon: str
    count: int
    rows: list[Row]
    url: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a queue, with the way to the list behind it."""

    label: Text
    count: int
    tone: str
    url: str


@needs()
def show_today(request: PortalRequest) -> HttpResponse:
    actor = request.actor
    concerns = _list_own_concerns(actor) if actor.may("case.write") else []
    queue = _count_queue(actor) if actor.may("case.review") or actor.may("case.decide") else []
    decided = _list_decided(actor) if actor.may("case.read") else []
    owed = summarise(actor) if actor.may("record.read") else None
    context: dict[str, Any] = {
        "concerns": concerns,
        "queue": queue,
        "owed": owed,
        "decided": decided,
        "worst": concerns[0].tone if concerns else "good",
        "may_file": actor.may("case.write"),
        "has_any": bool(concerns or decided or any(q.count for q in queue) or (owed and owed.count)),
    }
    return render(request, "openbeian/today.html", context)


def _list_own_concerns(actor: Actor) -> list[Concern]:
    """What waits for the applicant: nearest to being lost first."""
    own = (
        list_cases_visible_to(actor)
        .filter(organisation_id=actor.organisation_id or 0, is_open=True)
        .defer("form", "before")
    )
    soon = clock.today() + _SOON
    drafts = Q(state="draft")
    groups = [
        (
            Text("等待负责人短信核验", "Waiting for SMS confirmation"),
            Text(
                "请提醒所列负责人在截止前完成核验，超时会退回。",
                "Remind the persons named; out of time, the case comes back.",
            ),
            "bad",
            own.filter(state="awaiting_sms"),
            "?state=awaiting_sms",
        ),
        (
            Text("被退回，等您修改", "Returned to you"),
            Text("按退回原因修改后重新提交。", "Amend by the reasons given and submit again."),
            "warn",
            own.filter(state="needs_amendment"),
            "?state=needs_amendment",
        ),
        (
            Text("许可证申请须一次性补正", "Licence applications to correct"),
            Text(
                "只告知一次：按清单补齐后提交，再有缺漏将不予受理。",
                "You are told once: complete the list and submit; what still lacks is not accepted.",
            ),
            "warn",
            own.filter(state="needs_correction"),
            "?state=needs_correction",
        ),
        (
            Text("草稿即将失效", "Drafts about to lapse"),
            Text("继续填写或提交；保存一次，期限重新计算。", "Go on or submit; saving starts the days anew."),
            "warn",
            own.filter(drafts, due_on__lte=soon),
            "?state=draft&sort=due",
        ),
        (
            Text("填写中的草稿", "Drafts"),
            Text("填完后提交。", "Finish them and submit."),
            "calm",
            own.filter(drafts).exclude(due_on__lte=soon),
            "?state=draft",
        ),
    ]
    icons = {"bad": "clock-alert", "warn": "triangle-alert", "calm": "file-pen"}
    return [
        Concern(title, advice, tone, icons[tone], count, make_rows(_first(cases)), reverse("cases") + query)
        for title, advice, tone, cases, query in groups
        if (count := cases.count())
    ]


def _first(cases: QuerySet[Case]) -> Iterable[Case]:
    return cases.order_by("due_on", "pk")[:_MOST_SHOWN]


def _count_queue(actor: Actor) -> list[Figure]:
    """A reviewer's or an officer's queue by the time that is left, in one query."""
    side = "provider" if actor.may("case.review") else "administration"
    states = sorted({s.id for s in _all_states() if s.waits_for == side})
    cases = list_cases_visible_to(actor).filter(state__in=states, is_open=True)
    mine = Q(provider__organisation_id=actor.organisation_id) | Q(administration_id=actor.organisation_id)
    today = clock.today()
    counts = cases.filter(mine).aggregate(
        overdue=Count("pk", filter=Q(due_on__lt=today)),
        today=Count("pk", filter=Q(due_on=today)),
        soon=Count("pk", filter=Q(due_on__gt=today, due_on__lte=today + timedelta(days=3))),
        later=Count("pk", filter=Q(due_on__gt=today + timedelta(days=3)) | Q(due_on__isnull=True)),
    )
    labels = {
        "overdue": (Text("已超期", "Overdue"), "bad"),
        "today": (Text("今天到期", "Due today"), "warn"),
        "soon": (Text("三天内到期", "Due in three days"), "info"),
        "later": (Text("其余", "Later"), "calm"),
    }
    url = reverse("cases") + "?open=open&sort=due"
    return [Figure(label, counts[key], tone if counts[key] else "", url) for key, (label, tone) in labels.items()]


def _all_states() -> list[State]:
    return [s for p in list_procedures() for s in p.list_states()]


def _list_decided(actor: Actor) -> list[Row]:
    since = clock.now() - _RECENT
    decided = {s.id for s in _all_states() if s.is_closed and s.tone}
    cases = list_cases_visible_to(actor).filter(closed_at__gte=since, state__in=decided).defer("form", "before")
    return make_rows(cases.order_by("-closed_at")[:_MOST_SHOWN])

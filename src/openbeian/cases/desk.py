"""The review desk's queue: what waits for this person's side, by the time that is left, and what they decided last."""

from __future__ import annotations

from django.db.models import Count, F, Q, QuerySet

from openbeian.cases.models import Case
from openbeian.cases.queries import list_cases_visible_to, list_procedures
from openbeian.kernel.actor import Actor
from openbeian.rules.procedures import Side


def list_waiting_states(side: Side) -> list[str]:
    """The states in which a case waits for a side."""
    return sorted({s.id for p in list_procedures() for s in p.list_states() if s.waits_for == side})


def _waits_for(actor: Actor) -> Q:
    waiting = Q(pk__in=[])
    if actor.may("case.review"):
        waiting |= Q(provider__organisation_id=actor.organisation_id, state__in=list_waiting_states("provider"))
    if actor.may("case.decide"):
        # What goes over the interface or outside is decided there, not by pressing a button here.
        waiting |= Q(
            administration_id=actor.organisation_id,
            channel="inside",
            state__in=list_waiting_states("administration"),
        )
    return waiting


def list_queue(actor: Actor) -> QuerySet[Case]:
    """Cases that wait for this person's side, the most urgent first."""
    return (
        list_cases_visible_to(actor)
        .filter(_waits_for(actor))
        .select_related("first_reviewer")
        .order_by(F("due_on").asc(nulls_last=True), "entered_state_at", "pk")
    )


def list_recent(actor: Actor) -> QuerySet[Case]:
    """Cases on which this person acted, the last first: a decided case stays findable."""
    return (
        list_cases_visible_to(actor)
        .filter(steps__actor_id=actor.user_id)
        .annotate(acts=Count("steps"))
        .order_by("-entered_state_at", "-pk")
    )


def find_next(actor: Actor, after: Case) -> Case | None:
    """The next case of the queue after the one just worked on; None when the queue is empty."""
    others = list_queue(actor).exclude(pk=after.pk)
    free = others.filter(Q(first_reviewer__isnull=True) | Q(first_reviewer_id=actor.user_id))
    return free.first() or others.first()

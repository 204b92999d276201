"""Due items from the obligations: each lead day that is reached is told once, and being overdue once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from openbeian.kernel.actor import SYSTEM
from openbeian.kernel.text import Text
from openbeian.notifications.ports import DueItem
from openbeian.obligations.decisions import Stage
from openbeian.obligations.models import Obligation
from openbeian.obligations.queries import LeadDays, Shown, describe

_TELLS = (Stage.WINDOW_OPEN, Stage.DUE_SOON, Stage.OVERDUE)
_BATCH = 500


class ObligationDates:
    """What records owe; the limits of cases are told of by the cases' own dates."""

    def list_due_items(self, today: date) -> Iterator[DueItem]:
        rows = Obligation.objects.filter(stage__in=_TELLS, due_on__isnull=False, settled_at__isnull=True)
        batch: list[Obligation] = []
        leads = LeadDays()
        for row in rows.exclude(subject_kind="case").select_related("sponsor").order_by("pk").iterator(_BATCH):
            batch.append(row)
            if len(batch) == _BATCH:
                yield from _describe(batch, today, leads)
                batch = []
        yield from _describe(batch, today, leads)


def _describe(batch: list[Obligation], today: date, leads: LeadDays) -> Iterator[DueItem]:
    for shown in describe(batch, SYSTEM):
        if stage := _find_stage(shown, today, leads):
            last = min(leads.of(shown.row.organisation_id, shown.kind), default=0)
            yield DueItem(
                key=f"obligation:{shown.row.pk}:{shown.row.due_on}",
                stage=stage,
                kind="reminder.obligation",
                organisation_id=shown.row.organisation_id,
                permission="record.read",
                title=f"{shown.subject} {shown.kind.title.zh}".strip(),
                title_en=f"{shown.subject} {shown.kind.title.en}".strip(),
                subject=(shown.row.subject_kind, str(shown.row.subject_id)),
                path=f"/obligations/?subject={shown.row.subject_kind}:{shown.row.subject_id}",
                due_on=shown.row.due_on,
                detail=_say_detail(shown),
                owner_id=shown.in_charge.user_id if shown.in_charge else None,
                # Who does nothing on the first of many reminders neglects nothing yet.
                escalates_at=(f"before{last}", "overdue"),
            )


def _find_stage(shown: Shown, today: date, leads: LeadDays) -> str:
    """The nearest lead day that is reached (`before30`), `overdue`, or nothing yet."""
    row = shown.row
    assert row.due_on is not None
    if row.stage == Stage.OVERDUE:
        return "overdue"
    counted_from = row.anchor_on if shown.kind.lead_from == "anchor" and row.anchor_on else row.due_on
    left = (counted_from - today).days
    reached = [days for days in leads.of(row.organisation_id, shown.kind) if left <= days]
    return f"before{min(reached)}" if reached else ""


def _say_detail(shown: Shown) -> Text:
    """What to do, that a policy and no law asks for it where so, and what makes the day uncertain."""
    row = shown.row
    parts = [shown.kind.action]
    if row.advised_on and row.advised_on != row.due_on and row.stage != Stage.OVERDUE:
        parts.append(Text("建议最迟 {d} 办理。", "Better by {d}.").format(d=row.advised_on))
    parts += [text for text in (shown.policy, shown.doubt) if text]
    return Text("".join(p.zh for p in parts), " ".join(p.en for p in parts))

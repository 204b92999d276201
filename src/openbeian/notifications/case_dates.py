"""Due items from the cases' own dates: reviews at their limit, returned cases nobody amends, SMS about to expire."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import QuerySet

from openbeian.cases.decisions.turns import compute_acting
from openbeian.cases.models import Case, SmsConfirmation
from openbeian.cases.queries import get_channels, get_procedure, list_procedures
from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.notifications.audience import SIDE_PERMISSIONS, describe_case, find_organisation, find_owner, link_case
from openbeian.notifications.ports import NOTHING, DueItem

# When this product reminds; the limits themselves come from the rulebook with each case.
_REVIEW_AHEAD = timedelta(days=1)
_AMENDMENT_AFTER_DAYS = (14, 7, 3)
_SMS_AHEAD = timedelta(hours=6)


class CaseDates:
    """What cases wait for today."""

    def list_due_items(self, today: date) -> Iterator[DueItem]:
        yield from _list_reviews(today)
        yield from _list_amendments(today)
        yield from _list_confirmations()


def _list_open(states: list[str]) -> QuerySet[Case]:
    cases = Case.objects.filter(is_open=True, state__in=states).select_related("provider", "sponsor")
    return cases.defer("before").order_by("pk")


def _list_states(*waits_for: str) -> list[str]:
    return sorted({s.id for p in list_procedures() for s in p.list_states() if s.waits_for in waits_for})


def _list_reviews(today: date) -> Iterator[DueItem]:
    """Cases before a reviewer or an officer whose limit ends tomorrow, today, or has ended."""
    cases = _list_open(_list_states("provider", "administration")).filter(due_on__lte=today + _REVIEW_AHEAD)
    for case in cases.iterator(chunk_size=500):
        waits_for = get_procedure(case.procedure).state(case.state).waits_for
        assert waits_for is not None
        side = compute_acting(waits_for, case.state, get_channels(case)).side
        late = case.due_on is not None and case.due_on < today
        if item := _write(case, "reminder.review", side, "late" if late else "due"):
            yield item


def _list_amendments(today: date) -> Iterator[DueItem]:
    """Returned cases that their applicant has left alone for some days; drafts are warned of by the cases' own job."""
    initial = {p.flow.initial for p in list_procedures()}
    editable = {s.id for p in list_procedures() for s in p.list_states() if s.is_editable}
    for case in _list_open(sorted(editable - initial)).iterator(chunk_size=500):
        days = (today - clock.legal_day(case.entered_state_at)).days
        reached = next((n for n in _AMENDMENT_AFTER_DAYS if days >= n), None)
        if reached is None:
            continue
        detail = Text(f"已退回 {days} 天。", f"Returned {days} days ago.")
        if item := _write(case, "reminder.amendment", "applicant", f"after{reached}", detail=detail):
            yield item


def _list_confirmations() -> Iterator[DueItem]:
    """Cases in which somebody's code expires within hours: one item per round of codes."""
    now = clock.now()
    waiting = SmsConfirmation.objects.filter(
        state=SmsConfirmation.State.WAITING,
        expires_at__gt=now,
        expires_at__lte=now + _SMS_AHEAD,
        case__state="awaiting_sms",
    )
    seen: set[int] = set()
    for confirmation in waiting.select_related("case__provider", "case__sponsor").order_by("case_id", "expires_at"):
        case = confirmation.case
        if case.pk in seen or confirmation.round != case.confirmation_round:
            continue
        seen.add(case.pk)
        local = confirmation.expires_at.astimezone(clock.CHINA)
        detail = Text(f"北京时间 {local:%H:%M} 截止。", f"It ends at {local:%H:%M} China time.")
        if item := _write(case, "reminder.sms", "applicant", "soon", detail=detail, due_on=local.date()):
            yield item


def _write(
    case: Case, kind: str, side: str, stage: str, *, detail: Text = NOTHING, due_on: date | None = None
) -> DueItem | None:
    organisation_id = find_organisation(case, side)
    if organisation_id is None:
        return None
    entered = f"{case.entered_state_at:%Y%m%d%H%M%S}"
    return DueItem(
        key=f"{kind}:{case.pk}:{entered}",
        stage=stage,
        kind=kind,
        organisation_id=organisation_id,
        permission=SIDE_PERMISSIONS[side],
        title=describe_case(case),
        subject=("case", str(case.pk)),
        path=link_case(case, side),
        due_on=due_on or case.due_on,
        detail=detail,
        owner_id=find_owner(case, side),
    )

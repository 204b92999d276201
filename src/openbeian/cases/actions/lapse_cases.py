"""Warns of drafts that stand still, and lapses them after the last day; their data stays."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from openbeian.cases.events import CaseWarned
from openbeian.cases.limits import get_number, get_rule
from openbeian.cases.models import Case
from openbeian.cases.queries import list_procedures
from openbeian.cases.turning import begin, concerned, finish
from openbeian.journal.actions.record_event import record_event
from openbeian.journal.models import Entry
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM

_STANDS_STILL = "filing.draft.lapse"


def lapse_cases() -> dict[str, int]:
    """Goes through editable cases that wait for their applicant; returns how many were warned and lapsed.

    Progress is what counts: saving a draft starts the days anew, as does being returned. Safe to repeat.
    """
    today, counts = clock.today(), {"warned": 0, "lapsed": 0}
    limited = sorted({s.id for p in list_procedures() for s in p.list_states() if s.limit == _STANDS_STILL})
    for case_id in Case.objects.filter(state__in=limited, is_open=True).values_list("pk", flat=True).iterator():
        with transaction.atomic():
            case = Case.objects.select_for_update(of=("self",)).select_related("provider").get(pk=case_id)
            if case.state in limited:
                _judge(case, today, counts)
    return counts


def _judge(case: Case, today: date, counts: dict[str, int]) -> None:
    still_since = clock.legal_day(max(case.saved_at, case.entered_state_at))
    days = (today - still_since).days
    if days > get_number(_STANDS_STILL, today, case.province):
        # The person who worked on it last may have left: the program acts, on the flow's own verb.
        finish(begin(SYSTEM, case.pk, "lapse", None))
        counts["lapsed"] += 1
        return
    for threshold in _warning_days(today):
        mark = {"days": threshold, "since": still_since.isoformat()}
        if (
            days >= threshold
            and not Entry.objects.filter(
                subject_kind="case", subject_id=str(case.pk), event=CaseWarned.name, after=mark
            ).exists()
        ):
            record_event(CaseWarned, SYSTEM, ("case", case.pk), concerns=concerned(case), after=mark)
            counts["warned"] += 1


def _warning_days(today: date) -> tuple[int, ...]:
    """The days on which a draft's owner is warned; the rule names one or several."""
    value = get_rule("filing.draft.warn", today).value
    days = value if isinstance(value, tuple) else (value,)
    return tuple(int(str(d)) for d in days)

"""Lets the law speak where an authority is silent: late completeness notices, and renewals undecided at the end.

Source: Licensing Law arts. 32 and 50.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from openbeian.cases.licensing import compute_renewal_deadline, find_applied_on
from openbeian.cases.models import Case
from openbeian.cases.outcomes import apply_outcome
from openbeian.cases.queries import get_procedure, list_procedures
from openbeian.cases.turning import begin, finish
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM
from openbeian.registry.errors import NothingToRenew


def deem_licence_cases() -> dict[str, int]:
    """Goes through open applications at authorities; returns how many count as accepted and as renewed. Safe to repeat.

    A renewal that was applied for in time counts as renewed on the day after the licence's end.
    """
    counts = {"accepted": 0, "renewed": 0}
    states: dict[str, set[str]] = {"deem_accepted": set(), "deem_granted": set()}
    for procedure in list_procedures():
        for state in procedure.list_states():
            for verb in states.keys() & state.verbs.keys():
                states[verb].add(state.id)
    today = clock.today()
    late = Case.objects.filter(is_open=True, state__in=states["deem_accepted"], due_on__lt=today)
    for case_id in late.values_list("pk", flat=True):
        with transaction.atomic():
            case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
            if case.state in states["deem_accepted"] and case.due_on and case.due_on < today:
                finish(begin(SYSTEM, case.pk, "deem_accepted", None))
                counts["accepted"] += 1
    ended = Case.objects.filter(is_open=True, state__in=states["deem_granted"], licence__valid_until__lt=today)
    for case_id in ended.filter(procedure="licence_renewal").values_list("pk", flat=True):
        counts["renewed"] += _deem_renewed(case_id)
    return counts


def _deem_renewed(case_id: int) -> int:
    with transaction.atomic():
        turning = begin(SYSTEM, case_id, "deem_granted", None)
        licence = turning.case.licence
        assert licence is not None
        applied, last = find_applied_on(turning.case), compute_renewal_deadline(licence.valid_until).due_on
        if applied is None or applied > last or licence.valid_until >= clock.today():
            return 0
        try:
            with transaction.atomic():
                after = apply_outcome(SYSTEM, turning.case, get_procedure(turning.case.procedure), "", ())
        except NothingToRenew:
            return 0  # nothing was open: the silence renews nothing
        finish(turning, after={**after, "ended_on": (licence.valid_until + timedelta(days=1)).isoformat()})
    return 1

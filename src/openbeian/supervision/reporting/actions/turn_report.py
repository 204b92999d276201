"""What the authority does with a report: return it, list its holder, take it off the list; and the old inspection's steps."""

from __future__ import annotations

from django.db import transaction

from openbeian.kernel.actor import Actor
from openbeian.supervision.reporting.errors import ReportTurnNotPossible
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.queries import get_rules_of, get_state
from openbeian.supervision.reporting.turning import Reasons, find_turn, finish, lock_report

# Handing in has checks of its own.
_SUBMITS = frozenset({"submit", "submit_late"})


def turn_report(
    actor: Actor, report_id: int, verb: str, *, revision: int | None = None, reasons: Reasons = (), note: str = ""
) -> AnnualReport:
    """Where no officers work here, the holder records what the authority did on its platform, with a note.

    Raises: ReportNotYours, ReportMovedOn, ReportTurnNotPossible, ReportReasonsMissing.
    """
    with transaction.atomic():
        report = lock_report(actor, report_id, revision)
        if verb in _SUBMITS:
            raise ReportTurnNotPossible(
                state=get_state(report).label, verb=get_rules_of(report).flows[report.regime].verbs[verb]
            )
        finish(actor, report, verb, find_turn(actor, report, verb), reasons=reasons, note=note)
        return report

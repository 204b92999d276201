"""Notes that a finding is said to be fixed, and asks for a look at once."""

from __future__ import annotations

from django.db import transaction

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.supervision.decisions import Verb
from openbeian.supervision.events import FindingReportedFixed
from openbeian.supervision.finding_turns import record_turn
from openbeian.supervision.holding import lock_own, turn
from openbeian.supervision.models import Finding, Petition
from openbeian.supervision.rechecking import queue_recheck


def report_fixed(actor: Actor, finding_id: int) -> Finding:
    """→ 待复查. The look that follows closes the finding or sends it back. An extension still asked for is dropped.

    Raises: NotPermitted, FindingNotYours, TurnNotOpen.
    """
    with transaction.atomic():
        finding = lock_own(actor, finding_id)
        before = finding.state
        finding.state = turn(finding, Verb.REPORT_FIXED)
        finding.save()
        waiting = Petition.objects.filter(finding=finding, decided_at__isnull=True)
        waiting.update(decided_at=clock.now(), decided_by_name=actor.name, answer="已报告整改完成。 Reported fixed.")
        queue_recheck(actor, finding.site_id)
        record_turn(actor, FindingReportedFixed, finding, before)
    return finding

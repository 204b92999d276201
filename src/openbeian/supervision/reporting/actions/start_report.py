"""Begins a year's report for a licence, with every figure that something here already knows."""

from __future__ import annotations

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.kernel.text import Text
from openbeian.registry.errors import RecordNotYours
from openbeian.registry.models import Licence
from openbeian.supervision.reporting.beginning import begin_report
from openbeian.supervision.reporting.decisions.windows import explain_owed
from openbeian.supervision.reporting.errors import ReportNotOwed
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.queries import find_regimes


def start_report(actor: Actor, licence_id: int, year: int, *, regime: str = "report") -> AnnualReport:
    """A draft of one's own organisation. `regime` is report, or inspection for years to which that applied.

    Raises: NotPermitted, RecordNotYours, ReportNotOwed, ReportOnRecord.
    """
    check_permitted(actor, "case.write")
    if actor.organisation_id is None:
        raise NotPermitted(permission="case.write")
    own = Licence.objects.select_related("sponsor").filter(organisation_id=actor.organisation_id)
    licence = own.filter(pk=licence_id).first()
    if licence is None:
        raise RecordNotYours
    today = clock.today()
    why = explain_owed(licence.issued_on, licence.cancelled_on, licence.valid_until, year, today)
    regimes = find_regimes(year, actor.organisation_id)
    if why is None and regime not in regimes:
        why = _explain_regime(regime)
    if why is not None:
        raise ReportNotOwed(number=licence.number, year=year, why=why)
    return begin_report(actor, licence, year, regime, is_policy=regimes[regime])


def _explain_regime(regime: str) -> Text:
    if regime == "inspection":
        return Text(
            "2017 年 9 月 1 日起已由年报取代年检；要作为内部检查，请管理员在规则页打开政策。",
            "The report replaced the inspection on 2017-09-01; as an internal check it is a policy on the rules page.",
        )
    return Text(
        "那一年实行的是年检，或没有查到当年的规定。", "That year had the inspection, or no rule of it is known."
    )

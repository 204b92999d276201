"""What the record itself proves done: a report handed in, a renewal applied for. Called as the journal is followed."""

from __future__ import annotations

from collections.abc import Iterable

from openbeian.cases.models import Case
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM
from openbeian.obligations.decisions import SETTLED, Stage
from openbeian.obligations.events import ObligationSettledByEvidence
from openbeian.obligations.models import Obligation
from openbeian.obligations.settling import describe_settled
from openbeian.supervision.reporting.models import AnnualReport

PROVING = frozenset({"report.submitted", "report.submitted_late", "report.removed", "case.submitted"})
"""The events that may prove an obligation done."""

_REPORTS = ("licence.annual_report", "licence.annual_report_make_up")
_NUMBER_REPORTS = ("number.annual_report",)


def settle_by_record(facts: Iterable[tuple[str, str]]) -> int:
    """`facts` are (event, subject id) of entries in PROVING; returns how many obligations are done by them.

    In the caller's transaction; what is settled already stays as it is.
    """
    settled = 0
    for event, subject_id in facts:
        if not subject_id.isdecimal():
            continue
        if event == "case.submitted":
            settled += _settle_renewal(int(subject_id))
        else:
            settled += _settle_report(int(subject_id))
    return settled


def _settle_report(report_id: int) -> int:
    report = AnnualReport.objects.filter(pk=report_id).exclude(regime=AnnualReport.Regime.INSPECTION).first()
    if report is not None and report.submitted_at is None and report.removed_on is not None:
        # Made good elsewhere: the authority confirmed it by taking the holder off its list.
        assert report.licence_id is not None  # numbers are never listed
        why = f"{report.year} 年度年报：发证机关已于 {report.removed_on} 移出不良名单"
        return _settle("licence", report.licence_id, _REPORTS, str(report.year), why)
    if report is None or report.submitted_at is None:
        return 0
    day, year = clock.legal_day(report.submitted_at).isoformat(), str(report.year)
    if report.number_resource_id is not None:
        why = f"{year} 年度码号年报已于 {day} 报送"
        return _settle("number", report.number_resource_id, _NUMBER_REPORTS, year, why)
    assert report.licence_id is not None  # the table's constraint says so
    return _settle("licence", report.licence_id, _REPORTS, year, f"{year} 年度年报已于 {day} 报送")


def _settle_renewal(case_id: int) -> int:
    case = Case.objects.filter(pk=case_id, procedure="licence_renewal", licence__isnull=False)
    found = case.values_list("licence_id", "licence__valid_until", "reference").first()
    if found is None or found[0] is None or found[1] is None:
        return 0
    licence_id, valid_until, reference = found
    return _settle("licence", licence_id, ("licence.renewal",), valid_until.isoformat(), f"已提交延续申请 {reference}")


def _settle(subject_kind: str, subject_id: int, kinds: tuple[str, ...], cycle: str, why: str) -> int:
    rows = Obligation.objects.select_for_update(of=("self",)).filter(
        subject_kind=subject_kind, subject_id=subject_id, kind__in=kinds, cycle=cycle
    )
    count = 0
    for row in rows.exclude(stage__in=SETTLED):
        before = row.stage
        row.stage, row.settled_at, row.settled_why = Stage.DONE, clock.now(), why
        row.save(update_fields=["stage", "settled_at", "settled_why"])
        record_event(
            ObligationSettledByEvidence,
            SYSTEM,
            ("obligation", row.pk),
            concerns=(row.organisation_id,),
            before={"stage": before},
            after=describe_settled(row),
        )
        count += 1
    return count

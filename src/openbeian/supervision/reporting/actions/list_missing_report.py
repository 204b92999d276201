"""Puts a holder on the bad list whose report of a year never came here, on the officer's own statement."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.registry.errors import RecordNotYours
from openbeian.supervision.reporting.beginning import write_report
from openbeian.supervision.reporting.errors import ListingUnfit
from openbeian.supervision.reporting.events import ReportMissed
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.prefilling import draw_first_values, list_reports_of
from openbeian.supervision.reporting.queries import find_window, get_report_rules, list_missing_reports
from openbeian.supervision.reporting.turning import find_authority_id, find_turn, finish

REASON_LENGTH = (5, 500)
_REGIME = AnnualReport.Regime.REPORT


def list_missing_report(
    actor: Actor, licence_id: int, year: int, *, ordered_until: date | None, statement: str, is_stated: bool
) -> AnnualReport:
    """→ 列入不良名单. That nothing came here proves nothing: reports are handed in elsewhere as well.

    So the officer states (`is_stated`) that it is missing there too, says where and how that was seen (`statement`), and
    until when the holder had been ordered to report: only who misses that day is listed (Licence Measures, art. 38).
    A draft that the holder began keeps what was typed, and the officer reads none of it.

    Raises: NotPermitted, RecordNotYours, ListingUnfit with every fault by field, ReportTurnNotPossible.
    """
    check_permitted(actor, "case.decide")
    licence = list_missing_reports(actor, year).select_related("sponsor").filter(pk=licence_id).first()
    if licence is None:
        raise RecordNotYours
    statement = " ".join(statement.split())
    faults = [*_check_day(year, ordered_until), *_check_statement(statement, is_stated=is_stated)]
    if faults:
        raise ListingUnfit(faults=faults)
    drawn = {}
    if not list_reports_of(licence, year, _REGIME).exists():
        drawn = draw_first_values(get_report_rules(), licence, year, _REGIME)
    with transaction.atomic():
        report = list_reports_of(licence, year, _REGIME).select_for_update(of=("self",)).first()
        if report is None:
            report = write_report(actor, licence, year, _REGIME, drawn, ReportMissed)
        else:
            record_event(
                ReportMissed,
                actor,
                ("report", report.pk),
                concerns=(report.organisation_id, find_authority_id(report)),
                after={"licence": licence.number, "year": year},
            )
        assert ordered_until is not None
        note = f"责令报送期限 {ordered_until.isoformat()}；{statement}"[:500]
        finish(actor, report, "list", find_turn(actor, report, "list"), reasons=[{"code": "missed"}], note=note)
    return report


def _check_day(year: int, ordered_until: date | None) -> list[Fault]:
    closes = find_window(year).closes_on
    if closes is None or clock.today() <= closes:
        message = Text(f"{year} 年度的报送窗口还没有结束。", f"The window for {year} has not closed.")
        return [
            _fault("year", message, Text("窗口结束并责令后仍未报的才列入。", "Wait until it has, and order first."))
        ]
    if ordered_until is None:
        message = Text("没有填责令报送的期限。", "The day of the order is missing.")
        fix = Text("填责令通知上写明的日期，如 2026-04-30。", "Give the day of the order, as 2026-04-30.")
        return [_fault("ordered_until", message, fix)]
    if closes < ordered_until < clock.today():
        return []
    message = Text(
        f"责令的期限须在 {closes} 之后、今天之前。", f"The day of the order lies after {closes} and before today."
    )
    fix = Text("先责令限期报送，到期仍未报的才列入名单。", "Order first; list only who misses that day.")
    return [_fault("ordered_until", message, fix, ordered_until.isoformat())]


def _check_statement(statement: str, *, is_stated: bool) -> list[Fault]:
    faults = []
    least, most = REASON_LENGTH
    if not least <= len(statement) <= most or not statement.isprintable():
        message = Text(f"理由须为 {least} 至 {most} 个字。", f"The reason has {least} to {most} characters.")
        fix = Text("写明责令文号，以及何时在何处查过没有报送。", "Name the order, and where and when you looked.")
        faults.append(_fault("statement", message, fix, statement[:60]))
    if not is_stated:
        message = Text("没有确认该年度在其他系统也未报送。", "It is not stated that nothing was handed in elsewhere.")
        fix = Text("本系统无法判断，请核实后勾选。", "This installation cannot tell; look there, then tick the box.")
        faults.append(_fault("is_stated", message, fix))
    return faults


def _fault(field: str, message: Text, fix: Text, value: str = "") -> Fault:
    return Fault(field, message, fix, f"report.listing_{field}", value)

"""The one place where a report's state changes: load and lock, check verb and window, write step, state and journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from openbeian.accounts.models import Organisation
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.registry.licence_values import MINISTRY
from openbeian.rules.procedures import Turn
from openbeian.supervision.reporting.decisions.report_checks import find_report_faults
from openbeian.supervision.reporting.errors import (
    ReportFrozen,
    ReportMovedOn,
    ReportNotYours,
    ReportReasonsMissing,
    ReportTurnNotPossible,
    WindowClosed,
)
from openbeian.supervision.reporting.events import OF_VERB
from openbeian.supervision.reporting.models import AnnualReport, ReportStep
from openbeian.supervision.reporting.prefilling import find_last_year
from openbeian.supervision.reporting.queries import (
    find_window,
    get_report,
    get_rules_of,
    get_sides,
    get_state,
    list_possible_turns,
)
from openbeian.supervision.reporting.subjects import read_on_record

Reasons = Iterable[Mapping[str, Any]]
_MOST_REASONS = 20


def lock_report(actor: Actor, report_id: int, revision: int | None) -> AnnualReport:
    """Raises: ReportNotYours, ReportMovedOn for a stale revision."""
    if not connection.in_atomic_block:
        raise RuntimeError("a report is locked inside a transaction")
    report = get_report(actor, report_id, lock=True)
    if revision is not None and revision != report.revision:
        raise ReportMovedOn(state=get_state(report).label)
    return report


def open_for_edits(actor: Actor, report_id: int, revision: int | None) -> AnnualReport:
    """The report, locked, if its holder may write into it now. Raises: as `lock_report`, ReportFrozen."""
    report = lock_report(actor, report_id, revision)
    if "applicant" not in get_sides(actor, report):
        raise ReportNotYours
    state = get_state(report)
    if not state.is_editable:
        raise ReportFrozen(state=state.label)
    return report


def find_turn(actor: Actor, report: AnnualReport, verb: str) -> Turn:
    """Raises: ReportTurnNotPossible."""
    for possible, turn in list_possible_turns(actor, report):
        if possible == verb:
            return turn
    flow = get_rules_of(report).flows[report.regime]
    raise ReportTurnNotPossible(state=get_state(report).label, verb=flow.verbs.get(verb, verb))


def list_faults(report: AnnualReport) -> list[Fault]:
    """Every fault of the report as it stands."""
    before = find_last_year(report.subject, report.year, report.regime)
    return find_report_faults(
        get_rules_of(report),
        tuple(report.codes),
        report.figures,
        read_on_record(report.subject),
        tuple(report.promises),
        report.signed_by,
        before.figures if before else {},
    )


def choose_submit_verb(report: AnnualReport) -> str:
    """`submit` in the window, `submit_late` after it where the state allows it.

    A report returned after the window counts as handed in when it first was. From the bad list one may always make
    up. Raises: WindowClosed before the window, and after the make-up month for what was never asked for.
    """
    verbs = get_state(report).verbs
    if report.regime == AnnualReport.Regime.INSPECTION:
        return "submit"
    if "submit" not in verbs:
        return "submit_late"
    window = find_window(report.year, report.regime)
    phase = window.find_phase(clock.today())
    if phase in {"open", "unknown"} or (report.state == "returned" and not _was_late(report)):
        return "submit"
    if phase == "early":
        why = Text("窗口还没有开，可以先填写、暂存。", "the window has not opened; fill in and save meanwhile.")
        raise WindowClosed(year=report.year, opens=window.opens_on, closes=window.closes_on, why=why)
    return "submit_late"


def _was_late(report: AnnualReport) -> bool:
    last = report.steps.filter(verb__in=("submit", "submit_late")).order_by("-pk").first()
    return last is not None and last.verb == "submit_late"


def check_reasons(report: AnnualReport, reasons: Reasons, *, needed: bool) -> list[dict[str, str]]:
    """Reasons in stored form. Raises: ReportReasonsMissing for none, an unknown code, or “other” without words."""
    known, checked = get_rules_of(report).reasons, []
    for reason in list(reasons)[:_MOST_REASONS]:
        code, note = str(reason.get("code", "")), str(reason.get("note", "")).strip()[:500]
        if code not in known or (code == "other" and not note):
            raise ReportReasonsMissing
        checked.append({"code": code, "path": str(reason.get("path", ""))[:80], "note": note})
    if needed and not checked:
        raise ReportReasonsMissing
    return checked


def finish(actor: Actor, report: AnnualReport, verb: str, turn: Turn, *, reasons: Reasons = (), note: str = "") -> None:
    """Moves the report, writes its step and the journal entry. Raises: ReportReasonsMissing."""
    checked = check_reasons(report, reasons, needed=turn.needs_reasons)
    before, now = report.state, clock.now()
    report.state, report.revision, report.saved_at = turn.to, report.revision + 1, now
    if verb == "list":
        report.listed_on = clock.today()
    elif verb == "remove":
        report.removed_on = clock.today()
    report.save()
    ReportStep.objects.create(
        report=report,
        verb=verb,
        from_state=before,
        to_state=turn.to,
        at=now,
        actor_id=actor.user_id,
        actor_name=actor.name,
        reasons=checked,
        note=note.strip()[:500],
    )
    record_event(
        OF_VERB[verb],
        actor,
        ("report", report.pk),
        concerns=(report.organisation_id, find_authority_id(report)),
        before={"state": before},
        after={"state": turn.to, name_subject(report): report.subject.number, "year": report.year, **({"reasons": checked} if checked else {})},
    )  # fmt: skip


def name_subject(report: AnnualReport) -> str:
    """`licence` or `number`: how the journal calls what the report is of."""
    return "number" if report.is_of_number else "licence"


def find_authority_id(report: AnnualReport) -> int | None:
    """The organisation of the authority that takes the report, where it works here."""
    if not report.taken_by:
        return None
    province = "" if report.taken_by == MINISTRY else report.taken_by
    found = Organisation.objects.filter(kind="administration", province=province)
    return found.order_by("pk").values_list("pk", flat=True).first()

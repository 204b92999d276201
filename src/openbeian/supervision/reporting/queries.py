"""Reading annual reports and complaints: whose they are, what may be done, what the register counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet

from openbeian.accounts.models import Organisation
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text
from openbeian.policies.queries import list_policies
from openbeian.registry.licence_values import MINISTRY
from openbeian.registry.models import Licence
from openbeian.rules.annual_report import FOLDERS, ReportRules, load_report_rules
from openbeian.rules.deadlines import compute_deadline
from openbeian.rules.errors import NoRuleInForce, RuleHasNoLimit
from openbeian.rules.procedures import Side, State, Turn
from openbeian.rules.resolver import resolve
from openbeian.rules.rule import Confidence, Status
from openbeian.rules.rulebook import current_rulebook
from openbeian.supervision.reporting.decisions.windows import Window
from openbeian.supervision.reporting.errors import ComplaintNotYours, ReportNotYours
from openbeian.supervision.reporting.models import AnnualReport, Complaint

ANSWER_RULE = "complaint.operator_answer"
"""Counts the days to a complaint's answer."""


def get_report_rules(regime: str = AnnualReport.Regime.REPORT) -> ReportRules:
    """The forms, checks and states of a regime; report and inspection have the same forms."""
    of_number = regime == AnnualReport.Regime.NUMBER
    return load_report_rules(settings.RULEBOOK_FOLDER, FOLDERS[1] if of_number else FOLDERS[0])


def get_rules_of(report: AnnualReport) -> ReportRules:
    return get_report_rules(report.regime)


def list_reports_visible_to(actor: Actor) -> QuerySet[AnnualReport]:
    """Own reports; for an administration those handed in under the licences it issued or of numbers it assigned."""
    reports = AnnualReport.objects.select_related(
        "licence__sponsor", "organisation", "number_resource__licence__sponsor", "number_resource__organisation"
    )
    if actor.is_system:
        return reports
    if not actor.may("record.read") or actor.organisation_id is None:
        return reports.none()
    mine = Q(organisation_id=actor.organisation_id)
    if actor.organisation_kind == "administration":
        handed_in = Q(submitted_at__isnull=False) | Q(listed_on__isnull=False)
        authority = actor.province or MINISTRY
        mine |= handed_in & (Q(licence__authority=authority) | Q(licence__isnull=True, authority=authority))
    return reports.filter(mine)


def get_report(actor: Actor, report_id: int, *, lock: bool = False) -> AnnualReport:
    """Raises: ReportNotYours, also when there is none."""
    reports = list_reports_visible_to(actor)
    if lock:
        reports = reports.select_for_update(of=("self",))
    try:
        return reports.get(pk=report_id)
    except AnnualReport.DoesNotExist:
        raise ReportNotYours from None


def may_read_figures(actor: Actor, report: AnnualReport) -> bool:
    """What a holder typed is theirs until they hand it in, also while they stand on the bad list."""
    return actor.is_system or report.organisation_id == actor.organisation_id or report.submitted_at is not None


def get_readable_report(actor: Actor, report_id: int) -> AnnualReport:
    """One whose figures the actor may read. Raises: ReportNotYours."""
    report = get_report(actor, report_id)
    if not may_read_figures(actor, report):
        raise ReportNotYours
    return report


def list_missing_reports(actor: Actor, year: int) -> QuerySet[Licence]:
    """Licences of the actor's administration that owed a year's report of which nothing was handed in here.

    That it was handed in elsewhere cannot be told from this. A holder's draft makes no difference and is not told of.
    """
    if actor.organisation_kind != "administration" or not actor.may("case.decide"):
        return Licence.objects.none()
    first, last = date(year, 1, 1), date(year, 12, 31)
    reports = AnnualReport.objects.filter(year=year, regime=AnnualReport.Regime.REPORT)
    here = reports.filter(Q(submitted_at__isnull=False) | Q(listed_on__isnull=False))
    owed = Q(issued_on__lte=last, valid_until__gte=first)
    owed &= Q(cancelled_on__isnull=True) | Q(cancelled_on__gte=first)
    rows = Licence.objects.filter(owed, authority=actor.province or MINISTRY)
    return rows.exclude(pk__in=here.values("licence_id"))


def get_state(report: AnnualReport) -> State:
    return get_rules_of(report).flows[report.regime].states[report.state]


def has_officers(authority: str) -> bool:
    """Whether an authority's officers work in this installation; else the holder records what it does."""
    if not authority:
        return False
    province = "" if authority == MINISTRY else authority
    return Organisation.objects.filter(kind="administration", province=province).exists()


def get_sides(actor: Actor, report: AnnualReport) -> frozenset[Side]:
    """The sides on which the actor stands. Without officers here the holder records the authority's acts."""
    sides: set[Side] = set()
    if report.organisation_id == actor.organisation_id and actor.may("case.write"):
        sides.add("applicant")
        if not has_officers(report.taken_by):
            sides.add("administration")
    is_authority = actor.organisation_kind == "administration" and (actor.province or MINISTRY) == report.taken_by
    if is_authority and actor.may("case.decide"):
        sides.add("administration")
    return frozenset(sides)


def list_possible_turns(actor: Actor, report: AnnualReport) -> list[tuple[str, Turn]]:
    """The verbs this actor may do now, in the flow's order."""
    sides = get_sides(actor, report)
    return [(verb, turn) for verb, turn in get_state(report).verbs.items() if turn.by in sides]


def find_window(year: int, regime: str = AnnualReport.Regime.REPORT) -> Window:
    """The days on which a year's report is taken; all None for years of which no rule is known.

    The make-up days are None where no rule names any.
    """
    rules, anchor = get_report_rules(regime), date(year, 12, 31)
    try:
        main = compute_deadline(rules.window_rule, anchor)
    except (NoRuleInForce, RuleHasNoLimit):
        return Window(None, None, None, None)
    try:
        extra = compute_deadline(rules.make_up_rule, anchor)
    except (NoRuleInForce, RuleHasNoLimit):
        return Window(main.window_opens_on, main.due_on, None, None)
    return Window(main.window_opens_on, main.due_on, extra.window_opens_on, extra.due_on)


def find_regimes(year: int, organisation_id: int | None) -> dict[str, bool]:
    """Which of report and inspection can be begun for a year, and whether by policy only.

    The law is that of the day on which the year's window opened. Before any rule there is nothing.
    """
    regimes: dict[str, bool] = {}
    day, rulebook = date(year + 1, 1, 1), current_rulebook()
    try:
        regime = resolve(rulebook, "licence.annual.regime", day).value
    except NoRuleInForce:
        return {}
    regimes["inspection" if regime == "年检" else "report"] = False
    if "report" in regimes:
        policies = list_policies(organisation_id)
        if resolve(rulebook, "licence.annual_inspection.run", day, None, policies).value is True:
            regimes["inspection"] = True
    return regimes


def list_complaints_visible_to(actor: Actor) -> QuerySet[Complaint]:
    """Those of one's own organisation: nobody else reads a company's register here."""
    complaints = Complaint.objects.select_related("licence")
    if actor.is_system:
        return complaints
    if not actor.may("record.read") or actor.organisation_id is None:
        return complaints.none()
    return complaints.filter(organisation_id=actor.organisation_id)


def get_complaint(actor: Actor, complaint_id: int, *, lock: bool = False) -> Complaint:
    """Raises: ComplaintNotYours."""
    complaints = list_complaints_visible_to(actor)
    if lock:
        complaints = complaints.select_for_update(of=("self",))
    try:
        return complaints.get(pk=complaint_id)
    except Complaint.DoesNotExist:
        raise ComplaintNotYours from None


def find_answer_doubt() -> Text | None:
    """Why the day by which a complaint is answered is not certain; None once its rule is verified."""
    version = resolve(current_rulebook(), ANSWER_RULE, clock.today()).version
    if version.status is Status.IN_FORCE and version.confidence is not Confidence.LOW:
        return None
    return Text(
        "答复期限未核实：条文没有查到原文，先按较早的日期答复，并以主管部门的说法为准。",
        "The day of the answer is not verified: its text was not found. Answer by it, and let the authority's word decide.",
    )


@dataclass(frozen=True, slots=True)
class ComplaintCounts:
    """What the register holds for a licence and a year, by the day of receipt."""

    received: int
    answered: int
    answered_in_time: int


def count_complaints(organisation_id: int, licence_id: int, year: int) -> ComplaintCounts:
    """Complaints about the licence, and those of the organisation that name none."""
    of_year = Complaint.objects.filter(organisation_id=organisation_id, received_on__year=year)
    counts = of_year.filter(Q(licence_id=licence_id) | Q(licence__isnull=True)).aggregate(
        received=Count("pk"),
        answered=Count("pk", filter=Q(answered_on__isnull=False)),
        answered_in_time=Count("pk", filter=Q(answered_on__lte=F("answer_due_on"))),
    )
    return ComplaintCounts(**counts)

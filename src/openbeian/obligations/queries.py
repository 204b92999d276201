"""Reading obligations: whose they are, what is near, and everything a page or a command says of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text
from openbeian.obligations.decisions import SETTLED, STAGES, Stage
from openbeian.obligations.errors import ObligationNotYours
from openbeian.obligations.harm import Harm, find_harm
from openbeian.obligations.in_charge import InCharge, find_in_charge
from openbeian.obligations.models import LeadTime, Obligation
from openbeian.obligations.recomputing import get_kinds
from openbeian.registry.models import Licence, NumberResource, Service
from openbeian.registry.queries import list_services_visible_to, list_sponsors_visible_to
from openbeian.rules.obligation_kinds import ObligationKind
from openbeian.rules.resolver import Policy
from openbeian.rules.rulebook import current_rulebook
from openbeian.supervision.inspections.checklist import name_item
from openbeian.supervision.inspections.models import Fault
from openbeian.supervision.models import Finding
from openbeian.supervision.queries import list_findings_visible_to

_NEAREST_FIRST = {
    Stage.OVERDUE: 0, Stage.DUE_SOON: 1, Stage.WINDOW_OPEN: 2, Stage.UNCONFIRMED: 3, Stage.FAR: 4, Stage.STANDING: 5,
    Stage.DONE: 6, Stage.WAIVED: 7,
}  # fmt: skip


def list_obligations_visible_to(actor: Actor) -> QuerySet[Obligation]:
    """As for the records: own ones; an access provider those of the services and sponsors it gives access to,
    an administration those of its province and of the licences it issued."""
    rows = Obligation.objects.select_related("sponsor")
    if actor.is_system:
        return rows
    if not actor.may("record.read") or actor.organisation_id is None:
        return rows.none()
    mine = Q(organisation_id=actor.organisation_id)
    if actor.organisation_kind == "administration":
        licences = Licence.objects.filter(authority=actor.province)
        numbers = NumberResource.objects.filter(licence__authority=actor.province)
        mine |= Q(subject_kind__in=("sponsor", "service", "finding"), sponsor__province=actor.province)
        mine |= Q(subject_kind="licence", subject_id__in=licences.values("pk"))
        mine |= Q(subject_kind="number", subject_id__in=numbers.values("pk"))
        faults = Fault.objects.filter(inspection__administration_id=actor.organisation_id)
        mine |= Q(subject_kind="inspection_fault", subject_id__in=faults.values("pk"))
    elif actor.organisation_kind == "access_provider":
        mine |= Q(subject_kind="service", subject_id__in=list_services_visible_to(actor).values("pk"))
        mine |= Q(subject_kind="sponsor", subject_id__in=list_sponsors_visible_to(actor).values("pk"))
        mine |= Q(subject_kind="finding", subject_id__in=list_findings_visible_to(actor).values("pk"))
    return rows.filter(mine)


def get_obligation(actor: Actor, obligation_id: int) -> Obligation:
    """Raises: ObligationNotYours, also when there is none."""
    try:
        return list_obligations_visible_to(actor).get(pk=obligation_id)
    except Obligation.DoesNotExist:
        raise ObligationNotYours from None


def order_by_harm(rows: QuerySet[Obligation]) -> QuerySet[Obligation]:
    """Overdue before near before far; within a stage the gravest first, then the nearest day."""
    whens = [When(stage=stage, then=Value(place)) for stage, place in _NEAREST_FIRST.items()]
    nearness = Case(*whens, default=Value(9), output_field=IntegerField())
    return rows.annotate(nearness=nearness).order_by("nearness", "-harm_rank", "due_on", "pk")


def within_days(rows: QuerySet[Obligation], days: int) -> QuerySet[Obligation]:
    """What is open and due within so many days, and what is overdue or to be confirmed."""
    until = clock.today() + timedelta(days=min(days, 3660))
    return rows.filter(due_on__lte=until).exclude(stage__in=SETTLED)


@dataclass(frozen=True, slots=True)
class Shown:
    """An obligation with all that is said of it."""

    row: Obligation
    kind: ObligationKind
    stage: Text
    harm: Harm
    subject: str
    policy: Text | None
    doubt: Text | None
    in_charge: InCharge | None = None

    def as_json(self) -> dict[str, Any]:
        r = self.row
        return {
            "id": r.pk,
            "kind": r.kind,
            "title": self.kind.title.as_json(),
            "subject": {"kind": r.subject_kind, "id": r.subject_id, "name": self.subject},
            "rule": r.rule_id,
            "cycle": r.cycle,
            "anchor_on": _iso(r.anchor_on),
            "due_on": _iso(r.due_on),
            "advised_on": _iso(r.advised_on),
            "window_opens_on": _iso(r.window_opens_on),
            "stage": r.stage,
            "harm": {"rank": r.harm_rank, "text": self.harm.text.as_json()},
            "responsible": self.kind.responsible,
            "in_charge": {"name": self.in_charge.name, "through": self.in_charge.through} if self.in_charge else None,
            "action": self.kind.action.as_json(),
            "procedure": self.kind.procedure or None,
            "evidence": self.kind.evidence.as_json(),
            "provisional": r.provisional,
            "certain": r.is_certain,
            "policy": {"claim": r.policy_claim, "label": self.policy.as_json()} if self.policy else None,
            "settled_why": r.settled_why or None,
        }


def describe(rows: list[Obligation], reader: Actor) -> list[Shown]:
    """The rows of a page, with names of their subjects in a fixed number of queries. Who is in charge only the
    organisation itself reads."""
    kinds, rulebook, today = get_kinds(), current_rulebook(), clock.today()
    names, people = _name_subjects(rows), find_in_charge(rows, reader)
    shown = []
    for row in rows:
        kind = kinds.kinds.get(row.kind)
        if kind is None:
            continue
        province = row.sponsor.province if row.sponsor else None
        harm = find_harm(rulebook, kind, kinds, today, province)
        name = names.get((row.subject_kind, row.subject_id), "")
        policy, doubt = say_policy(row), say_doubt(row)
        shown.append(Shown(row, kind, STAGES[row.stage], harm, name, policy, doubt, people.get(row.pk)))
    return shown


def say_policy(row: Obligation) -> Text | None:
    """That the day comes from a policy and not from law, where it does."""
    if not row.policy_claim:
        return None
    scope: Any = row.policy_scope
    return Policy(row.rule_id, row.policy_claim, "", date.min, scope).label


def say_doubt(row: Obligation) -> Text | None:
    """Why a day is provisional or its ground uncertain."""
    if row.provisional and row.due_on:
        zh = "暂定：还没有 {y} 年的放假安排，录入后自动重算。"
        en = "Provisional: there is no holiday arrangement of {y} yet; it is computed anew once there is."
        return Text(zh, en).format(y=row.due_on.year)
    if not row.is_certain:
        zh = "依据未经核实，请先向主管部门确认。"
        return Text(zh, "The ground is not verified; ask the authority first.")
    return None


class LeadDays:
    """Lead days by organisation and kind, the organisations' own read once."""

    def __init__(self) -> None:
        own = LeadTime.objects.values_list("organisation_id", "kind", "days")
        self._own = {(organisation_id, kind): tuple(days) for organisation_id, kind, days in own}

    def of(self, organisation_id: int, kind: ObligationKind) -> tuple[int, ...]:
        """The organisation's own, or the rulebook's."""
        return self._own.get((organisation_id, kind.id), kind.lead_days)


@dataclass(frozen=True, slots=True)
class LeadSetting:
    """A kind that has a day, the lead days an organisation chose for it (none: the rulebook's), how many are open."""

    kind: ObligationKind
    own: tuple[int, ...]
    open: int

    @property
    def proposed(self) -> str:
        return ", ".join(map(str, self.kind.lead_days))

    @property
    def chosen(self) -> str:
        return ", ".join(map(str, self.own))


def list_lead_settings(actor: Actor) -> list[LeadSetting]:
    """Every kind with a day, in the order of the rulebook, for the actor's own organisation.

    Not those of cases: whoever has a case in hand is told by the case's own dates.
    """
    own_id = actor.organisation_id or 0
    own = dict(LeadTime.objects.filter(organisation_id=own_id).values_list("kind", "days"))
    rows = Obligation.objects.filter(organisation_id=own_id).exclude(stage__in=SETTLED)
    counts = dict(rows.values_list("kind").annotate(count=Count("pk")).order_by())
    kinds = [kind for kind in get_kinds().kinds.values() if kind.due != "standing" and kind.subject != "case"]
    return [LeadSetting(kind, tuple(own.get(kind.id, ())), counts.get(kind.id, 0)) for kind in kinds]


def _name_subjects(rows: list[Obligation]) -> dict[tuple[str, int], str]:
    ids: dict[str, list[int]] = {}
    for row in rows:
        ids.setdefault(row.subject_kind, []).append(row.subject_id)
    names = {("sponsor", r.sponsor_id): r.sponsor.number for r in rows if r.sponsor and r.sponsor_id}
    for service in Service.objects.filter(pk__in=ids.get("service", [])).only("name"):
        names["service", service.pk] = service.name
    for model, kind in ((Licence, "licence"), (NumberResource, "number")):
        for pk, number in model.objects.filter(pk__in=ids.get(kind, [])).values_list("pk", "number"):
            names[kind, pk] = number
    for finding in Finding.objects.filter(pk__in=ids.get("finding", [])).select_related("service", "site"):
        names["finding", finding.pk] = f"{finding.service.name} {finding.site.domain}"
    for fault in Fault.objects.filter(pk__in=ids.get("inspection_fault", [])).select_related("inspection"):
        names["inspection_fault", fault.pk] = f"{fault.inspection.title} {name_item(fault.item).zh}"
    from openbeian.cases.models import Case as Filing

    for pk, reference in Filing.objects.filter(pk__in=ids.get("case", [])).values_list("pk", "reference"):
        names["case", pk] = reference
    return names


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def list_for_subject(actor: Actor, subject_kind: str, subject_id: int) -> list[Shown]:
    """What one record owes and what was settled, nearest first; nothing where the actor may not see it."""
    rows = list_obligations_visible_to(actor).filter(subject_kind=subject_kind, subject_id=subject_id)
    return describe(list(order_by_harm(rows)[:100]), actor)

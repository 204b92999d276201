"""What must be put right, whoever found it: the findings of the watch and of inspections read as one list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, F, IntegerField, Q, QuerySet, Value, When

from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text
from openbeian.registry.queries import list_services_visible_to
from openbeian.registry.searching import search_services
from openbeian.supervision.decisions import SEVERITIES, State
from openbeian.supervision.inspections.models import Fault
from openbeian.supervision.inspections.queries import list_faults_visible_to
from openbeian.supervision.models import Finding
from openbeian.supervision.queries import list_findings_visible_to

SOURCES: dict[str, Text] = {"watch": Text("巡检", "Watch"), "inspection": Text("现场检查", "Inspection")}
ORDERS: dict[str, tuple[str, ...]] = {
    "gravity": ("is_done", "gravity", "due_on", "source", "key"),
    "due_on": ("is_done", "due_on", "gravity", "source", "key"),
    "-opened_at": ("-opened_at", "source", "key"),
}
_COLUMNS = ("source", "key", "is_done", "gravity", "due_on", "opened_at")
_REFERENCE = re.compile(r"W0*(\d{1,11})|J\d{6,11}-(\d{1,11})", re.IGNORECASE)

Keyed = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to. `state` empty: what is open, `all`: everything; `owner_id`: one person's."""

    state: str = ""
    severity: str = ""
    source: str = ""
    words: str = ""
    owner_id: int | None = None


def list_to_rectify(actor: Actor, wanted: Wanted, order: str = "gravity") -> QuerySet[Any, Keyed]:
    """Keys of everything the actor may see, `{source, key, …}`, in one order over both sources.

    A page of keys becomes rows by `load_rows`.
    """
    sides: list[QuerySet[Any, Keyed]] = []
    if wanted.source != "inspection":
        sides.append(
            _columns(_narrow(list_findings_visible_to(actor), wanted, _find_words(actor, wanted.words)), "watch")
        )
    if wanted.source != "watch":
        sides.append(_columns(_narrow(list_faults_visible_to(actor), wanted, _fault_words(wanted.words)), "inspection"))
    rows = sides[0].union(*sides[1:], all=True) if len(sides) > 1 else sides[0]
    return rows.order_by(*ORDERS[order])


def load_rows(keys: Iterable[Keyed]) -> list[Finding | Fault]:
    """The rows of a page of keys, in its order, in two queries; one taken away meanwhile is left out."""
    page = [(key["source"], key["key"]) for key in keys]
    found: dict[tuple[str, int], Finding | Fault] = {}
    findings = Finding.objects.filter(pk__in=[pk for source, pk in page if source == "watch"])
    for finding in findings.select_related("service", "service__sponsor", "site", "owner"):
        found["watch", finding.pk] = finding
    faults = Fault.objects.filter(pk__in=[pk for source, pk in page if source == "inspection"])
    for fault in faults.select_related("inspection", "owner"):
        found["inspection", fault.pk] = fault
    return [found[key] for key in page if key in found]


def _narrow(rows: QuerySet[Any], wanted: Wanted, words: Q) -> QuerySet[Any]:
    if not wanted.state:
        rows = rows.exclude(state=State.CLOSED)
    elif wanted.state != "all":
        rows = rows.filter(state=wanted.state)
    if wanted.severity:
        rows = rows.filter(severity=wanted.severity)
    if wanted.owner_id is not None:
        rows = rows.filter(owner_id=wanted.owner_id)
    return rows.filter(words)


def _find_words(actor: Actor, words: str) -> Q:
    if not words:
        return Q()
    reference = _REFERENCE.fullmatch(words)
    if reference:
        return Q(pk=int(reference[1] or 0))
    return Q(service__in=search_services(list_services_visible_to(actor), words).values("pk"))


def _fault_words(words: str) -> Q:
    if not words:
        return Q()
    reference = _REFERENCE.fullmatch(words)
    if reference:
        return Q(pk=int(reference[2] or 0))
    return Q(inspection__title__icontains=words) | Q(inspection__number__icontains=words)


def _columns(rows: QuerySet[Any], source: str) -> QuerySet[Any, Keyed]:
    """The same columns of either table, so that the database can order them together."""
    whens = [When(severity=severity, then=Value(place)) for place, severity in enumerate(SEVERITIES)]
    return (
        rows.select_related(None)
        .order_by()
        .annotate(
            source=Value(source, output_field=CharField()),
            key=F("pk"),
            is_done=Case(When(state=State.CLOSED, then=Value(1)), default=Value(0), output_field=IntegerField()),
            gravity=Case(*whens, default=Value(len(whens)), output_field=IntegerField()),
        )
        .values(*_COLUMNS)
    )

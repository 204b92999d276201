"""Obligations as dates for the calendar and its feeds: those that no other source of dates tells already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from openbeian.agenda.ports import Dated
from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text
from openbeian.obligations.decisions import SETTLED
from openbeian.obligations.models import Obligation
from openbeian.obligations.queries import describe, list_obligations_visible_to
from openbeian.rules.resolver import Policy
from openbeian.supervision.inspections.models import Fault
from openbeian.supervision.models import Finding

_MOST_ROWS = 500
_FINDING_PAGES = {"finding": "/findings/", "inspection_fault": "/inspections/faults/"}


def list_obligation_dates(actor: Actor, first: date, last: date, *, sponsor_id: int | None = None) -> Iterator[Dated]:
    """What licences and number resources owe, and findings to be put right. Cases, certificates and filings have sources of their own."""
    rows = list_obligations_visible_to(actor).filter(
        subject_kind__in=("licence", "number", *_FINDING_PAGES), due_on__range=(first, last)
    )
    if sponsor_id is not None:
        rows = rows.filter(sponsor_id=sponsor_id)
    found = list(rows.exclude(stage__in=SETTLED).order_by("due_on", "pk")[:_MOST_ROWS])
    references = _find_references(found)
    for shown in describe(found, actor):
        row = shown.row
        assert row.due_on is not None
        title = shown.kind.title
        # A feed leaves the installation: a finding is named by its reference there, not by whom it is about.
        named = references.get((row.subject_kind, row.subject_id), shown.subject)
        page = _FINDING_PAGES.get(row.subject_kind)
        yield Dated(
            key=f"obligation:{row.subject_kind}:{row.subject_id}:{row.kind}:{row.cycle}",
            kind="obligation",
            on=row.due_on,
            title=Text(f"{title.zh} {named}", f"{title.en} {named}"),
            subject=shown.subject,
            path=f"{page}{row.subject_id}/" if page else f"/obligations/?subject={row.subject_kind}:{row.subject_id}",
            rule_id=row.rule_id,
            advised_on=row.advised_on,
            provisional=row.provisional,
            policy=_find_policy(row.rule_id, row.policy_claim, row.policy_scope),
            in_charge=shown.in_charge.name if shown.in_charge else "",
        )


def _find_references(rows: Iterable[Obligation]) -> dict[tuple[str, int], str]:
    """By which people name the findings among the subjects."""
    ids: dict[str, list[int]] = {}
    for row in rows:
        ids.setdefault(row.subject_kind, []).append(row.subject_id)
    findings = Finding.objects.filter(pk__in=ids.get("finding", [])).only("pk")
    faults = Fault.objects.filter(pk__in=ids.get("inspection_fault", [])).only("pk", "inspection_id")
    return {("finding", f.pk): f.reference for f in findings} | {
        ("inspection_fault", f.pk): f.reference for f in faults
    }


def _find_policy(rule_id: str, claim: str, scope: str) -> Policy | None:
    """The policy as far as the obligation remembers it."""
    if not claim:
        return None
    return Policy(rule_id, claim, "", date.min, "organisation" if scope == "organisation" else "installation")

"""Obligations as dates for the calendar and its feeds: those that no other source of dates tells already."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from openbeian.agenda.ports import Dated
from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text
from openbeian.obligations.decisions import SETTLED
from openbeian.obligations.queries import describe, list_obligations_visible_to
from openbeian.rules.resolver import Policy

_MOST_ROWS = 500


def list_obligation_dates(actor: Actor, first: date, last: date, *, sponsor_id: int | None = None) -> Iterator[Dated]:
    """What licences and number resources owe, and findings to be put right. Cases, certificates and filings have sources of their own."""
    rows = list_obligations_visible_to(actor).filter(
        subject_kind__in=("licence", "number", "finding"), due_on__range=(first, last)
    )
    if sponsor_id is not None:
        rows = rows.filter(sponsor_id=sponsor_id)
    for shown in describe(list(rows.exclude(stage__in=SETTLED).order_by("due_on", "pk")[:_MOST_ROWS]), actor):
        row = shown.row
        assert row.due_on is not None
        title, is_finding = shown.kind.title, row.subject_kind == "finding"
        # A feed leaves the installation: a finding is named by its reference there, not by its service.
        named = f"W{row.subject_id:06d}" if is_finding else shown.subject
        yield Dated(
            key=f"obligation:{row.subject_kind}:{row.subject_id}:{row.kind}:{row.cycle}",
            kind="obligation",
            on=row.due_on,
            title=Text(f"{title.zh} {named}", f"{title.en} {named}"),
            subject=shown.subject,
            path=f"/findings/{row.subject_id}/"
            if is_finding
            else f"/obligations/?subject={row.subject_kind}:{row.subject_id}",
            rule_id=row.rule_id,
            advised_on=row.advised_on,
            provisional=row.provisional,
            policy=_find_policy(row.rule_id, row.policy_claim, row.policy_scope),
            in_charge=shown.in_charge.name if shown.in_charge else "",
        )


def _find_policy(rule_id: str, claim: str, scope: str) -> Policy | None:
    """The policy as far as the obligation remembers it."""
    if not claim:
        return None
    return Policy(rule_id, claim, "", date.min, "organisation" if scope == "organisation" else "installation")

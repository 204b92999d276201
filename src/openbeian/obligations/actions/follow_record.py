"""Reads along in the journal and computes anew what the records that changed owe."""

from __future__ import annotations

from django.db import transaction

from openbeian.jobs.decisions import Progress
from openbeian.journal.models import Cursor, Entry
from openbeian.kernel import clock
from openbeian.obligations.actions.recompute_obligations import recompute_obligations
from openbeian.obligations.events import LeadTimesSet, ObligationSettledByEvidence, ObligationWaived
from openbeian.obligations.models import KindMark, Obligation
from openbeian.obligations.recomputing import get_kinds, refresh_subjects
from openbeian.obligations.settling_by_record import PROVING, settle_by_record
from openbeian.obligations.subjects import SUBJECT_KINDS
from openbeian.policies.events import PolicySwitchedOff, PolicySwitchedOn
from openbeian.registry.models import Service

READER = "obligations"
_POLICIES = frozenset({PolicySwitchedOn.name, PolicySwitchedOff.name})
_CHOICES = _POLICIES | {LeadTimesSet.name, ObligationSettledByEvidence.name, ObligationWaived.name}
_BATCH = 1_000


def follow_record(progress: Progress | None = None) -> dict[str, int]:
    """Catches up with the journal. The cursor moves in the transaction of each batch's work, so nothing is skipped.

    A policy makes stale the kinds of its rule, and lead times the organisation's records of their kind; nothing else
    is computed. A holiday arrangement is found by the full run, whose digests hold the calendar.
    """
    counts = {"read": 0, "written": 0}
    while read := _follow_batch(counts):
        counts["read"] += read
        if progress:
            progress(counts["read"], 0)
    return counts


def _follow_batch(counts: dict[str, int]) -> int:
    with transaction.atomic():
        cursor, _ = Cursor.objects.select_for_update().get_or_create(reader=READER)
        entries = list(
            Entry.objects.filter(sequence__gt=cursor.sequence)
            .order_by("sequence")
            .values_list("sequence", "event", "subject_kind", "subject_id")[:_BATCH]
        )
        if not entries:
            return 0
        touched: dict[str, set[int]] = {}
        for _sequence, _event, kind, subject_id in entries:
            if kind in SUBJECT_KINDS and subject_id.isdecimal():
                touched.setdefault(kind, set()).add(int(subject_id))
        _touch_parts(touched)
        for kind, ids in touched.items():
            counts["written"] += refresh_subjects(kind, sorted(ids))["written"]
        settle_by_record((event, subject_id) for _, event, _, subject_id in entries if event in PROVING)
        rules = _follow_choices([sequence for sequence, event, _, _ in entries if event in _CHOICES], counts)
        cursor.sequence, cursor.moved_at = entries[-1][0], clock.now()
        cursor.save(update_fields=["sequence", "moved_at"])
        if rules:
            stale = [kind.id for kind in get_kinds().kinds.values() if kind.rule in rules]
            KindMark.objects.filter(kind__in=stale).update(digest="")
    if rules:
        counts["written"] += recompute_obligations()["written"]
    return len(entries)


def _follow_choices(sequences: list[int], counts: dict[str, int]) -> set[str]:
    """Computes what settlements and lead times touch; returns the rules that policies were made about."""
    rules: set[str] = set()
    for event, subject_id, before, after in Entry.objects.filter(sequence__in=sequences).values_list(
        "event", "subject_id", "before", "after"
    ):
        said = {**(before or {}), **(after or {})}
        if event in _POLICIES:
            rules.add(said.get("rule", ""))
        elif event == LeadTimesSet.name:
            counts["written"] += _follow_lead_times(int(subject_id), said.get("kind", ""))
        else:
            # What follows an obligation, as making up for a report, is owed no longer once that is settled.
            kind, _, record = said.get("subject", "").partition(":")
            counts["written"] += refresh_subjects(kind, [int(record)])["written"]
    return rules


def _follow_lead_times(organisation_id: int, kind_id: str) -> int:
    """Only the organisation's own records, and only that kind."""
    kind = get_kinds().kinds.get(kind_id)
    if kind is None:
        return 0
    rows = Obligation.objects.filter(organisation_id=organisation_id, kind=kind_id)
    ids = sorted(set(rows.values_list("subject_id", flat=True)))
    return refresh_subjects(kind.subject, ids, only=frozenset({kind_id}))["written"]


def _touch_parts(touched: dict[str, set[int]]) -> None:
    """A sponsor's province and organisation are facts of its services too."""
    if sponsors := touched.get("sponsor"):
        services = Service.objects.filter(sponsor_id__in=sponsors).values_list("pk", flat=True)
        touched.setdefault("service", set()).update(services)

"""Reads along in the journal and computes anew what the records that changed owe."""

from __future__ import annotations

from django.db import transaction

from openbeian.jobs.decisions import Progress
from openbeian.journal.models import Cursor, Entry
from openbeian.kernel import clock
from openbeian.obligations.actions.recompute_obligations import recompute_obligations
from openbeian.obligations.models import KindMark
from openbeian.obligations.recomputing import refresh_subjects
from openbeian.obligations.subjects import SUBJECT_KINDS
from openbeian.registry.models import Service

READER = "obligations"
_BATCH = 1_000


def follow_record(progress: Progress | None = None) -> dict[str, int]:
    """Catches up with the journal. The cursor moves in the transaction of each batch's work, so nothing is skipped.

    A change of policy makes every kind stale, and the records are computed in full at once.
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
        cursor.sequence, cursor.moved_at = entries[-1][0], clock.now()
        cursor.save(update_fields=["sequence", "moved_at"])
        changes_policy = any(event.startswith("policy.") for _, event, _, _ in entries)
        if changes_policy:
            KindMark.objects.update(digest="")
    if changes_policy:
        counts["written"] += recompute_obligations()["written"]
    return len(entries)


def _touch_parts(touched: dict[str, set[int]]) -> None:
    """A sponsor's province and organisation are facts of its services too."""
    if sponsors := touched.get("sponsor"):
        services = Service.objects.filter(sponsor_id__in=sponsors).values_list("pk", flat=True)
        touched.setdefault("service", set()).update(services)

"""Computes what records owe and makes the stored obligations say so: in full, for some records, or for some kinds."""

from __future__ import annotations

from openbeian.jobs.decisions import Progress
from openbeian.kernel import clock
from openbeian.obligations.decisions import SETTLED, compute_digest
from openbeian.obligations.models import KindMark, Obligation
from openbeian.obligations.recomputing import add_counts, get_kinds, refresh_subjects
from openbeian.obligations.subjects import SUBJECT_KINDS
from openbeian.rules.rulebook import current_rulebook


def recompute_obligations(progress: Progress | None = None, *, everything: bool = False) -> dict[str, int]:
    """Brings up to date every kind not yet computed today, or whose rule has changed since; with `everything` all.

    Idempotent, in chunks of their own transactions: killed at any line, it goes on from the same state.
    """
    rulebook, kinds, today = current_rulebook(), get_kinds(), clock.today()
    digests = {kind.id: compute_digest(rulebook, kind) for kind in kinds.kinds.values()}
    marks = {mark.kind: mark for mark in KindMark.objects.all()}
    stale = {
        kind
        for kind, digest in digests.items()
        if everything or kind not in marks or marks[kind].digest != digest or marks[kind].computed_on != today
    }
    # What follows another kind depends on its day, and on whether that one is settled.
    linked = [{kind.id, kind.follows} for kind in kinds.kinds.values() if kind.follows]
    stale = stale.union(*(pair for pair in linked if pair & stale))
    gone = Obligation.objects.exclude(kind__in=digests).exclude(stage__in=SETTLED)
    counts = {"owed": 0, "written": 0, "removed": gone.delete()[0] if stale else 0}
    for place, subject_kind in enumerate(SUBJECT_KINDS):
        only = frozenset(k for k in stale if kinds.kinds[k].subject == subject_kind)
        if only:
            add_counts(counts, refresh_subjects(subject_kind, only=only, progress=progress))
        if progress:
            progress(place + 1, len(SUBJECT_KINDS))
    KindMark.objects.bulk_create(
        [KindMark(kind=kind, digest=digests[kind], computed_on=today) for kind in sorted(stale)],
        update_conflicts=True,
        unique_fields=["kind"],
        update_fields=["digest", "computed_on"],
    )
    return counts

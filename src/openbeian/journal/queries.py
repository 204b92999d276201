"""Reading the journal: who may read what, the history of one subject, and the check of the whole chain."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from openbeian.journal.decisions import Written, check_chain
from openbeian.journal.models import Entry, Head
from openbeian.kernel.actor import Actor


def list_entries_visible_to(actor: Actor) -> QuerySet[Entry]:
    """The installation's operator reads all; others what they did themselves or what concerns their organisation."""
    if not actor.may("journal.read") and not actor.runs_installation:
        return Entry.objects.none()
    entries = Entry.objects.order_by("-sequence")
    if actor.runs_installation:
        return entries
    if actor.organisation_id is None:
        return entries.none()
    return entries.filter(concerned__organisation_id=actor.organisation_id)


def list_history_of(kind: str, subject_id: object) -> QuerySet[Entry]:
    """All entries about one subject, newest first. The caller has checked that the subject is the reader's."""
    return Entry.objects.filter(subject_kind=kind, subject_id=str(subject_id)).order_by("-sequence")


def verify_journal() -> int:
    """Walks the whole chain in constant memory; returns the number of entries.

    Raises: JournalBroken, naming the first entry that cannot be trusted.
    """
    head = Head.objects.get(pk=1)

    def walk() -> Iterator[tuple[Written, str]]:
        for e in Entry.objects.order_by("sequence").iterator(chunk_size=2000):
            yield Written(**{f: getattr(e, f) for f in Written.__slots__}), e.hash

    return check_chain(walk(), (head.sequence, head.hash))

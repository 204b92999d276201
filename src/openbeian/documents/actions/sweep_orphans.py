"""Deletes files that no document needs: uploads whose row never came, and removed papers that are no evidence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import islice

from django.db.models import ProtectedError

from openbeian.documents.file_storage import get_storage
from openbeian.documents.models import Document
from openbeian.kernel import clock

GRACE = timedelta(days=1)
"""An upload on its way is never mistaken for an orphan, and a paper removed by mistake can be restored."""
_BATCH = 500


def sweep_orphans(progress: Callable[[int, int], None] | None = None) -> dict[str, int]:
    """Idempotent and bounded in memory; returns how many files and rows went."""
    storage = get_storage()
    before = clock.now() - GRACE
    rows = 0
    # What one run leaves, the next one takes.
    for document in Document.objects.filter(removed_at__lt=before, kept_at__isnull=True).order_by("pk")[:_BATCH]:
        try:
            document.delete()
        except ProtectedError:
            continue  # a step of a case names it
        rows += 1
    files = 0
    names = storage.list_older_than(before)
    seen = 0
    while batch := list(islice(names, _BATCH)):
        known = set(Document.objects.filter(stored_name__in=batch).values_list("stored_name", flat=True))
        for name in batch:
            if name not in known:
                storage.delete(name)
                files += 1
        seen += len(batch)
        if progress:
            progress(seen, seen)
    return {"files": files, "rows": rows}

"""Forgets the bytes of files that were kept as long as the specification asks; that they existed stays on record."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from openbeian.authority.interface import get_interface
from openbeian.authority.models import Batch, Item, ReceivedFile, Report
from openbeian.kernel import clock

_ENDED = (Report.State.DONE, Report.State.REFUSED, Report.State.TAKEN_OUT)


def forget_files() -> dict[str, int]:
    """Uploaded files three months after they were accepted or refused, downloaded ones after they were acknowledged,
    and the content of reports and items that ended as long ago. Safe to repeat. Returns how many of each."""
    before = clock.now() - timedelta(days=get_interface().limits.files_kept_days)
    with transaction.atomic():
        batches = Batch.objects.filter(ended_at__lt=before, archive__isnull=False).update(archive=None)
        received = ReceivedFile.objects.filter(acknowledged_at__lt=before, archive__isnull=False).update(archive=None)
        reports = Report.objects.filter(ended_at__lt=before, state__in=_ENDED).exclude(content="").update(content="")
        items = Item.objects.filter(closed_at__lt=before, is_open=False).exclude(content="").update(content="")
    return {"batches": batches, "received": received, "reports": reports, "items": items}

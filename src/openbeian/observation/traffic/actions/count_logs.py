"""Counts logs into the store of an organisation, in the background."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from django.db import transaction

from openbeian.accounts.acting import find_actor_of
from openbeian.jobs.decisions import Progress
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import check_permitted
from openbeian.kernel.text import Text
from openbeian.kernel.writing import inert
from openbeian.observation.traffic.errors import FormatUnknown, LogAltered, LogUnreadable, StoreBusy
from openbeian.observation.traffic.events import TrafficSaved
from openbeian.observation.traffic.queries import organisation_folder
from openbeian.observation.traffic.regions import open_regions
from openbeian.observation.traffic.store import SaveReport, save_traffic
from openbeian.observation.traffic.uploads import drop_folder, find_upload, forget_upload

STEPS = 1000
_PATIENCE_S = 1800


def count_logs(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The arguments are those of `request_count`. Safe to begin again: a log that is saved is known by its content.

    Returns what became of each log, without a line of it. Nothing is stored of a log whose counting is cancelled.
    Raises: NotPermitted, LogGone and the refusals of `save_traffic`, which name a log, never its place on the disk.
    """
    organisation_id, upload = arguments["organisation"], arguments["upload"]
    actor = find_actor_of(arguments["user"], organisation_id, "worker")
    check_permitted(actor, "import.run")
    source = find_upload(organisation_id, upload) if upload else drop_folder(organisation_id)
    try:
        report = _save(source, arguments, progress)
    except (LogUnreadable, LogAltered, FormatUnknown) as refusal:
        raise type(refusal)(_without_place(refusal.text, source)) from None
    result = _summary(report)
    with transaction.atomic():
        counts = {name: result[name] for name in ("read", "counted", "excluded", "rejected")}
        record_event(TrafficSaved, actor, ("organisation", organisation_id), after=counts)
    if upload:
        forget_upload(organisation_id, upload)
    return result


def _save(source: Path, arguments: dict[str, Any], progress: Progress) -> SaveReport:
    """Saves as soon as no other process does; a moment's wait is no reason to fail."""
    for _ in range(_PATIENCE_S):
        try:
            return save_traffic(
                [str(source)],
                folder=organisation_folder(arguments["organisation"]),
                log_format=arguments["format"],
                service=arguments["service"],
                regions=open_regions(),
                progress=lambda share, _name: progress(int(share * STEPS), STEPS),
            )
        except StoreBusy:
            progress(0, STEPS)
            threading.Event().wait(1)
    raise StoreBusy


def _without_place(text: Text, source: Path) -> Text:
    place = f"{source.parent}/"
    return Text(text.zh.replace(place, ""), text.en.replace(place, ""))


def _summary(report: SaveReport) -> dict[str, Any]:
    tallies = [item.log.tally for item in report.saved]
    return {
        "read": sum(tally.read for tally in tallies),
        "counted": sum(tally.counted for tally in tallies),
        "excluded": sum(sum(tally.excluded.values()) for tally in tallies),
        "rejected": sum(sum(tally.rejected.values()) for tally in tallies),
        "logs": [
            {"name": inert(item.log.path.name), "outcome": item.outcome, "formats": item.log.tally.formats}
            for item in report.saved
        ],
        "unread": [inert(item.path.name) for item in report.unread],
    }

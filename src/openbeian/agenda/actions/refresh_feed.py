"""Brings what a feed tells up to date: a read by a calendar program, so it is not journalled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction

from openbeian.accounts.acting import actor_of
from openbeian.agenda.decisions import Told, compute_next
from openbeian.agenda.models import FeedAddress, FeedEntry
from openbeian.agenda.ports import Dated, DateSource
from openbeian.agenda.queries import list_dates
from openbeian.kernel import clock
from openbeian.kernel.text import Language, Text

_BEHIND, _AHEAD = timedelta(days=90), timedelta(days=730)
_READ_NOTED_EVERY = timedelta(hours=1)


def refresh_feed(feed: FeedAddress, sources: Iterable[DateSource]) -> list[Told]:
    """Every event of the feed from 90 days ago to two years ahead, with cancelled ones for 90 days.

    `feed` comes with membership, user and organisation loaded; the dates are those its person may see today.
    Nothing is written when nothing changed.
    """
    actor, today, now = actor_of(feed.membership, "web"), clock.today(), clock.now()
    window = (today - _BEHIND, today + _AHEAD)
    language: Language = "en" if feed.language == "en" else "zh"
    dates = list_dates(sources, actor, *window, sponsor_id=feed.sponsor_id)
    present = [_tell(dated, language) for dated in dates]
    with transaction.atomic():
        FeedAddress.objects.select_for_update().get(pk=feed.pk)
        rows = {row.key: row for row in feed.entries.all()}
        told = {key: _read(row) for key, row in rows.items()}
        following = compute_next(told, present, now, window)
        _write(feed, rows, told, following)
        if feed.last_read_at is None or now - feed.last_read_at > _READ_NOTED_EVERY:
            FeedAddress.objects.filter(pk=feed.pk).update(last_read_at=now)
    return following


def _tell(dated: Dated, language: Language) -> Told:
    notes: list[Text] = []
    if dated.policy:
        notes.append(dated.policy.label)
    if dated.provisional:
        notes.append(
            Text("暂定：该年放假安排尚未公布。", "Provisional: that year's holiday arrangement is not published yet.")
        )
    if dated.advised_on and dated.advised_on != dated.on:
        day = dated.advised_on.isoformat()
        notes.append(Text(f"建议在 {day} 前办完。", f"Better done by {day}."))
    if dated.rule_id:
        notes.append(Text(f"依据：/rules/{dated.rule_id}/", f"Ground: /rules/{dated.rule_id}/"))
    said = "\n".join(note(language) for note in notes)
    return Told(dated.key, dated.on, dated.title(language)[:300], said[:600], dated.path, 0, clock.now())


def _read(row: FeedEntry) -> Told:
    return Told(row.key, row.on, row.summary, row.description, row.path, row.sequence, row.changed_at, row.cancelled_at)


def _write(feed: FeedAddress, rows: dict[str, FeedEntry], told: dict[str, Told], following: list[Told]) -> None:
    new, changed = [], []
    for event in following:
        values = {name: getattr(event, name) for name in Told.__slots__}
        if event.key not in rows:
            new.append(FeedEntry(feed=feed, **values))
        elif event != told[event.key]:
            row = rows[event.key]
            for name, value in values.items():
                setattr(row, name, value)
            changed.append(row)
    FeedEntry.objects.bulk_create(new)
    FeedEntry.objects.bulk_update(
        changed, ["on", "summary", "description", "path", "sequence", "changed_at", "cancelled_at"]
    )
    gone = set(rows) - {event.key for event in following}
    if gone:
        feed.entries.filter(key__in=gone).delete()

"""Writes a feed's events as an iCalendar file (RFC 5545): all-day events, stable UIDs, cancellations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from icalendar import Calendar, Event

from openbeian.agenda.decisions import Told
from openbeian.kernel.text import Language, Text

_NAME = Text("OpenBeian 备案日历", "OpenBeian filing calendar")


def write_feed(events: Iterable[Told], feed_id: int, origin: str, language: Language) -> bytes:
    """The same bytes for the same events: DTSTAMP is when an event last changed, not when it was read.

    `origin` is scheme and host, as https://beian.example.cn, for the links.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//OpenBeian//agenda//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _NAME(language))
    calendar.add("x-wr-timezone", "Asia/Shanghai")
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for told in events:
        calendar.add_component(_write_event(told, feed_id, origin))
    return bytes(calendar.to_ical())


def _write_event(told: Told, feed_id: int, origin: str) -> Event:
    event = Event()
    event.add("uid", f"{told.key.replace(':', '-')}.{feed_id}@openbeian")
    event.add("dtstamp", told.changed_at)
    event.add("last-modified", told.changed_at)
    event.add("sequence", told.sequence)
    event.add("dtstart", told.on)
    event.add("dtend", told.on + timedelta(days=1))
    event.add("summary", told.summary)
    if told.description:
        event.add("description", told.description.replace("/rules/", f"{origin}/rules/"))
    event.add("url", f"{origin}{told.path}")
    event.add("transp", "TRANSPARENT")
    event.add("status", "CANCELLED" if told.cancelled_at else "CONFIRMED")
    return event

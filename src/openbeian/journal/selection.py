"""Which entries of the journal a reader asked for, from the parameters of an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet

from openbeian.journal.models import Entry
from openbeian.kernel.clock import CHINA


@dataclass(frozen=True, slots=True)
class Selection:
    """Every part is optional. Days are days in China, both included."""

    event: str = ""
    subject_kind: str = ""
    subject_id: str = ""
    person: str = ""
    first_day: date | None = None
    last_day: date | None = None

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Selection:
        """What cannot be read is left out, so that a mistyped address still shows a page."""
        kind, _, identifier = parameters.get("subject", "").strip().partition(":")
        return cls(
            event=parameters.get("event", "").strip()[:60],
            subject_kind=kind.strip()[:30],
            subject_id=identifier.strip()[:40],
            person=parameters.get("person", "").strip()[:80],
            first_day=_read_day(parameters.get("from", "")),
            last_day=_read_day(parameters.get("until", "")),
        )

    def narrow(self, entries: QuerySet[Entry]) -> QuerySet[Entry]:
        """Of these entries, the ones asked for."""
        if self.event:
            entries = entries.filter(event=self.event)
        if self.subject_kind:
            entries = entries.filter(subject_kind=self.subject_kind)
        if self.subject_id:
            entries = entries.filter(subject_id=self.subject_id)
        if self.person:
            entries = entries.filter(actor_name__icontains=self.person)
        if self.first_day:
            entries = entries.filter(at__gte=_midnight(self.first_day))
        if self.last_day and self.last_day < date.max:
            entries = entries.filter(at__lt=_midnight(self.last_day + timedelta(days=1)))
        return entries


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)

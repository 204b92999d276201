"""The history of one record as people read it: sentences from the journal, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from openbeian.journal.events import find_event
from openbeian.journal.queries import list_history_of
from openbeian.kernel.text import Text

MOST_ENTRIES = 30


@dataclass(frozen=True, slots=True)
class Happening:
    at: datetime
    sentence: Text
    who: str
    sequence: int


def describe_history(kind: str, subject_id: object) -> list[Happening]:
    """The newest entries about a subject that the caller has found to be the reader's to see."""
    described = []
    for entry in list_history_of(kind, subject_id)[:MOST_ENTRIES]:
        event = find_event(entry.event)
        sentence = event.sentence if event else Text(entry.event, entry.event)
        described.append(Happening(entry.at, sentence, entry.actor_name, entry.sequence))
    return described

"""What an event is: a past-tense fact with a wire name and a sentence in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from openbeian.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of fact. `name` is its wire name (`case.submitted`), `sentence` how people read it."""

    name: str
    sentence: Text


_known: dict[str, Event] = {}


def event(name: str, zh: str, en: str) -> Event:
    """Declares a kind of event, once, in its package's `events.py`."""
    if name in _known:
        raise ValueError(f"event {name} is declared twice")
    _known[name] = Event(name, Text(zh, en))
    return _known[name]


def find_event(name: str) -> Event | None:
    """The declared event of that name; None for one written by a version that knew more."""
    return _known.get(name)


def list_events() -> list[Event]:
    """Every declared event, by name."""
    return [_known[name] for name in sorted(_known)]

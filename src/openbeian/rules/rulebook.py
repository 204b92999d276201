"""The rulebook in memory: immutable, asked by id, and a store that keeps the last good one when a reload fails."""

from __future__ import annotations

import difflib
import os
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Protocol

from openbeian.kernel.text import Text
from openbeian.kernel.working_days import Arrangement, WorkingDayCalendar
from openbeian.rules.conditions import FactDefinition
from openbeian.rules.errors import AreaUnknown, RulebookInvalid, RuleUnknown
from openbeian.rules.rule import Area, Instrument, ProvinceSnapshot, Rule, Source


@dataclass(frozen=True)
class Rulebook:
    """Everything one load of the rulebook said; `digest` changes when any byte of it does."""

    rules: Mapping[str, Rule]
    instruments: Mapping[str, Instrument]
    sources: Mapping[str, Source]
    anchors: Mapping[str, Text]
    units: Mapping[str, Text]
    facts: Mapping[str, FactDefinition]
    measures: Mapping[str, Text]
    areas: Mapping[str, Area]
    snapshots: tuple[ProvinceSnapshot, ...]
    calendar: WorkingDayCalendar
    earliest_on: date
    digest: str

    def get_rule(self, rule_id: str) -> Rule:
        """Raises: RuleUnknown, with the nearest names."""
        rule = self.rules.get(rule_id)
        if rule is None:
            raise RuleUnknown(rule_id, self._near(rule_id))
        return rule

    def get_area(self, name: str) -> Area:
        """The area by its character, another character in use (川 for 蜀), or its name in either language.

        Raises: AreaUnknown.
        """
        wanted = name.strip()
        for area in self.areas.values():
            if wanted == area.key or wanted in area.aliases or wanted.lower() in {area.name.zh, area.name.en.lower()}:
                return area
        raise AreaUnknown(name=wanted[:60])

    def find_snapshot(self, area: str, on: date) -> ProvinceSnapshot | None:
        """The row of provincial requirements that was last known for that day, in words."""
        known = [
            s
            for s in self.snapshots
            if s.area == area and s.effective_from <= on and (s.effective_to is None or on <= s.effective_to)
        ]
        return known[-1] if known else None

    def _near(self, rule_id: str) -> list[str]:
        wanted = rule_id[:120]
        below = [r for r in sorted(self.rules) if r.startswith(wanted + ".")]
        if below:
            return below[:3]
        near = difflib.get_close_matches(wanted, self.rules, n=3, cutoff=0.6)
        parts = {part for part in wanted.lower().split(".") if len(part) > 2}
        sharing = sorted(self.rules, key=lambda r: -len(parts & set(r.split("."))))
        return near or [r for r in sharing[:3] if parts & set(r.split("."))]


class ArrangementSource(Protocol):
    """Where holiday arrangements come from that the rulebook does not bring yet."""

    def version(self) -> str:
        """Another word whenever an arrangement was added or removed; asked at every reading, so it must be cheap."""
        ...

    def list_arrangements(self) -> Iterable[Arrangement]:
        """One a year; each stands before the rulebook's own."""
        ...


WATCHED_EVERY_S = 10.0
"""How often a store looks whether a rule file changed on disk."""


class RulebookStore:
    """Holds the current rulebook; a failed reload keeps the last good one and remembers the refusal.

    Every process watches the files itself, so all come to the same rulebook without telling each other. `fault` is
    shown to administrators until a reload succeeds. `arrangements` adds holidays loaded in this installation.
    """

    def __init__(self, path: Path, *, watched_every_s: float = WATCHED_EVERY_S) -> None:
        self.path = path
        self.fault: RulebookInvalid | None = None
        self.arrangements: ArrangementSource | None = None
        self._rulebook: Rulebook | None = None
        self._extended: tuple[tuple[str, str], Rulebook] | None = None
        self._watched_every_s = watched_every_s
        self._watched_at = 0.0
        self._signature: object = None
        self._lock = threading.Lock()

    @property
    def current(self) -> Rulebook:
        """The last good rulebook with the arrangements loaded here. Raises: RulebookInvalid when there never was one."""
        return self._extend(self.shipped)

    @property
    def shipped(self) -> Rulebook:
        """The same as its files say, without what was loaded here."""
        if self._rulebook is None:
            with self._lock:
                if self._rulebook is None:
                    self._rulebook = self._load()
        elif time.monotonic() - self._watched_at >= self._watched_every_s:
            self._watch()
        return self._rulebook

    def _watch(self) -> None:
        """Reloads when a file changed; a reader who finds another one at it goes on with what there is."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._watched_at = time.monotonic()
            changed = _compute_signature(self.path) != self._signature
        finally:
            self._lock.release()
        if changed:
            self.reload()

    def _extend(self, rulebook: Rulebook) -> Rulebook:
        if self.arrangements is None:
            return rulebook
        key = (rulebook.digest, self.arrangements.version())
        if self._extended is None or self._extended[0] != key:
            from openbeian.rules.arrangements import with_arrangement

            calendar = rulebook.calendar
            for arrangement in self.arrangements.list_arrangements():
                calendar = with_arrangement(calendar, arrangement)
            self._extended = (key, replace(rulebook, calendar=calendar))
        return self._extended[1]

    def reload(self) -> bool:
        """Loads anew; False (and `fault` set) when the new rulebook was refused and the old one kept."""
        with self._lock:
            try:
                self._rulebook = self._load()
            except RulebookInvalid as refusal:
                self.fault = refusal
                return False
            self.fault = None
            return True

    def _load(self) -> Rulebook:
        from openbeian.rules.loader import load_rulebook

        # Taken before the files are read: what changes meanwhile is seen at the next look.
        self._watched_at, self._signature = time.monotonic(), _compute_signature(self.path)
        return load_rulebook(self.path)


def _compute_signature(path: Path) -> object:
    """Names, sizes and times of the rule files: another value when one of them changed."""
    from openbeian.rules.loader import rule_files

    found = []
    for file in rule_files(path):
        try:
            status = file.stat()
        except OSError:
            continue  # replaced at this moment; the next look sees it
        found.append((str(file), status.st_size, status.st_mtime_ns))
    return found


def rulebook_path() -> Path:
    """Where the rulebook lies: OPENBEIAN_RULEBOOK, or `rulebook/` in the checkout the launcher names."""
    named = os.environ.get("OPENBEIAN_RULEBOOK")
    if named:
        return Path(named)
    root = os.environ.get("OPENBEIAN_ROOT")
    return (Path(root) if root else Path(__file__).resolve().parents[3]) / "rulebook"


_store: RulebookStore | None = None


def rulebook_store() -> RulebookStore:
    """The store of this process, made on first use."""
    global _store
    if _store is None:
        _store = RulebookStore(rulebook_path())
    return _store


def current_rulebook() -> Rulebook:
    """The rulebook in use. Raises: RulebookInvalid when none could be loaded."""
    return rulebook_store().current

"""The answer to "what do these logs say?": figures, where each comes from, and what became of every line."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openbeian.kernel import clock
from openbeian.kernel.writing import inert
from openbeian.observation.traffic import agents
from openbeian.observation.traffic.counting import Counter, Tally
from openbeian.observation.traffic.engine import Engine, engine
from openbeian.observation.traffic.errors import FormatUnknown, LogUnreadable
from openbeian.observation.traffic.figures import ServiceFigures, draw_figures
from openbeian.observation.traffic.grammars import REASONS, SKIPPED
from openbeian.observation.traffic.reading import LogRead, choose_grammar, read_log
from openbeian.observation.traffic.regions import RegionDatabase
from openbeian.observation.traffic.rules import CountingRules, load_rules, with_regions
from openbeian.observation.traffic.sources import file_size, find_logs

Progress = Callable[[float, str], None]
"""Told the share of all bytes that is done, 0 … 1, and the name of the log being read."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A file from a folder or a glob that is no access log or cannot be read."""

    path: Path
    refusal: LogUnreadable | FormatUnknown


@dataclass(slots=True)
class TrafficReport:
    """Figures with their origin; `lines.read` = counted + excluded + rejected, always."""

    rules: CountingRules
    services: list[ServiceFigures]
    logs: list[LogRead]
    lines: Tally
    year: int | None = None
    unread: list[Unread] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        lines = self.lines
        return {
            "year": self.year,
            "rules": self.rules.version,
            "definitions": {name: text.as_json() for name, text in self.rules.definitions.items()},
            "behaviour": [
                {"id": rule.id, "name": rule.name.as_json(), "when": dict(rule.when)} for rule in self.rules.behaviour
            ],
            "lines": {
                "read": lines.read,
                "counted": lines.counted,
                "excluded": sum(lines.excluded.values()),
                "rejected": sum(lines.rejected.values()),
            },
            "excluded": [
                {"rule": name, "name": SKIPPED[name].as_json(), "lines": count}
                for name, count in sorted(lines.excluded.items())
            ],
            "rejected": [
                {
                    "reason": name,
                    "name": REASONS[name].as_json(),
                    "lines": count,
                    "examples": [*map(inert, lines.examples.get(name, []))],
                }
                for name, count in sorted(lines.rejected.items())
            ],
            "services": [figures.as_json() for figures in self.services],
            "logs": [log.as_json() for log in self.logs],
            "unread": [{"path": inert(str(item.path)), **item.refusal.as_json()} for item in self.unread],
        }


def latest_believable() -> int:
    """Epoch seconds one day from now: a log line beyond that has a broken clock."""
    return int(clock.now().timestamp()) + 86_400


def report_from_counts(
    running: Engine,
    rules: CountingRules,
    logs: list[LogRead],
    lines: Tally,
    year: int | None,
    names: Mapping[int, str] | None = None,
) -> TrafficReport:
    """Draws the figures from the engine's counts and books the lines outside the year as excluded."""
    services, outside = draw_figures(running, rules, year=year, names=names)
    if outside:
        lines.excluded["period"] = lines.excluded.get("period", 0) + outside
    return TrafficReport(rules, services, logs, lines, year)


def count_traffic(
    names: Sequence[str],
    *,
    log_format: str = "auto",
    year: int | None = None,
    service: str | None = None,
    rules: CountingRules | None = None,
    progress: Progress | None = None,
    regions: RegionDatabase | None = None,
) -> TrafficReport:
    """Counts logs named by file, glob, folder or `-`; nothing is stored.

    A file named directly must be readable and of a known format; one found in a folder or by a glob may be neither and
    is then listed as unread.
    Raises: LogUnreadable, FormatUnknown, PatternRefused, ResourcesExhausted, RulesUnusable.
    """
    rules = rules or load_rules()
    if regions is not None:
        rules = with_regions(rules, regions.version)
    grammar = choose_grammar(log_format)
    paths = find_logs(names)
    # The crawler list takes a moment to compile; that moment fits into the reading of the first log.
    threading.Thread(target=agents.is_robot_agent, args=("warm up",), kwargs={"nameless": True}, daemon=True).start()
    logs: list[LogRead] = []
    unread: list[Unread] = []
    lines = Tally()
    with engine() as running:
        counter = Counter(running, rules, latest=latest_believable(), service=service, regions=regions)
        steps = Steps(paths, progress)
        for path in paths:
            try:
                read = read_log(counter, path, grammar, progress=steps.within(path))
            except (LogUnreadable, FormatUnknown) as refusal:
                if str(path) in names or len(paths) == 1:
                    raise
                unread.append(Unread(path, refusal))
            else:
                logs.append(read)
                lines.add(read.tally)
            steps.finish(path)
        if unread and not logs:
            raise unread[0].refusal
        report = report_from_counts(running, rules, logs, lines, year, counter.show())
    report.unread = unread
    return report


class Steps:
    """Progress over several logs, weighted by their size."""

    def __init__(self, paths: Sequence[Path], progress: Progress | None) -> None:
        self.progress = progress
        self.sizes = {path: (file_size(path) or 0) + 1 for path in paths}
        self.done = 0

    def within(self, path: Path) -> Callable[[float], None] | None:
        progress = self.progress
        if progress is None:
            return None
        total, done, size = sum(self.sizes.values()), self.done, self.sizes[path]
        return lambda share: progress((done + share * size) / total, path.name)

    def finish(self, path: Path) -> None:
        self.done += self.sizes[path]
        if self.progress:
            self.progress(self.done / sum(self.sizes.values()), path.name)

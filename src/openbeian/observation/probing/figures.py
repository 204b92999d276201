"""Counts what a sweep did, for its summary."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from openbeian.kernel.answers import Answer
from openbeian.observation.probing.record import ProbeRecord


@dataclass
class SweepFigures:
    """Grows with every record and never with the number of sites."""

    sites: int = 0
    received_bytes: int = 0
    checks: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    states: Counter[Answer] = field(default_factory=Counter)

    def add(self, record: ProbeRecord) -> None:
        """Counts one probe."""
        self.sites += 1
        self.states[worst_of(record)] += 1
        for check in record.checks:
            self.checks[check.kind.value, check.outcome.value, check.reason] += 1
        exchanges = [record.http] if record.http is record.https else [record.http, record.https]
        self.received_bytes += sum(e.wire_bytes for e in exchanges if e is not None)

    def as_json(self) -> dict[str, object]:
        """The figures of a sweep for its last line and for a person."""
        reasons = Counter[str]()
        for (kind, outcome, reason), count in self.checks.items():
            if outcome == Answer.NOT_MET:
                reasons[f"{kind}.{reason}"] += count
        return {
            "sites": self.sites,
            **{answer.value: self.states[answer] for answer in Answer},
            "not_met_by_reason": dict(reasons.most_common(30)),
            "received_bytes": self.received_bytes,
        }


def worst_of(record: ProbeRecord) -> Answer:
    """One word for a site: not met if any check was not; cannot tell only if it was not reached; else met."""
    outcomes = {check.outcome for check in record.checks}
    if Answer.NOT_MET in outcomes:
        return Answer.NOT_MET
    return Answer.MET if Answer.MET in outcomes else Answer.CANNOT_TELL

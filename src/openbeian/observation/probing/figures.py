"""Counts what a sweep did, as values under the names a Prometheus page would show; whoever serves pages renders them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from openbeian.kernel.answers import Answer
from openbeian.observation.probing.record import ProbeRecord

BUCKETS_S = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0)


@dataclass(frozen=True, slots=True)
class Sample:
    """One value: `name` with `labels` (never a site: a portfolio would make thousands of series)."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


HELP = {
    "openbeian_probes_total": "Sites probed.",
    "openbeian_probe_checks_total": "Answers by kind of check, outcome and reason.",
    "openbeian_probe_bytes_total": "Bytes received from sites, before decompression.",
    "openbeian_probe_duration_seconds": "How long a probe took.",
}
"""What each name means, and so which names there are."""


@dataclass
class SweepFigures:
    """Grows with every record and never with the number of sites."""

    sites: int = 0
    received_bytes: int = 0
    seconds: float = 0.0
    checks: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    buckets: Counter[float] = field(default_factory=Counter)
    states: Counter[Answer] = field(default_factory=Counter)

    def add(self, record: ProbeRecord) -> None:
        """Counts one probe."""
        self.sites += 1
        self.states[worst_of(record)] += 1
        for check in record.checks:
            self.checks[check.kind.value, check.outcome.value, check.reason] += 1
        exchanges = [record.http] if record.http is record.https else [record.http, record.https]
        self.received_bytes += sum(e.wire_bytes for e in exchanges if e is not None)
        took = (record.finished_at - record.started_at).total_seconds()
        self.seconds += took
        self.buckets[next((b for b in BUCKETS_S if took <= b), float("inf"))] += 1

    def samples(self) -> Iterator[Sample]:
        """Every value; the histogram's buckets are cumulative, as Prometheus wants them."""
        yield Sample("openbeian_probes_total", (), self.sites)
        yield Sample("openbeian_probe_bytes_total", (), self.received_bytes)
        for (kind, outcome, reason), count in sorted(self.checks.items()):
            labels = (("kind", kind), ("outcome", outcome), ("reason", reason))
            yield Sample("openbeian_probe_checks_total", labels, count)
        sum_so_far = 0
        for bucket in (*BUCKETS_S, float("inf")):
            sum_so_far += self.buckets[bucket]
            edge = "+Inf" if bucket == float("inf") else str(bucket)
            yield Sample("openbeian_probe_duration_seconds_bucket", (("le", edge),), sum_so_far)
        yield Sample("openbeian_probe_duration_seconds_sum", (), self.seconds)
        yield Sample("openbeian_probe_duration_seconds_count", (), self.sites)

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

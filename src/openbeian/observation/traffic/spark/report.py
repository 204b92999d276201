"""`count_traffic` on Spark: the same answer, counted by a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from openbeian.observation.traffic.counting import Counter, Tally
from openbeian.observation.traffic.reading import choose_grammar
from openbeian.observation.traffic.regions import RegionDatabase
from openbeian.observation.traffic.report import TrafficReport, latest_believable, report_from_counts
from openbeian.observation.traffic.rules import CountingRules, load_rules, with_regions
from openbeian.observation.traffic.sources import find_logs
from openbeian.observation.traffic.spark.session import find_extra, spark_engine


def count_traffic_on_spark(
    names: Sequence[str],
    *,
    master: str | None = None,
    shared: Path | None = None,
    log_format: str = "auto",
    year: int | None = None,
    service: str | None = None,
    rules: CountingRules | None = None,
    regions: RegionDatabase | None = None,
) -> TrafficReport:
    """Counts logs as `count_traffic` does, every figure the same; nothing is stored.

    Logs and `shared` must be reachable under the same names by all machines; see `spark_engine` for both.
    Raises: EngineMissing; as `count_traffic`.
    """
    rules = rules or load_rules()
    if regions is not None:
        rules = with_regions(rules, regions.version)
    grammar = choose_grammar(log_format)
    paths = find_logs(names)
    find_extra()
    from openbeian.observation.traffic.spark.reading import read_logs

    with spark_engine(master, shared) as running:
        counter = Counter(running, rules, latest=latest_believable(), service=service, regions=regions)
        logs, unread = read_logs(running, counter, paths, grammar, names)
        counter.settle()
        lines = Tally()
        for log in logs:
            lines.add(log.tally)
        report = report_from_counts(running, rules, logs, lines, year)
    report.unread = unread
    return report

"""Keeps the counts as Parquet by service and day, so that the figures outlive the logs.

Layout below the traffic folder: `counts/date=2025-01-31/activity-<save>-<part>.parquet` and so on for each table of
`counting` (rows sorted by service), `manifest.json`, `visitor.key`. Visitors are stored as keyed pseudonyms.
"""

# ruff: noqa: S608 - the SQL is put together from this package's own words; values from outside are parameters or literals made safe
from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from openbeian.kernel import clock
from openbeian.kernel.writing import inert
from openbeian.observation.traffic.archives import HEAD, STDIN, prefix_sha256, read_head
from openbeian.observation.traffic.counting import ALL_TABLES, TABLES, Counter, Tally
from openbeian.observation.traffic.engine import Engine, engine
from openbeian.observation.traffic.errors import (
    FormatUnknown,
    LogAltered,
    LogMerged,
    LogNotSaved,
    LogUnreadable,
    ResourcesExhausted,
    StoreFailed,
)
from openbeian.observation.traffic.grammars import Grammar
from openbeian.observation.traffic.manifest import (
    Manifest,
    SavedLog,
    failed,
    locked,
    read_manifest,
    sync_folder,
    visitor_key,
    write_manifest,
)
from openbeian.observation.traffic.reading import LogRead, choose_grammar, read_log
from openbeian.observation.traffic.regions import RegionDatabase
from openbeian.observation.traffic.report import (
    Progress,
    Steps,
    TrafficReport,
    Unread,
    latest_believable,
    report_from_counts,
)
from openbeian.observation.traffic.rules import CountingRules, load_rules, with_regions
from openbeian.observation.traffic.sources import Content, find_logs

DAY = {"visits": "(first_at + 28800) // 86400", "minutes": "(minute + 480) // 1440"}
"""The China day of a row, for the tables without a column of that name."""

SHORTEST_DIGEST = 8

Outcome = Literal["new", "continued", "known"]


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving one log did: counted as new, continued from where it ended, or known already."""

    outcome: Outcome
    log: LogRead
    since: str

    def as_json(self) -> dict[str, Any]:
        return {"outcome": self.outcome, "first_saved_as": inert(self.since), **self.log.as_json()}


@dataclass(slots=True)
class SaveReport:
    """What a save did, log by log; `unread` as in a report."""

    saved: list[Saved]
    unread: list[Unread]

    def as_json(self) -> dict[str, Any]:
        return {
            "saved": [item.as_json() for item in self.saved],
            "unread": [{"path": inert(str(item.path)), **item.refusal.as_json()} for item in self.unread],
        }


def traffic_folder(home: Path | None = None) -> Path:
    """The store below the data folder."""
    return (home or Path(os.environ.get("OPENBEIAN_HOME", "data"))) / "traffic"


def save_traffic(
    names: Sequence[str],
    *,
    folder: Path,
    log_format: str = "auto",
    service: str | None = None,
    rules: CountingRules | None = None,
    progress: Progress | None = None,
    regions: RegionDatabase | None = None,
) -> SaveReport:
    """Counts logs into the store. Each log is saved wholly or not at all, and no line of it twice, whatever its name.

    A log is known by its content: an identical one changes nothing; one that begins with a saved one is continued.
    Raises: as `count_traffic`; LogAltered; StoreBusy; StoreFailed (what was saved before stays as it was).
    """
    rules = rules or load_rules()
    if regions is not None:
        rules = with_regions(rules, regions.version)
    grammar = choose_grammar(log_format)
    paths = find_logs(names)
    report = SaveReport([], [])
    with locked(folder), engine() as running:
        manifest = read_manifest(folder)
        try:
            sweep(folder, manifest)
            key = visitor_key(folder)
        except OSError as fault:
            raise failed(fault) from fault
        steps = Steps(paths, progress)
        for path in paths:
            counter = Counter(running, rules, latest=latest_believable(), service=service, key=key, regions=regions)
            try:
                report.saved.append(
                    _save(counter, folder, manifest, path, grammar=grammar, service=service, steps=steps)
                )
            except (LogUnreadable, FormatUnknown) as refusal:
                if str(path) in names or len(paths) == 1:
                    raise
                report.unread.append(Unread(path, refusal))
            steps.finish(path)
    return report


def _save(
    counter: Counter,
    folder: Path,
    manifest: Manifest,
    path: Path,
    *,
    grammar: Grammar | None,
    service: str | None,
    steps: Steps,
) -> Saved:
    found = _identify(manifest, path)
    known = Content(size_bytes=found.size_bytes, lines=found.lines, fields=found.fields) if found else None
    read = read_log(counter, path, grammar, known=known, complete_only=path != STDIN, progress=steps.within(path))
    if path == STDIN:
        # Only now is it known what came in; the whole content must be new.
        found = next((log for log in manifest.logs if log.sha256 == read.content.sha256), None)
        if found:
            return Saved("known", LogRead(path, found.lines + 1, read.content, Tally()), found.path)
    if not read.tally.read:
        return Saved("known", read, found.path if found else str(path))
    tell = steps.within(path)
    if tell:
        tell(1.0)  # the last moment to cancel: from here on the save is short and is finished
    identifier = secrets.token_hex(8)
    log = found or SavedLog(str(path), service, 0, 0, "", "")
    try:
        counter.settle()
        files = write_counts(counter.engine, folder, identifier)
        log.labels = sorted({*log.labels, *counter.labels()})
        _book(log, read, files, counter.rules.version)
        if found is None:
            manifest.logs.append(log)
        write_manifest(folder, manifest)
    except ResourcesExhausted as fault:
        raise withdraw(folder, identifier, StoreFailed(why=fault.text)) from fault
    except OSError as fault:
        raise withdraw(folder, identifier, failed(fault)) from fault
    return Saved("continued" if found else "new", read, log.path)


def _book(log: SavedLog, read: LogRead, files: list[str], rules: str) -> None:
    content, tally = read.content, read.tally
    total = Tally(0, dict(log.excluded), dict(log.rejected), dict(log.examples), list(log.formats))
    total.add(tally)
    log.size_bytes, log.lines, log.fields = content.size_bytes, log.lines + tally.read, content.fields
    log.sha256, log.head_sha256 = content.sha256, content.head_sha256
    log.formats, log.counted = total.formats, log.counted + tally.counted
    log.excluded, log.rejected, log.examples = total.excluded, total.rejected, total.examples
    log.rules = [*log.rules, *([] if rules in log.rules else [rules])]
    log.files, log.saved_at = [*log.files, *files], clock.now().isoformat(timespec="seconds")


def _identify(manifest: Manifest, path: Path) -> SavedLog | None:
    """The saved log that this one is or continues.

    Raises: LogAltered when it begins like a saved one but is shorter or differs: counting it could count lines twice.
    """
    if path == STDIN:
        return None
    head = read_head(path)
    alike = [
        log for log in manifest.logs if hashlib.sha256(head[: min(HEAD, log.size_bytes)]).hexdigest() == log.head_sha256
    ]
    for log in sorted(alike, key=lambda log: -log.size_bytes):
        if prefix_sha256(path, log.size_bytes) == log.sha256:
            return log
    if alike:
        raise LogAltered(path=path, known=alike[0].path)
    return None


def write_counts(running: Engine, folder: Path, identifier: str, tables: Mapping[str, str] = TABLES) -> list[str]:
    """Writes the engine's counts as Parquet, one file per table and day, safe on disk; returns their names.

    Raises: ResourcesExhausted, OSError.
    """
    counts = folder / "counts"
    counts.mkdir(exist_ok=True)
    target = str(counts).replace("'", "''")
    running.run("SET threads = 1")  # one file per day and table
    for table in tables:
        has_visitor = "visitor UBIGINT" in tables[table]
        columns = "t.* REPLACE (p.pseudonym AS visitor)" if has_visitor else "t.*"
        join = "JOIN pseudonyms p USING (visitor)" if has_visitor else ""
        day = f", CAST({DAY[table]} AS INTEGER) AS day" if table in DAY else ""
        order = "service, visitor" if join else "service"
        running.run(
            f"""COPY (SELECT *, strftime(DATE '1970-01-01' + day, '%Y-%m-%d') AS date FROM (SELECT {columns}{day} FROM {table} t {join})
            ORDER BY {order}) TO '{target}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (date),
            FILENAME_PATTERN '{table}-{identifier}-{{uuid}}', APPEND)"""
        )
    running.run("RESET threads")
    written = sorted(counts.glob(f"*/*-{identifier}-*.parquet"))
    for path in written:
        with path.open("rb") as file:
            os.fsync(file.fileno())
    for parent in {path.parent for path in written} | {counts, folder}:
        sync_folder(parent)
    return [str(path.relative_to(folder)) for path in written]


def withdraw(folder: Path, identifier: str, refusal: StoreFailed) -> StoreFailed:
    """Removes the files of an unfinished save; returns the refusal to raise."""
    for path in folder.glob(f"counts/*/*-{identifier}-*"):
        path.unlink(missing_ok=True)
    return refusal


def sweep(folder: Path, manifest: Manifest) -> int:
    """Removes what an interrupted save left behind; returns how many files. Raises: OSError."""
    named = manifest.files()
    loose = [p for p in folder.glob("counts/*/*") if str(p.relative_to(folder)) not in named]
    for path in loose:
        path.unlink()
    return len(loose)


def load_counts(
    running: Engine,
    folder: Path,
    manifest: Manifest,
    *,
    labels: Mapping[str, str] | None = None,
    year: int | None = None,
    tables: Collection[str] = tuple(ALL_TABLES),
) -> None:
    """Fills the engine's tables of counts from the store.

    With `labels` only these services, each under the name it is mapped to: several become one and share their visitors.
    With `year` only its days and the day before, on which a visit may have begun. Tables not named stay empty.
    """
    names = [name for name in manifest.files() if year is None or _is_near(name, year)]
    running.run("CREATE OR REPLACE TEMP TABLE labels (service VARCHAR, label VARCHAR)")
    if labels:
        running.run(
            "INSERT INTO labels SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[])", [[*labels], [*labels.values()]]
        )
    if labels and len(set(labels.values())) < len(labels):
        # What several hosts had exactly, each for itself, is no number for them together.
        tables = [table for table in tables if table != "exact_visitors"]
    chosen = "" if labels is None else "JOIN labels USING (service)"
    for table, columns in ALL_TABLES.items():
        running.run(f"CREATE OR REPLACE TEMP TABLE {table} ({columns})")
        files = sorted(
            str(folder / name) for name in names if table in tables and Path(name).name.startswith(f"{table}-")
        )
        if files:
            listed = ", ".join("?" for _ in files)
            wanted = ", ".join(column.split()[0] for column in columns.split(", "))
            wanted = wanted if labels is None else wanted.replace("service", "label AS service", 1)
            running.run(
                f"INSERT INTO {table} SELECT {wanted} FROM read_parquet([{listed}], hive_partitioning = false) {chosen}",
                list(files),
            )


def forget_log(folder: Path, sha256: str) -> SavedLog:
    """Removes the counts of the one saved log whose digest begins with `sha256` (eight characters or more).

    What other logs were counted stays as it is. Raises: LogNotSaved when none or several begin so; LogMerged when visitors
    of its days were forgotten; StoreBusy, StoreFailed.
    """
    with locked(folder):
        manifest = read_manifest(folder)
        found = [log for log in manifest.logs if len(sha256) >= SHORTEST_DIGEST and log.sha256.startswith(sha256)]
        if len(found) != 1:
            raise LogNotSaved(sha256=inert(sha256[:64]))
        if found[0].merged:
            raise LogMerged(before=manifest.forgotten.before)
        manifest.logs.remove(found[0])
        try:
            write_manifest(folder, manifest)
            sweep(folder, manifest)
        except OSError as fault:
            raise failed(fault) from fault
        return found[0]


def _is_near(name: str, year: int) -> bool:
    day = Path(name).parent.name.removeprefix("date=")
    return day[:4] == str(year) or day == f"{year - 1}-12-31"


def report_saved(folder: Path, *, year: int | None = None, rules: CountingRules | None = None) -> TrafficReport:
    """The figures of everything saved, drawn by the rules of today.

    Raises: StoreFailed when manifest or counts cannot be read.
    """
    rules = rules or load_rules()
    manifest = read_manifest(folder)
    lines, logs = Tally(), []
    for log in manifest.logs:
        tally = Tally(log.lines, dict(log.excluded), dict(log.rejected), dict(log.examples), list(log.formats))
        lines.add(tally)
        content = Content(size_bytes=log.size_bytes, lines=log.lines, sha256=log.sha256, head_sha256=log.head_sha256)
        logs.append(LogRead(Path(log.path), 1, content, tally))
    with engine() as running:
        try:
            load_counts(running, folder, manifest)
        except ResourcesExhausted as fault:
            raise StoreFailed(why=fault.text) from fault
        return report_from_counts(running, rules, logs, lines, year)

"""Reads logs on the cluster: each machine normalises whole logs into pieces, then Spark reads the lines of all of them.

What a line means stays in `grammars`, what a block of bytes means in `sources`: nothing about logs is said twice.
"""

# ruff: noqa: S608 - the SQL is put together from this package's own words
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openbeian.observation.traffic import agents
from openbeian.observation.traffic.archives import STDIN
from openbeian.observation.traffic.counting import EXAMPLES, Counter, Tally, other_grammar
from openbeian.observation.traffic.errors import FormatUnknown, LogUnreadable
from openbeian.observation.traffic.grammars import GRAMMARS, Grammar, iis, recognise
from openbeian.observation.traffic.reading import LogRead, number_examples, recognise_piece
from openbeian.observation.traffic.report import Unread
from openbeian.observation.traffic.sources import Content, LineReader, Piece, Spool, sample_lines
from openbeian.observation.traffic.spark.engine import SparkEngine

BATCH = 16
"""So many pieces (of 256 MiB at most) are one Spark job; more would make its plan slow."""
_FACTS = "address, agent, request, referrer, host, moment, status, bytes, reason, l"


@dataclass(slots=True)
class _Log:
    """A log on its way; `pieces` with the tally of each."""

    path: Path
    grammar: Grammar | None
    content: Content = field(default_factory=Content)
    pieces: list[tuple[Piece, Tally]] = field(default_factory=list)


def read_logs(
    engine: SparkEngine, counter: Counter, paths: Sequence[Path], grammar: Grammar | None, named: Sequence[str]
) -> tuple[list[LogRead], list[Unread]]:
    """Counts logs; those from folders and globs that are none are listed as unread, those in `named` refused.

    Raises: LogUnreadable, FormatUnknown.
    """
    logs: list[_Log] = []
    unread: list[Unread] = []
    for path in paths:
        try:
            logs.append(_Log(path, grammar or _recognise(path)))
        except (LogUnreadable, FormatUnknown) as refusal:
            if str(path) in named or len(paths) == 1:
                raise
            unread.append(Unread(path, refusal))
    if unread and not logs:
        raise unread[0].refusal
    _spool(engine, logs)
    work = [(log, piece, tally) for log in logs for piece, tally in log.pieces]
    for start in range(0, len(work), BATCH):
        _count(engine, counter, work[start : start + BATCH])
    return [_finish(log) for log in logs], unread


def _recognise(path: Path) -> Grammar | None:
    sample = [] if path == STDIN else sample_lines(path)
    found = recognise(sample)
    if found is None and sample:
        raise FormatUnknown(path=path, known=", ".join(GRAMMARS))
    return found


def _spool(engine: SparkEngine, logs: list[_Log]) -> None:
    """Each log is written as pieces by one machine; standard input by this one."""
    tasks = [(i, str(log.path), _has_directives(log), str(engine.folder)) for i, log in enumerate(logs)]
    here = [task for task in tasks if logs[task[0]].path == STDIN]
    there = [task for task in tasks if logs[task[0]].path != STDIN]
    done = [spool_log(task) for task in here]
    if there:
        done += engine.session.sparkContext.parallelize(there, len(there)).map(spool_log).collect()
    for index, content, pieces in done:
        if isinstance(content, LogUnreadable):
            raise content
        logs[index].content, logs[index].pieces = content, [(piece, Tally()) for piece in pieces]


def _has_directives(log: _Log) -> bool:
    return log.grammar is None or log.grammar.name == "iis_w3c"


def spool_log(task: tuple[int, str, bool, str]) -> tuple[int, Content | LogUnreadable, list[Piece]]:
    """Runs on any machine: (number, path, split at IIS directives, folder) → (number, content or refusal, pieces)."""
    index, path, directives, folder = task
    reader = LineReader(Path(path))
    try:
        pieces = list(Spool(reader, Path(folder)).pieces(split_fields=directives))
    except LogUnreadable as refusal:
        return index, refusal, []
    return index, reader.content, pieces


def _count(engine: SparkEngine, counter: Counter, work: list[tuple[_Log, Piece, Tally]]) -> None:
    facts = []
    for number, (log, piece, _) in enumerate(work):
        log.grammar = log.grammar or recognise_piece(piece, log.path)
        named = iis(piece.fields.split()) if log.grammar.name == "iis_w3c" and piece.fields else log.grammar
        engine.show_lines(f"lines_{number}", piece.path)
        facts.append(
            f"SELECT {_FACTS}, {number} AS piece FROM ({named.facts(f'lines_{number}', latest=counter.latest)})"
        )
    engine.run(f"CREATE OR REPLACE TEMP TABLE read_facts AS {' UNION ALL '.join(facts)}")
    formats = [[log.grammar.name if log.grammar else ""] for log, _, _ in work]
    _read_again(engine, counter, formats)
    _tally(engine, work, formats)
    internal = _find_internal(engine, counter)
    counter.load_facts(f"SELECT {_FACTS} FROM read_facts")
    excluded = counter.count()
    if excluded != sum(internal.values()):
        raise AssertionError(f"{excluded} internal lines counted of {internal}")
    for number, lines in internal.items():
        work[number][2].excluded["internal"] = lines
    for number, (_, piece, tally) in enumerate(work):
        if tally.read != piece.lines:
            raise AssertionError(f"{tally.read} lines read of {piece.lines}")
        number_examples(tally, piece.path, piece.first_line)
        piece.path.unlink()
        engine.session.catalog.dropTempView(f"lines_{number}")
    engine.run("DROP TABLE read_facts")


def _read_again(engine: SparkEngine, counter: Counter, formats: list[list[str]]) -> None:
    """Offers the lines that fit no grammar to the one that fits most of them, piece by piece, until none does."""
    waiting = {number for (number,) in engine.rows("SELECT DISTINCT piece FROM read_facts WHERE reason = 'shape'")}
    while waiting:
        number = waiting.pop()
        rows = engine.rows(f"SELECT l FROM read_facts WHERE reason = 'shape' AND piece = {number} LIMIT 500")
        other = other_grammar([line for (line,) in rows], formats[number])
        if other is None:
            continue
        engine.run(
            f"CREATE OR REPLACE TEMP TABLE rest AS SELECT l FROM read_facts WHERE reason = 'shape' AND piece = {number}"
        )
        engine.run(f"DELETE FROM read_facts WHERE reason = 'shape' AND piece = {number}")
        facts = other.facts("rest", latest=counter.latest)
        engine.run(f"INSERT INTO read_facts SELECT {_FACTS}, {number} FROM ({facts})")
        engine.run("DROP TABLE rest")
        formats[number].append(other.name)
        waiting.add(number)


def _tally(engine: SparkEngine, work: list[tuple[_Log, Piece, Tally]], formats: list[list[str]]) -> None:
    for (_, _, tally), names in zip(work, formats, strict=True):
        tally.formats = names
    for number, reason, lines in engine.rows("SELECT piece, reason, count(*) FROM read_facts GROUP BY piece, reason"):
        tally = work[number][2]
        tally.read += lines
        if reason is not None and reason.startswith("skip:"):
            tally.excluded[reason.removeprefix("skip:")] = lines
        elif reason is not None:
            tally.rejected[reason], tally.examples[reason] = lines, []
    for number, reason, text in engine.rows(
        f"""SELECT piece, reason, text FROM (
            SELECT piece, reason, text, row_number() OVER (PARTITION BY piece, reason ORDER BY text) AS place FROM (
                SELECT piece, reason, substring(l, 1, 300) AS text FROM read_facts
                WHERE reason IS NOT NULL AND NOT starts_with(reason, 'skip:') AND l <> ''))
        WHERE place <= {EXAMPLES}"""
    ):
        shown = work[number][2].examples[reason]
        shown[:] = sorted({*shown, text})


def _find_internal(engine: SparkEngine, counter: Counter) -> dict[int, int]:
    """Well-formed lines from internal addresses, by piece: what `Counter.count` will leave out."""
    networks = counter.rules.internal
    near = engine.rows(
        "SELECT DISTINCT address FROM read_facts WHERE reason IS NULL "
        f"AND regexp_matches(address, '{agents.internal_candidates(networks)}')"
    )
    internal = agents.find_internal((address for (address,) in near), networks)
    if not internal:
        return {}
    found: list[tuple[Any, ...]] = engine.rows(
        "SELECT piece, count(*) FROM read_facts WHERE reason IS NULL "
        "AND address IN (SELECT unnest(?::VARCHAR[])) GROUP BY piece",
        [internal],
    )
    return dict(found)


def _finish(log: _Log) -> LogRead:
    total = Tally()
    for _, tally in log.pieces:
        total.add(tally)
    if log.grammar is not None and not total.formats:
        total.formats.append(log.grammar.name)
    return LogRead(log.path, 1, log.content, total)

"""Reads one log into the counter: in place when the engine can, in spooled pieces otherwise."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from openbeian.kernel.text import Text
from openbeian.kernel.writing import inert
from openbeian.observation.traffic.archives import STDIN, compression_of
from openbeian.observation.traffic.counting import Counter, Source, Tally
from openbeian.observation.traffic.engine import Progress
from openbeian.observation.traffic.errors import FormatUnknown, ResourcesExhausted
from openbeian.observation.traffic.grammars import GRAMMARS, TOO_LONG_MARK, Grammar, iis, recognise
from openbeian.observation.traffic.layouts import find_layout
from openbeian.observation.traffic.pattern import compile_pattern
from openbeian.observation.traffic.ranges import (
    RANGE,
    Range,
    copy_range,
    cut_ranges,
    last_line_end,
    piped,
    read_beginning,
)
from openbeian.observation.traffic.sources import (
    SAMPLE,
    Content,
    LineReader,
    Piece,
    Spool,
    count_lines,
    decode_sample,
    describe,
    file_size,
    sample_lines,
)

IN_PLACE_LIMIT = 768 << 20
"""Larger files are read in pieces, so that memory stays bounded."""

_BEGIN = 12


@dataclass(frozen=True, slots=True)
class LogRead:
    """What one log held and what became of its lines `first_line` … `first_line + tally.read - 1`."""

    path: Path
    first_line: int
    content: Content
    tally: Tally

    def as_json(self) -> dict[str, Any]:
        last = self.first_line + self.tally.read - 1
        return {
            "path": inert(str(self.path)),
            "formats": [
                GRAMMARS[n].title.as_json() | {"id": n} if n in GRAMMARS else {"id": n} for n in self.tally.formats
            ],
            "compression": self.content.compression,
            "bytes": self.content.size_bytes,
            "sha256": self.content.sha256,
            "lines": [self.first_line, last] if self.tally.read else [],
            "read": self.tally.read,
            "counted": self.tally.counted,
            "excluded": dict(sorted(self.tally.excluded.items())),
            "rejected": dict(sorted(self.tally.rejected.items())),
            "pending_bytes": self.content.pending_bytes,
            "problem": self.content.problem.as_json() if self.content.problem else None,
        }


def choose_grammar(name: str) -> Grammar | None:
    """The grammar for `--format`: a known name, an own pattern (it holds `$` or `%`), or None for `auto`.

    Raises: PatternRefused, FormatUnknown.
    """
    if name == "auto":
        return None
    if name in GRAMMARS:
        return GRAMMARS[name]
    if "$" in name or "%" in name:
        return compile_pattern(name)
    raise FormatUnknown(path=name, known=", ".join(GRAMMARS))


def read_log(
    counter: Counter,
    path: Path,
    grammar: Grammar | None,
    *,
    known: Content | None = None,
    complete_only: bool = False,
    progress: Progress | None = None,
) -> LogRead:
    """Counts a log; `known` describes the beginning that was counted before and is skipped.

    With `complete_only` an unfinished last line is left for the next time.
    Raises: LogUnreadable, FormatUnknown, ResourcesExhausted.
    """
    sample: list[str] = []
    if path != STDIN:
        sample = sample_lines(path)
        grammar = grammar or recognise(sample)
        if grammar is None and sample:
            raise FormatUnknown(path=path, known=", ".join(GRAMMARS))
    if grammar is not None and grammar.name != "iis_w3c":
        in_place = None
        if known is None:
            in_place = _read_in_place(counter, path, grammar, sample, complete_only=complete_only, progress=progress)
        if in_place is not None:
            return in_place
        if path != STDIN and compression_of(path) == "none" and file_size(path) and find_layout(grammar, sample):
            return _read_ranges(
                counter, path, grammar, known or Content(), complete_only=complete_only, progress=progress
            )
    return _read_spooled(counter, path, grammar, known or Content(), complete_only=complete_only, progress=progress)


def _read_in_place(
    counter: Counter,
    path: Path,
    grammar: Grammar,
    sample: list[str],
    *,
    complete_only: bool,
    progress: Progress | None,
) -> LogRead | None:
    """Lets the engine read the file itself while another thread computes its digest.

    None when an unfinished last line must wait, when the engine refuses the bytes or sees other lines than there are
    (control characters, a file that grows meanwhile): nothing has been counted then, and another way takes over.
    """
    size = file_size(path)
    if size is None or size > IN_PLACE_LIMIT or compression_of(path) != "none":
        return None
    if complete_only and last_line_end(path, size) < size:
        return None
    with ThreadPoolExecutor(1) as threads:
        digest = threads.submit(describe, path, size)
        with counter.engine.watched(progress):
            tally = _read_columns(counter, lambda: nullcontext([path]), size, grammar, sample)
            content = digest.result()
            if tally is None:
                lines = threads.submit(count_lines, path, size)
                try:
                    tally = counter.read(path, grammar)
                except (duckdb.InvalidInputException, duckdb.ConversionException):
                    return None
                if tally.read != lines.result():
                    return None
    content.lines = tally.read
    number_examples(tally, path, 1)
    _count(counter, tally)
    content.pending_bytes = 0
    return LogRead(path, 1, content, tally)


def _read_ranges(
    counter: Counter,
    path: Path,
    grammar: Grammar,
    known: Content,
    *,
    complete_only: bool,
    progress: Progress | None,
) -> LogRead:
    """A plain file whose beginning is in order, range by range, while another thread computes its digest."""
    size = file_size(path) or 0
    end = max(last_line_end(path, size), known.size_bytes) if complete_only else size
    total, stopped = Tally(), threading.Event()
    with ThreadPoolExecutor(1) as threads:
        digest = threads.submit(describe, path, end, stopped)
        try:
            for part in cut_ranges(path, known.size_bytes, end, RANGE):
                total.add(_read_range(counter, path, part, grammar, known.lines + total.read + 1))
                if progress:
                    progress(part.end / size)
            content = digest.result()
        finally:
            stopped.set()
    content.lines, content.pending_bytes = total.read, size - end
    total.formats = total.formats or [grammar.name]
    return LogRead(path, known.lines + 1, content, total)


def _read_range(counter: Counter, path: Path, part: Range, grammar: Grammar, first_line: int) -> Tally:
    folder = counter.engine.folder
    sample = decode_sample(read_beginning(path, part, SAMPLE))
    tally = _read_columns(counter, lambda: piped(path, part, folder), part.size_bytes, grammar, sample)
    if tally is None:
        piece = None
        try:
            piece = copy_range(path, part, folder)
            tally = _read_piece(counter, piece, grammar)
            number_examples(tally, piece.path, first_line)
        except OSError as fault:
            raise short_of_resources(fault) from fault
        finally:
            if piece is not None:
                piece.path.unlink(missing_ok=True)
    _count(counter, tally)
    return tally


def _read_spooled(
    counter: Counter,
    path: Path,
    grammar: Grammar | None,
    known: Content,
    *,
    complete_only: bool,
    progress: Progress | None,
) -> LogRead:
    first_line, folder = known.lines + 1, counter.engine.folder
    reader = LineReader(path, known.size_bytes, complete_only=complete_only)
    spool = Spool(reader, folder, first_line=first_line, fields=known.fields, at_beginning=known.size_bytes == 0)
    size = file_size(path) or 0
    total = Tally()
    for piece in ahead(spool.pieces(split_fields=grammar is None or grammar.name == "iis_w3c")):
        try:
            grammar = grammar or recognise_piece(piece, path)
            with piece.path.open("rb") as file:
                sample = decode_sample(file.read(SAMPLE))
            whole = piece.path
            tally = _read_columns(counter, lambda: nullcontext([whole]), piece.size_bytes, grammar, sample)  # noqa: B023 - called at once
            if tally is None or tally.read != piece.lines:
                tally = _read_piece(counter, piece, grammar)
                number_examples(tally, piece.path, piece.first_line)
            _count(counter, tally)
        finally:
            piece.path.unlink(missing_ok=True)
        total.add(tally)
        if progress and size and reader.content.compression == "none":
            progress(min(reader.content.size_bytes / size, 1.0))
    if grammar is not None and not total.formats:
        total.formats.append(grammar.name)
    return LogRead(path, first_line, reader.content, total)


def _read_columns(counter: Counter, source: Source, size: int, grammar: Grammar, sample: list[str]) -> Tally | None:
    """The quick way; None where the sample or any line is not in order."""
    layout = find_layout(grammar, sample)
    if layout is None:
        return None
    try:
        return counter.read_columns(source, size, grammar, layout)
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return None
    except OSError:  # no pipes here, or no room for them: a copy is tried, which says so if it cannot be written
        return None


def _read_piece(counter: Counter, piece: Piece, grammar: Grammar) -> Tally:
    lines = piece.make_fit() if piece.lines is None else piece.lines
    named = iis(piece.fields.split()) if grammar.name == "iis_w3c" and piece.fields else grammar
    tally = counter.read(piece.path, named)
    if tally.read != lines:
        raise AssertionError(f"{tally.read} lines read of {lines}")
    return tally


def short_of_resources(fault: OSError) -> ResourcesExhausted:
    """The refusal for a disk that is full, or another fault of the system while a log is prepared."""
    return ResourcesExhausted(why=Text(f"系统报告 {fault.strerror}", str(fault.strerror)))


def _count(counter: Counter, tally: Tally) -> None:
    internal = counter.count()
    if internal:
        tally.excluded["internal"] = internal


def number_examples(tally: Tally, path: Path, first_line: int) -> None:
    """Puts before each rejected line shown the number of the first line of the log that begins so: `17: …`."""
    wanted = {text.encode(): reason for reason, texts in tally.examples.items() for text in texts}
    if not wanted:
        return
    begins: dict[bytes, list[bytes]] = {}
    for text in wanted:
        begins.setdefault(text[:_BEGIN], []).append(text)
    numbered: dict[str, list[str]] = {reason: [] for reason in tally.examples}
    with path.open("rb") as file:
        for number, line in enumerate(file, first_line):
            if line[:_BEGIN].rstrip(b"\r\n") not in begins:
                continue
            bare = line.rstrip(b"\r\n")
            for text in [t for t in begins[bare[:_BEGIN]] if t in wanted and bare.startswith(t)]:
                numbered[wanted.pop(text)].append(f"{number}: {text.decode().removeprefix(TOO_LONG_MARK)}")
            if not wanted:
                break
    for text, reason in wanted.items():  # a byte order mark stands before it
        numbered[reason].append(text.decode())
    tally.examples = numbered


def recognise_piece(piece: Piece, path: Path) -> Grammar:
    """The grammar of a piece of the log at `path`. Raises: FormatUnknown."""
    with piece.path.open("rb") as file:
        found = iis(piece.fields.split()) if piece.fields else recognise(decode_sample(file.read(256 << 10)))
    if found is None:
        raise FormatUnknown(path=path, known=", ".join(GRAMMARS))
    return found


def ahead(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The same pieces, the next one being prepared in a second thread while the present one is counted.

    What is prepared but never asked for is removed. A failure over there is raised here; a full disk as a refusal.
    """
    ready: queue.Queue[Piece | BaseException | None] = queue.Queue(maxsize=1)
    stopped = threading.Event()

    def offer(item: Piece | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.1)
            except queue.Full:
                continue
            return
        if isinstance(item, Piece):
            item.path.unlink(missing_ok=True)

    def prepare() -> None:
        try:
            for piece in pieces:
                offer(piece)
                if stopped.is_set():
                    return
            offer(None)
        except BaseException as fault:
            offer(fault)

    worker = threading.Thread(target=prepare, daemon=True)
    worker.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, OSError):
                raise short_of_resources(item) from item
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        worker.join()

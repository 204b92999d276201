"""A plain log cut into ranges is the same log: lines, digest, what is pending, what is refused."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.observation.traffic.generator import Truth, log_text, make_events

from openbeian.observation.traffic import ranges, reading
from openbeian.observation.traffic.errors import LogUnreadable
from openbeian.observation.traffic.ranges import Range, cut_ranges, last_line_end, piped
from openbeian.observation.traffic.report import count_traffic
from openbeian.observation.traffic.store import report_saved, save_traffic

EVENTS = make_events(seed=80)
WORDS = st.lists(st.sampled_from([b"\n", b"a", b"bcd", b'"', b"\\", b"\xef\xbb\xbf", b"e" * 30]), max_size=60)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "_BLOCK", 16)
    monkeypatch.setattr(reading, "IN_PLACE_LIMIT", 0)
    monkeypatch.setattr(reading, "RANGE", 100_000)


@given(words=WORDS, lines_known=st.integers(0, 3), size=st.integers(1, 50))
def test_ranges_are_whole_lines_and_leave_nothing_out(
    tmp_path_factory: pytest.TempPathFactory, words: list[bytes], lines_known: int, size: int
) -> None:
    log, written = tmp_path_factory.mktemp("ranges") / "log", b"".join(words)
    log.write_bytes(written)
    start = len(b"".join(written.splitlines(keepends=True)[:lines_known])) if written.endswith(b"\n") else 0
    found = list(cut_ranges(log, start, len(written), size))
    parts = [written[part.start : part.end] for part in found]
    assert all(part.endswith(b"\n") for part in parts[:-1])
    assert all(len(part.rpartition(b"\n")[0].removesuffix(b"\n")) <= size + 60 * 30 for part in parts)
    assert b"".join(parts) == (written[start:] if start else written.removeprefix(b"\xef\xbb\xbf"))
    assert last_line_end(log, len(written)) == written.rfind(b"\n") + 1


def test_pipes_deliver_their_lines_once_and_leave_nothing_behind(tmp_path: Path) -> None:
    log = tmp_path / "log"
    lines = [f"line {n}\n".encode() for n in range(5_000)]
    log.write_bytes(b"".join(lines))
    begin, end = len(b"".join(lines[:100])), len(b"".join(lines[:4_000]))
    with piped(log, Range(begin, end - begin), tmp_path) as pipes:
        found = [pipe.read_bytes() for pipe in reversed(pipes)]  # in whatever order the reader takes them
    assert len(pipes) > os.cpu_count()
    assert b"".join(reversed(found)) == b"".join(lines[100:4_000])
    with piped(log, Range(0, end), tmp_path) as pipes, pipes[0].open("rb") as seen_enough:
        assert seen_enough.read(6) == b"line 0"
    with piped(log, Range(0, end), tmp_path):
        pass  # nobody reads at all
    assert list(tmp_path.iterdir()) == [log]
    assert not [thread for thread in threading.enumerate() if "_feed" in thread.name]


@pytest.mark.parametrize("rubbish", [b"", b"\x1f\x8b rubbish\n", b"x" * 70_000 + b"\n", b"\xff\x1b[31m\n", b"\n"])
def test_large_logs_are_counted_exactly_whatever_stands_between_their_lines(
    rubbish: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "_BLOCK", 4_000)
    lines = log_text("nginx combined", EVENTS).encode().splitlines(keepends=True)
    log = tmp_path / "access.log"
    log.write_bytes(b"".join([*lines[:600], rubbish, *lines[600:]]))
    report = count_traffic([str(log)])
    assert report.as_json()["services"] == [Truth(EVENTS, with_agent=True).service("")]
    assert report.lines.read == len(lines) + bool(rubbish)
    assert sum(report.lines.rejected.values()) == bool(rubbish)
    (read,) = report.logs
    assert read.content.sha256 == hashlib.sha256(log.read_bytes()).hexdigest()
    assert "\x1b" not in str(report.as_json())


def test_a_growing_log_is_continued_range_by_range(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "_BLOCK", 4_000)
    lines = log_text("nginx combined", EVENTS).encode().splitlines(keepends=True)
    log, folder = tmp_path / "access.log", tmp_path / "store"
    log.write_bytes(b"".join(lines[:700]) + lines[700][:40])
    (first,) = save_traffic([str(log)], folder=folder).saved
    assert (first.outcome, first.log.tally.read, first.log.content.pending_bytes) == ("new", 700, 40)
    log.write_bytes(b"".join(lines))
    (second,) = save_traffic([str(log)], folder=folder).saved
    assert (second.outcome, second.log.tally.read, second.log.first_line) == ("continued", len(lines) - 700, 701)
    assert second.log.content.sha256 == hashlib.sha256(log.read_bytes()).hexdigest()
    assert report_saved(folder).as_json()["services"] == [Truth(EVENTS, with_agent=True).service("")]


def test_a_log_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(LogUnreadable, match="gone"):
        list(cut_ranges(tmp_path / "gone", 0, 10))

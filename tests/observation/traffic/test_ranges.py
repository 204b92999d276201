"""A plain log cut into copies of its bytes is the same log: lines, digest, what is pending, what is refused."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.observation.traffic.generator import Truth, log_text, make_events

from openbeian.observation.traffic import ranges, reading, sources
from openbeian.observation.traffic.errors import LogUnreadable
from openbeian.observation.traffic.ranges import PlainPieces
from openbeian.observation.traffic.report import count_traffic
from openbeian.observation.traffic.sources import LineReader

EVENTS = make_events(seed=80)
WORDS = st.lists(st.sampled_from([b"\n", b"a", b"bcd", b'"', b"\\", b'\\"', b"\xef\xbb\xbf", b"e" * 30]), max_size=60)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (ranges, sources):
        monkeypatch.setattr(module, "DIGEST_BLOCK", 16)
    monkeypatch.setattr(ranges, "PIECE", 40)


@given(words=WORDS, complete_only=st.booleans(), lines_known=st.integers(0, 3))
def test_the_pieces_hold_the_lines_of_the_log_and_describe_it_as_the_line_reader_does(
    tmp_path_factory: pytest.TempPathFactory, words: list[bytes], complete_only: bool, lines_known: int
) -> None:
    folder = tmp_path_factory.mktemp("pieces")
    log, written = folder / "log", b"".join(words)
    log.write_bytes(written)
    start = len(b"".join(written.splitlines(keepends=True)[:lines_known])) if written.endswith(b"\n") else 0
    plain = PlainPieces(log, folder, start=start, complete_only=complete_only)
    found = b""
    for piece in plain.pieces():
        text = piece.path.read_bytes()
        piece.path.unlink()
        assert text.endswith(b"\n")
        assert (piece.size_bytes, piece.lines) == (len(text), None)
        found += text
    reader = LineReader(log, start, complete_only=complete_only)
    expected = b"".join(reader.blocks())
    assert found == (expected if start else expected.removeprefix(b"\xef\xbb\xbf"))
    assert replace(plain.content, lines=reader.content.lines) == reader.content
    assert list(folder.iterdir()) == [log]


@pytest.mark.parametrize("rubbish", [b"", b"\x1f\x8b rubbish\n", b"x" * 70_000 + b"\n", b"\xff\x1b[31m\n", b"\n"])
def test_large_logs_are_counted_exactly_whatever_stands_between_their_lines(
    rubbish: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "IN_PLACE_LIMIT", 0)
    monkeypatch.setattr(ranges, "PIECE", 100_000)
    monkeypatch.setattr(ranges, "DIGEST_BLOCK", 4_000)
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


def test_a_log_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(LogUnreadable, match="gone"):
        list(PlainPieces(tmp_path / "gone", tmp_path).pieces())

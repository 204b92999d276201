"""Whatever a log holds, reading never crashes, never loses a line, and shows nothing that could act."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.observation.traffic.generator import FORMATS, Truth, log_text, make_events

from openbeian.kernel.writing import inert
from openbeian.observation.traffic.counting import Counter
from openbeian.observation.traffic.display import cell, csv_text
from openbeian.observation.traffic.engine import engine
from openbeian.observation.traffic.errors import FormatUnknown, LogUnreadable, PatternRefused
from openbeian.observation.traffic.grammars import GRAMMARS, recognise
from openbeian.observation.traffic.pattern import compile_pattern
from openbeian.observation.traffic.reading import read_log
from openbeian.observation.traffic.report import count_traffic
from openbeian.observation.traffic.rules import load_rules
from openbeian.observation.traffic.sources import decode_sample, normalise

EVENTS = make_events(seed=40, visits=4)[:40]


def test_a_binary_file_is_refused_and_named(tmp_path: Path) -> None:
    log = tmp_path / "photo.log"
    log.write_bytes(random.Random(1).randbytes(100_000))
    with pytest.raises(FormatUnknown, match=r"photo\.log"):
        count_traffic([str(log)])


def test_a_binary_file_in_a_folder_is_listed_as_unread(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(log_text("common", EVENTS), encoding="utf-8")
    (tmp_path / "photo.png").write_bytes(random.Random(1).randbytes(1000))
    report = count_traffic([str(tmp_path)])
    assert [item.path.name for item in report.unread] == ["photo.png"]
    assert report.lines.read == len(EVENTS)


def test_a_missing_file_and_a_folder_of_nothing_are_refused(tmp_path: Path) -> None:
    for name in ("missing.log", "*.log", "."):
        with pytest.raises(LogUnreadable):
            count_traffic([str(tmp_path / name)])


def test_a_log_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "access.log"
    log.write_text("x")

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    # A real chmod would not stop a test that runs as root.
    monkeypatch.setattr("openbeian.observation.traffic.archives.io.FileIO", denied)
    with pytest.raises(LogUnreadable, match="Permission denied"):
        count_traffic([str(log)])


def test_an_empty_log_says_nothing_was_there(tmp_path: Path) -> None:
    (tmp_path / "empty.log").touch()
    report = count_traffic([str(tmp_path / "empty.log")])
    assert (report.lines.read, report.services) == (0, [])


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_a_truncated_archive_is_counted_as_far_as_it_goes_and_says_so(
    compress: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    packed = compress(log_text("nginx combined", make_events(seed=41)).encode())
    log = tmp_path / "access.log.gz"
    log.write_bytes(packed[: len(packed) // 2])
    report = count_traffic([str(log)])
    assert report.lines.read > 100
    assert report.logs[0].content.problem is not None


def test_a_line_of_ten_megabytes_is_one_rejected_line(tmp_path: Path) -> None:
    lines = log_text("nginx combined", EVENTS).splitlines()
    lines.insert(20, "A" * 10_000_000)
    lines.append('1.2.3.4 - - [31/Dec/2025:00:00:00 +0800] "GET /' + "b" * 10_000_000)
    log = tmp_path / "access.log"
    log.write_text("\n".join(lines), encoding="utf-8")
    report = count_traffic([str(log)])
    assert report.lines.rejected == {"too_long": 2}
    assert report.lines.read == len(EVENTS) + 2
    assert report.as_json()["services"] == [Truth(EVENTS).service("")]


def test_a_hundred_megabytes_without_a_newline_stay_within_a_small_memory(tmp_path: Path) -> None:
    from openbeian.observation.traffic.sources import LineReader

    log = tmp_path / "access.log"
    with log.open("wb") as file:
        for _ in range(25):
            file.write(b"z" * (4 << 20))
    blocks = list(LineReader(log).blocks())
    assert [len(block) for block in blocks] == [65_538]


def test_hostile_bytes_are_shown_inert_in_json_and_csv(tmp_path: Path) -> None:
    agent = "=cmd|' /C calc'!A0 \x1b[31m \u202egpj.exe \x9b2J <script>"
    line = f'1.2.3.4 - - [31/Dec/2025:00:00:00 +0800] "GET /=1+1{agent.split(maxsplit=1)[0]} HTTP/1.1" 200 1 "https://\u202eevil.cn/" "{agent}"\n'
    log = tmp_path / "access.log"
    log.write_bytes(line.encode() + b"\x1b]0;title\x07\xff\xfe\x00 rubbish\r more\n" + line.encode())
    report = count_traffic([str(log)])
    assert report.lines.read == 3
    assert report.lines.rejected == {"shape": 1}
    shown = repr(report.as_json()) + csv_text([[page, 1] for page, _ in report.services[0].pages])
    assert not any(c in shown for c in "\x1b\x07\u202e\x9b\x00")


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        *(("time_iso8601", value, "time") for value in ("1e300", "-1e300", "inf", "nan", "99999999999999999999999", "290309-12-22")),
        *(("status", value, "status") for value in ("1e9", "-200", "[200]", "x")),
        *(("body_bytes_sent", value, "bytes") for value in (str(2**63 - 1), "1e300", "-1", "x")),
    ],
)  # fmt: skip
def test_numbers_no_machine_can_hold_are_rejected_lines(field: str, value: str, reason: str, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    lines = [json.loads(line) for line in log_text("nginx json", EVENTS).splitlines()]
    odd = [lines[0] | {field: value}] * 3
    log.write_text("".join(json.dumps(line) + "\n" for line in lines + odd), encoding="utf-8")
    assert count_traffic([str(log)]).lines.rejected == {reason: 3}


@pytest.mark.parametrize("format_name", ["nginx combined", "apache combined"])
def test_sizes_beyond_belief_are_rejected_however_the_log_is_read(format_name: str, tmp_path: Path) -> None:
    """Read as columns or by the grammar: the same lines are refused, and sums cannot run over."""
    most = 1 << 44
    events = [replace(event, size=size) for event in EVENTS[:3] for size in (most, most + 1, 2**63 - 1)]
    log = tmp_path / "access.log"
    log.write_text(log_text(format_name, events), encoding="utf-8")
    assert count_traffic([str(log)]).lines.rejected == {"bytes": 6}


def test_formulas_become_text_in_a_sheet() -> None:
    assert csv_text([["=1+1", "+1", "@x", -5, "a"]]) == "\ufeff'=1+1,'+1,'@x,-5,a\r\n"
    assert cell("\u202e=1") == "\\u202e=1"


def test_an_ordinary_line_of_any_script_stays_as_it_is() -> None:
    assert inert("/新闻/é ☃") == "/新闻/é ☃"


@pytest.mark.parametrize(
    "pattern", ["$remote_addr", "%h%t", "$remote_addr$status [$time_local] $request", "%", "$" * 5000]
)
def test_a_pattern_that_cannot_work_is_refused(pattern: str) -> None:
    with pytest.raises(PatternRefused):
        compile_pattern(pattern)


def test_an_unknown_format_name_is_refused() -> None:
    with pytest.raises(FormatUnknown):
        count_traffic([os.devnull], log_format="klingon")


LINES = st.lists(
    st.one_of(
        st.sampled_from([line for name in FORMATS for line in log_text(name, EVENTS[:3]).splitlines()]),
        st.text(max_size=200),
        st.binary(max_size=200).map(lambda b: b.decode("latin-1")),
        st.tuples(
            st.sampled_from([line for name in FORMATS for line in log_text(name, EVENTS[3:5]).splitlines()]),
            st.integers(0, 300),
            st.integers(0, 40),
            st.text(alphabet='"\\ []{}\t\r\x00\x01\x02-:0é\U0001f600', max_size=4),
        ).map(lambda t: t[0][: t[1]] + t[3] + t[0][t[1] + t[2] :]),
    ),
    max_size=30,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(lines=LINES, ending=st.sampled_from(["\n", "\r\n"]), name=st.sampled_from(sorted(GRAMMARS)), last=st.booleans())
def test_no_line_is_lost_and_nothing_crashes_whatever_the_lines(
    lines: list[str], ending: str, name: str, last: bool, tmp_path: Path
) -> None:
    content = "".join(line + ending for line in lines).encode("utf-8", "surrogatepass")
    content = content if last else content.removesuffix(b"\n")
    log = tmp_path / "access.log"
    log.write_bytes(content)
    expected = content.count(b"\n") + (bool(content) and not content.endswith(b"\n"))
    with engine("200MiB") as running:
        counter = Counter(running, load_rules(), latest=2**31)
        tally = read_log(counter, log, GRAMMARS[name]).tally
        counter.settle()
        counted = running.rows("SELECT coalesce(sum(requests), 0) FROM activity")[0][0]
    assert tally.read == expected
    assert tally.counted == counted >= 0


@given(st.binary(max_size=2000))
def test_made_visible_bytes_keep_their_number_of_lines_and_are_utf8(block: bytes) -> None:
    block += b"\n"
    assert normalise(block).count(b"\n") == block.count(b"\n")
    assert not set(normalise(block).decode("utf-8")) & set(map(chr, (*range(2), *range(3, 9), *range(11, 32))))


@given(st.binary(max_size=2000))
def test_recognising_a_format_never_crashes(taken: bytes) -> None:
    assert recognise(decode_sample(taken)) is None or taken


@settings(deadline=None)
@given(
    st.one_of(
        st.text(max_size=60),
        st.text(max_size=20, alphabet="'\"[]{}()|\\^ .*").map(
            lambda t: f'$remote_addr{t} [$time_local] "$request" $status{t}'
        ),
    )
)
def test_any_pattern_is_compiled_or_refused(pattern: str) -> None:
    try:
        grammar = compile_pattern(pattern)
    except PatternRefused:
        return
    with engine("200MiB") as running:
        assert running.rows(f"SELECT count(*) FROM ({grammar.facts('(SELECT 1 AS n, NULL AS l)', latest=0)})") == [(1,)]

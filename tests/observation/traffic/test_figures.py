"""Every figure equals the truth of a generated log, in every format, whole or in parts."""

from __future__ import annotations

import gzip
import io
import random
import sys
from pathlib import Path

import pytest
import zstandard
from tests.observation.traffic.generator import FORMATS, RUBBISH, WITHOUT_HOST, Truth, log_text, make_events

from openbeian.observation.traffic.report import TrafficReport, count_traffic


def is_conserved(report: TrafficReport) -> bool:
    answer = report.as_json()
    lines = answer["lines"]
    return (
        lines["read"] == lines["counted"] + lines["excluded"] + lines["rejected"]
        and lines["read"] == sum(log["read"] for log in answer["logs"])
        and lines["counted"] == sum(sum(s["total"]["requests"].values()) for s in answer["services"])
    )


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_figure_equals_the_truth_in_every_format(format_name: str, tmp_path: Path) -> None:
    events = make_events(seed=1)
    if format_name == "caddy":  # Caddy writes 0 for no bytes, which is the same
        assert any(event.size is None for event in events)
    log = tmp_path / "access.log"
    log.write_text(log_text(format_name, events), encoding="utf-8")
    grammar = FORMATS[format_name][0]

    report = count_traffic([str(log)])

    truth = Truth(events, with_agent=grammar != "common")
    host = "" if grammar in WITHOUT_HOST else "www.example.cn"
    assert report.logs[0].tally.formats == [grammar]
    assert report.lines.rejected == {}
    assert report.lines.excluded.get("internal", 0) == truth.internal
    assert is_conserved(report)
    assert report.as_json()["services"] == [truth.service(host)]


@pytest.mark.parametrize("seed", range(2, 6))
def test_other_logs_are_counted_exactly_too(seed: int, tmp_path: Path) -> None:
    events = make_events(seed, visits=150)
    log = tmp_path / "access.log"
    log.write_text(log_text("apache combined", events), encoding="utf-8")
    assert count_traffic([str(log)]).as_json()["services"] == [Truth(events).service("")]


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_year_leaves_out_the_rest_and_says_how_much(year: int, tmp_path: Path) -> None:
    events = make_events(seed=7)
    log = tmp_path / "access.log"
    log.write_text(log_text("nginx combined", events), encoding="utf-8")
    report = count_traffic([str(log)], year=year)
    truth = Truth(events, year=year)
    assert report.lines.excluded["period"] == truth.outside > 0
    assert report.as_json()["services"] == [truth.service("")]
    assert is_conserved(report)


def test_the_same_lines_in_many_shuffled_files_of_all_kinds_give_the_same_figures(tmp_path: Path) -> None:
    events = make_events(seed=8)
    rng = random.Random(8)
    parts: list[list] = [[] for _ in range(6)]
    for event in events:
        rng.choice(parts).append(event)
    texts = [log_text("apache combined", part).encode() for part in parts]
    (tmp_path / "a.log").write_bytes(texts[0])
    (tmp_path / "b.log.gz").write_bytes(gzip.compress(texts[1]))
    (tmp_path / "c.log.zst").write_bytes(zstandard.compress(texts[2]))
    (tmp_path / "d.log").write_bytes(texts[3].replace(b"\n", b"\r\n"))
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "e.log").write_bytes(b"\xef\xbb\xbf" + texts[4].rstrip(b"\n"))
    (tmp_path / "f.log.gz").write_bytes(gzip.compress(texts[5][:1000]) + gzip.compress(texts[5][1000:]))

    report = count_traffic([str(tmp_path)])

    assert len(report.logs) == 6
    assert report.as_json()["services"] == [Truth(events).service("")]
    assert is_conserved(report)


def test_a_glob_and_a_name_for_the_same_file_count_it_once(tmp_path: Path) -> None:
    events = make_events(seed=9, visits=5)
    (tmp_path / "a.log").write_text(log_text("nginx combined", events), encoding="utf-8")
    report = count_traffic([str(tmp_path / "*.log"), str(tmp_path / "a.log"), str(tmp_path)])
    assert report.lines.read == len(events)


def test_standard_input_is_recognised_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    events = make_events(seed=10)
    content = gzip.compress(log_text("iis", events).encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(content))))
    assert count_traffic(["-"]).as_json()["services"] == [Truth(events).service("www.example.cn")]


def test_formats_mixed_in_one_file_are_each_read_by_their_own_grammar(tmp_path: Path) -> None:
    events = make_events(seed=11)
    log = tmp_path / "access.log"
    half = len(events) // 3
    log.write_text(log_text("nginx combined", events[:half]) + log_text("caddy", events[half:]), encoding="utf-8")
    report = count_traffic([str(log)], service="site")
    assert sorted(report.logs[0].tally.formats) == ["caddy_json", "combined"]
    assert report.lines.rejected == {}
    assert sum(report.services[0].total["requests"].as_json().values()) == len(events) - Truth(events).internal


def test_iis_columns_may_change_in_the_middle_of_a_file(tmp_path: Path) -> None:
    events = make_events(seed=12)
    swapped = "#Fields: time date c-ip cs-method cs-uri-stem cs-uri-query cs(User-Agent) cs(Referer) sc-status sc-bytes cs-host"
    lines = []
    for line in log_text("iis", events[100:]).splitlines()[4:]:
        d, t, _, method, stem, query, address, *rest = line.split(" ")
        lines.append(" ".join([t, d, address, method, stem, query, *rest]))
    log = tmp_path / "u_ex.log"
    log.write_text(log_text("iis", events[:100]) + swapped + "\n" + "\n".join(lines) + "\n", encoding="utf-8")
    report = count_traffic([str(log)])
    assert report.as_json()["services"] == [Truth(events).service("www.example.cn")]
    assert report.lines.excluded["directive"] == 5
    assert is_conserved(report)


def test_every_rubbish_line_is_rejected_with_its_reason_and_the_rest_is_counted(tmp_path: Path) -> None:
    events = make_events(seed=13)
    lines = log_text("nginx combined", events).splitlines()
    rng = random.Random(13)
    expected: dict[str, int] = {}
    for line, reason in RUBBISH.items():
        lines.insert(rng.randrange(len(lines)), line)
        expected[reason] = expected.get(reason, 0) + 1
    log = tmp_path / "access.log"
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")

    report = count_traffic([str(log)])

    assert report.lines.rejected == expected
    assert report.as_json()["services"] == [Truth(events).service("")]
    assert is_conserved(report)
    numbers = {lines.index(line) + 1: line for line in RUBBISH if line}
    examples = [e for item in report.as_json()["rejected"] for e in item["examples"]]
    assert {int(e.partition(": ")[0]) for e in examples} == set(numbers)
    assert all(e.partition(": ")[2].isprintable() for e in examples)
    shown = str(report.as_json()["rejected"])
    assert "\x1b" not in shown
    assert "owned" in shown


@pytest.mark.parametrize(
    "pattern",
    [
        '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"',
        '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
    ],
)
def test_an_own_pattern_reads_what_the_known_grammar_reads(pattern: str, tmp_path: Path) -> None:
    events = make_events(seed=14)
    log = tmp_path / "access.log"
    log.write_text(log_text("nginx combined", events), encoding="utf-8")
    assert count_traffic([str(log)], log_format=pattern).as_json()["services"] == [Truth(events).service("")]


def test_a_time_without_a_zone_is_china_time(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(
        '{"time": "2025-06-30 23:30:00", "remote_addr": "1.2.3.4", "request": "GET / HTTP/1.1", "status": 200, "host": "a.cn"}\n'
    )
    assert list(count_traffic([str(log)]).services[0].days) == ["2025-06-30"]


def test_each_figure_says_where_it_comes_from(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(log_text("common", make_events(seed=15, visits=3)), encoding="utf-8")
    answer = count_traffic([str(log)]).as_json()
    measures = set(answer["services"][0]["total"])
    assert measures <= set(answer["definitions"])
    assert "crawlerdetect" in answer["rules"]
    assert answer["logs"][0]["lines"] == [1, answer["lines"]["read"]]
    assert len(answer["logs"][0]["sha256"]) == 64

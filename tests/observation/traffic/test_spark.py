"""Beyond one machine: Spark gives every figure that DuckDB gives, from the same logs by the same statements."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import zstandard
from tests.observation.traffic.generator import FORMATS, RUBBISH, WITHOUT_HOST, Event, Truth, log_text, make_events

ROOT = Path(__file__).parents[3]


def run(*arguments: object, home: Path, path: str | None = None, stdin: bytes = b"") -> tuple[int, str, str]:
    environment = os.environ | {
        "PYTHONPATH": str(ROOT / "src"),
        "OPENBEIAN_ROOT": str(ROOT),
        "OPENBEIAN_HOME": str(home),
        "OPENBEIAN_LANGUAGE": "en",
    }
    if path is not None:
        environment |= {"PATH": path, "JAVA_HOME": ""}
    done = subprocess.run(
        [sys.executable, "-m", "openbeian.entrypoints.cli", "traffic", *map(str, arguments)],
        env=environment,
        input=stdin,
        capture_output=True,
        check=False,
        timeout=600,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def count(*arguments: object, home: Path, stdin: bytes = b"") -> Any:
    code, out, err = run(*arguments, "--json", home=home, stdin=stdin)
    assert code == 0, err
    return json.loads(out)


def differences(here: Any, there: Any, place: str = "") -> Iterator[str]:
    """Where two answers differ, each place by its path."""
    if isinstance(here, dict) and isinstance(there, dict):
        for key in sorted({*here, *there}):
            yield from differences(here.get(key), there.get(key), f"{place}/{key}")
    elif isinstance(here, list) and isinstance(there, list) and len(here) == len(there):
        for number, (one, other) in enumerate(zip(here, there, strict=True)):
            yield from differences(one, other, f"{place}[{number}]")
    elif here != there:
        yield f"{place}: {here!r} here, {there!r} on Spark"


def events_of(name: str, seed: int) -> list[Event]:
    return [replace(event, host=f"{name.replace(' ', '-')}.example.cn") for event in make_events(seed, visits=20)]


ODD_VALUES = {
    "time_iso8601": ("1767110400", "1767110400123", "1e300", "inf", "nan", "-5", "", "31/Dec/2025:08:00:00 -0330", "2025-12-31",
                     "2025-12-31T08:00:00", "2025-12-31T08:00:00.123+0800", "2025-12-31 08:00:00+08", "2025-02-30T00:00:00Z", None),
    "status": ("200", "2e2", " 304 ", "+200", "-200", "1e9", "99999", "OK", None),
    "body_bytes_sent": ("7", "7.5", "1e3", "-", "", "many", "-1", str(1 << 44), str(2**63 - 1), None),
    "request": ("GET", "", " ", "GET  / HTTP/1.1", "GET /é?x=\u2028 HTTP/1.1", "get /a HTTP/1.1", "GET http://h/p.PNG?x HTTP/1.1",
                "GET //x/../y#z HTTP/1.1", "GET /" + "长" * 600 + " HTTP/1.1", '\\x16\\x03\\x01"', None),
    "http_referer": ("https://", "http://H.cn:80/", "https://a.cn?q", "HTTP://X.cn/", "https://名.cn/", "https://u:p@h.cn/x", None),
    "http_user_agent": ("Mozilla/5.0 Firefox/1.0 \u0085 x", "mozilla GOOGLEBOT", "-", " ", None),
    "remote_addr": ("10.0.0.9", "::ffff:192.168.1.1", "[fd00::1]", "203.0.113.9, 10.0.0.1", "unknown", "", None),
    "host": ("WWW.Example.CN:8080", "[2001:db8::1]:443", "例子.中国", "a b", "x" * 300, "<b>", None),
}  # fmt: skip


def odd_lines() -> Iterator[str]:
    """Lines of a JSON log with one strange value each, in strings and bare, and lines that are nearly JSON."""
    plain = [json.loads(line) for line in log_text("nginx json", events_of("odd", 5)[:60]).splitlines()]
    for line in plain:
        yield json.dumps(line, ensure_ascii=False) + "\n"
    for field, values in ODD_VALUES.items():
        for value in values:
            yield json.dumps(plain[0] | {field: value}, ensure_ascii=False) + "\n"
    whole = json.dumps(plain[0])
    yield from (f"{whole}{rest}\n" for rest in (" ", ",", "}", " {}", "] [", whole))
    yield from (f"{text}\n" for text in ("{}", "[]", "null", "1", '"x"', "[" + whole + "]", whole[:-1], whole[1:]))
    for field, bare in (
        ("status", "200"),
        ("status", "2e2"),
        ("status", "[200]"),
        ("body_bytes_sent", "12.0"),
        ("time_iso8601", "1767110400.75"),
    ):
        yield (
            json.dumps({key: value for key, value in plain[0].items() if key != field})[:-1]
            + f', "{field}": {bare}}}\n'
        )


def write_logs(folder: Path) -> None:
    """Every format with a host of its own, and what logs are found to be: packed, mixed, broken, from another system."""
    folder.mkdir()
    for seed, name in enumerate(FORMATS, 100):
        (folder / f"{seed}.log").write_text(log_text(name, events_of(name, seed)), encoding="utf-8")
    rubbish = "".join(f"{line}\n" for line in RUBBISH) + log_text("apache combined", events_of("rubbish", 1))
    (folder / "rubbish.log.gz").write_bytes(gzip.compress(rubbish.encode() + b'\xff\xfe "bad\n' + b"\x00" * 50))
    cut = gzip.compress(log_text("nginx json", events_of("cut", 2)).encode())
    (folder / "cut.log.gz").write_bytes(cut[: len(cut) * 2 // 3])
    mixed = events_of("mixed", 3)
    both = log_text("nginx json", mixed[:400]) + "no line of any log\n" + log_text("caddy", mixed[400:])
    (folder / "mixed.log.zst").write_bytes(zstandard.compress(both.encode()))
    windows = "\ufeff" + log_text("iis", events_of("iis", 4)[:300]).replace("\n", "\r\n")
    more = "#Fields: time date c-ip cs-method cs-uri-stem sc-status\r\n01:02:03 2026-01-01 203.0.113.5 GET / 200\r\n"
    (folder / "windows.log").write_bytes((windows + more).encode())
    (folder / "odd.log").write_text("".join(odd_lines()), encoding="utf-8")
    (folder / "notes.txt").write_text("this is no log\n")


@pytest.mark.slow
def test_every_figure_is_the_same_on_spark(tmp_path: Path) -> None:
    """Services, periods, statuses, methods, pages, referrers, peaks, excluded, rejected with examples, logs with digests."""
    logs = tmp_path / "logs"
    write_logs(logs)
    here = count(logs, home=tmp_path)
    there = count(logs, "--engine", "spark", "--master", "local[2]", home=tmp_path)
    assert list(differences(here, there)) == []
    hosts = {
        name.replace(" ", "-") + ".example.cn" for name, (grammar, _) in FORMATS.items() if grammar not in WITHOUT_HOST
    }
    assert hosts <= {service["service"] for service in there["services"]}
    assert {item["reason"] for item in there["rejected"]} == {*RUBBISH.values()}
    assert {"internal", "directive"} <= {item["rule"] for item in there["excluded"]}
    lines = there["lines"]
    assert lines["read"] == lines["counted"] + lines["excluded"] + lines["rejected"] > 10_000
    assert [item["path"] for item in there["unread"]] == [str(logs / "notes.txt")]


@pytest.mark.slow
def test_an_own_format_a_year_and_standard_input_are_the_same_on_spark(tmp_path: Path) -> None:
    events = make_events(seed=60, visits=20)
    text = "".join(
        f"{event.moment}.5|{event.address}|{event.target}|{event.status}|{event.size or '-'}\n" for event in events
    ).encode()
    options = (
        "-",
        "--format",
        "$msec|$remote_addr|$request_uri|$status|$bytes_sent",
        "--year",
        2026,
        "--service",
        "app",
    )
    here = count(*options, home=tmp_path, stdin=text)
    there = count(*options, "--engine", "spark", "--master", "local[2]", home=tmp_path, stdin=text)
    assert list(differences(here, there)) == []
    assert there["services"][0]["service"] == "app"
    plain = [replace(event, agent="", referrer="", method="GET") for event in events]
    assert there["services"][0]["total"]["requests"] == Truth(plain, year=2026).measures("")["requests"]


def test_without_java_the_refusal_names_the_fix(tmp_path: Path) -> None:
    """Whatever of it is missing here, PySpark or Java: exit code 2, and what to run."""
    (tmp_path / "access.log").write_text(log_text("common", make_events(1, visits=2)))
    code, out, err = run(tmp_path / "access.log", "--engine", "spark", home=tmp_path, path=str(tmp_path))
    assert (code, out) == (2, "")
    assert "./openbeian extra spark" in err or "install Java 17" in err


@pytest.mark.parametrize("options", [("--engine", "spark", "--save"), ("--master", "local[2]"), ("--shared", ".")])
def test_options_that_do_not_go_together_are_refused(options: tuple[str, ...], tmp_path: Path) -> None:
    code, _, err = run(tmp_path / "access.log", *options, home=tmp_path)
    assert code == 2
    assert "--engine spark" in err
    assert not (tmp_path / "traffic").exists()

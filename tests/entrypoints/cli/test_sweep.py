"""`openbeian sweep`: its lines, its refusals, and that kill -9 costs no finished site a second visit."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.observation.probing.servers import PAGE, read_head, serve, serve_names

from openbeian.entrypoints.cli import main
from openbeian.observation.probing.sites import read_sites

ROOT = Path(__file__).parents[3]


@dataclass
class World:
    """A web of sites on loopback: how often each was asked for its page."""

    environment: dict[str, str] = field(default_factory=dict)
    hits: Counter[str] = field(default_factory=Counter)


@contextmanager
def open_world(sites: int, *, delay_s: float = 0.0) -> Iterator[World]:
    """Sites site0.cn … with a good page, over HTTP, in a thread of their own."""
    world, ready, stop = World(), threading.Event(), asyncio.Event()

    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await read_head(reader)
        host = next(line for line in head.splitlines() if line.startswith("Host:"))[6:].partition(":")[0]
        world.hits[host] += 1
        await asyncio.sleep(delay_s)
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(PAGE)}\r\n\r\n".encode() + PAGE)
        await writer.drain()

    async def run() -> None:
        records = {(f"site{n}.cn", "A"): ["127.0.0.1"] for n in range(sites)}
        async with serve(page) as port, serve_names(records) as resolver:
            world.environment = {
                "OPENBEIAN_RESOLVERS": resolver,
                "OPENBEIAN_PROBE_PRIVATE": "1",
                "OPENBEIAN_PROBE_PORTS": f"{port},1",
            }
            ready.set()
            await stop.wait()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    assert ready.wait(10)
    try:
        yield world
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPENBEIAN_HOME", str(tmp_path / "home"))
    return tmp_path


def write_sites(folder: Path, count: int) -> Path:
    path = folder / "sites.csv"
    rows = [f"site{n}.cn,清泉茶业,粤,粤ICP备2021001858号-3" for n in range(count)]
    path.write_text("\n".join(["域名,网站名称,省份,备案号", *rows]), "utf-8")
    return path


def test_a_line_a_site_and_a_summary(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = write_sites(home, 7)
    with open_world(6) as world:
        for name, value in world.environment.items():
            monkeypatch.setenv(name, value)
        assert main(["sweep", str(listed), "--json-lines", "--concurrency", "3"]) == 0
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert main(["sweep", str(listed), "--output", str(home / "out.jsonl")]) == 0
        summary = json.loads(capsys.readouterr().out)
    outcomes = {line["target"]["domain"]: {c["kind"]: c["outcome"] for c in line["checks"]} for line in lines}
    assert len(outcomes) == 7
    assert outcomes["site0.cn"]["footer_number"] == "met"
    assert outcomes["site6.cn"]["dns"] == "not_met"
    assert (summary["sites"], summary["met"], summary["not_met"]) == (7, 6, 1)
    assert summary["not_met_by_reason"] == {"dns.no_resolution": 1}
    assert summary["is_ours"] is False
    assert set(world.hits.values()) == {2}


def test_a_sweep_without_network_marks_itself_as_ours(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_world(0) as world:
        for name, value in world.environment.items():
            monkeypatch.setenv(name, value)
        assert main(["sweep", str(write_sites(home, 6))]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["is_ours"] is True
    assert "本机网络" in err


def test_after_kill_9_no_finished_site_is_probed_again(home: Path) -> None:
    listed, results = write_sites(home, 60), home / "results.jsonl"
    command = [sys.executable, "-m", "openbeian.entrypoints.cli", "sweep", str(listed), "--concurrency", "4",
               "--json-lines", "--output", str(results)]  # fmt: skip
    with open_world(60, delay_s=0.1) as world:
        environment = {**os.environ, **world.environment, "PYTHONPATH": str(ROOT / "src"), "OPENBEIAN_ROOT": str(ROOT)}
        first = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and (not results.exists() or results.read_bytes().count(b"\n") < 15):
            time.sleep(0.02)
        first.send_signal(signal.SIGKILL)
        first.wait()
        with results.open("ab") as file:
            file.write(b'{"target":{"service_id":null,"doma')  # what a crash of the machine leaves
        finished = [json.loads(line)["key"] for line in results.read_bytes().splitlines()[1:-1]]
        assert 10 < len(finished) < 50
        second = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    now_done = [json.loads(line)["key"] for line in second.stdout.splitlines()]
    assert sorted(now_done + finished) == sorted(f"site{n}.cn/" for n in range(60))
    assert {world.hits[key.rstrip("/")] for key in finished} == {1}
    lines = [json.loads(line) for line in results.read_bytes().splitlines()]
    assert len(lines) == 62
    assert lines[-1]["finished"]["resumed"] == len(finished)


def test_a_file_that_no_sweep_wrote_is_left_alone(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = write_sites(home, 1)
    assert main(["sweep", str(listed), "--output", str(listed)]) == 2
    assert "sites.csv" in capsys.readouterr().err
    assert listed.read_text("utf-8").startswith("域名")


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", "名称\n某站\n".encode(), b"\xff\xfe\x00", b'domain\n"' + b"x" * 200_000 + b'"\n']
)
def test_what_is_no_list_of_sites_is_refused(home: Path, content: bytes) -> None:
    (home / "bad.csv").write_bytes(content)
    assert main(["sweep", str(home / "bad.csv")]) == 2


def test_lists_are_read_as_people_keep_them() -> None:
    text = (
        "﻿网址；备案号\n".replace("；", ";")
        + "https://www.例子.中国/首页;京ICP备16020626号-1\nfoo bar;\n10.0.0.1;\nwww.例子.中国/首页;\n"
    )
    listed = read_sites(text.encode("utf-8"), "x.csv")
    assert [(t.domain, t.home_path, t.expected_numbers) for t in listed.targets] == [
        ("www.xn--fsqu00a.xn--fiqs8s", "/首页", ("京ICP备16020626号-1",))
    ]
    assert [fault.field for fault in listed.faults] == ["line 3", "line 4"]
    assert [t.domain for t in read_sites(b"a.cn\nb.cn\na.cn\n", "x").targets] == ["a.cn", "b.cn"]

"""`openbeian up` as a person runs it: real processes on a real port."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from openbeian import settings
from openbeian.entrypoints.cli.commands import up
from openbeian.kernel import clock

ROOT = Path(__file__).parents[3]


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def start_up(home: Path, *flags: str) -> subprocess.Popen[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("OPENBEIAN_")}
    environment = {
        **kept,
        "PYTHONPATH": str(ROOT / "src"),
        "OPENBEIAN_ROOT": str(ROOT),
        "OPENBEIAN_HOME": str(home),
        "OPENBEIAN_LANGUAGE": "en",
    }
    command = [sys.executable, "-m", "openbeian.entrypoints.cli", "up", *flags]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def get_health(port: int) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/health")
        return dict(json.loads(connection.getresponse().read()))
    finally:
        connection.close()


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, "it did not happen in time"
        time.sleep(0.1)


def find_children(pid: int) -> dict[int, str]:
    """The process's children by id, with their command lines."""
    ids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(i): Path(f"/proc/{i}/cmdline").read_text().replace("\0", " ") for i in ids}


def find_worker(pid: int) -> int | None:
    return next((i for i, command in find_children(pid).items() if command.rstrip().endswith("worker")), None)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A portal that has announced itself, and its port."""
    port = free_port()
    process = start_up(tmp_path / "home", "--port", str(port), "--workers", "1")
    assert process.stderr is not None
    assert any(f"http://127.0.0.1:{port}/" in line for line in process.stderr)
    yield process, port
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)


def test_up_prepares_serves_restarts_what_dies_and_ends_everything(
    running: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    process, port = running
    home = tmp_path / "home"
    assert home.stat().st_mode & 0o077 == 0
    assert (home / "openbeian.sqlite3").stat().st_mode & 0o077 == 0
    wait_until(lambda: get_health(port)["status"] == "ok")
    worker = find_worker(process.pid)
    assert worker is not None
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: find_worker(process.pid) not in {None, worker})
    children = list(find_children(process.pid))
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert [c for c in children if Path(f"/proc/{c}").exists()] == []
    with socket.socket() as trial:
        assert trial.connect_ex(("127.0.0.1", port)) != 0


def test_a_port_in_use_is_refused_with_another_one(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        process = start_up(tmp_path, "--port", str(other.getsockname()[1]))
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "./openbeian up --port" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_the_demo_is_never_open_to_others(tmp_path: Path, host: str) -> None:
    process = start_up(tmp_path, "--demo", "--host", host, "--port", str(free_port()))
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "loopback" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("flags", "said"), [(("--today", "2026-03-02"), "--demo only"), (("--demo", "--today", "9999-01-01"), "too far")]
)
def test_only_a_demos_clock_is_moved_and_not_out_of_the_calendar(
    tmp_path: Path, flags: tuple[str, ...], said: str
) -> None:
    process = start_up(tmp_path, *flags, "--port", str(free_port()))
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert said in err
    assert not (tmp_path / "openbeian.sqlite3").exists()


def test_a_demos_world_does_not_go_back_behind_the_day_it_has_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    mark = tmp_path / "demo-world.made"
    mark.write_text("2026-03-02")
    with clock.hold(datetime(2026, 3, 1, 12, tzinfo=clock.CHINA)), pytest.raises(up.ClockBehindWorld) as refusal:
        up._make_demo_world()
    assert "2026-03-02" in refusal.value.text.zh
    with clock.hold(datetime(2026, 4, 1, 12, tzinfo=clock.CHINA)):
        up._make_demo_world()
    assert mark.read_text() == "2026-04-01"

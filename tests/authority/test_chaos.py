"""Chaos: a client's and a bureau's process, every fault on the wire, and kill -9 of either end at random points."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from tests.authority.boxes import Boxes
from tests.authority.bureau import make_bureau
from tests.authority.samples import PROVIDER, make_filing, make_upload
from tests.authority.test_exchange import ALL_FAULTS, agree

from openbeian.authority import envelope
from openbeian.authority.messages.writer import write

ROOT = Path(__file__).parents[2]
FEWEST_EXCHANGES_PER_FILE = 5  # one upload, then a result and a published filing, each fetched and acknowledged


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Ends:
    """Both processes, restarted whenever they are gone."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.port = find_free_port()
        self.seed = seed
        self.bureau: subprocess.Popen[bytes] | None = None
        self.client: subprocess.Popen[bytes] | None = None

    def start_bureau(self) -> None:
        self.seed += 1  # else every restart would commit the same faults at the same calls, for ever
        rules = [
            {"fault": r.fault, "probability": r.probability / 2, "seconds": r.seconds, "status": r.status}
            for r in ALL_FAULTS
        ]
        faults = self.folder / "faults.yaml"
        faults.write_text(yaml.safe_dump({"seed": self.seed, "rules": rules}))
        self.bureau = self._start(
            "openbeian.entrypoints.cli", "authority", "simulate", "--port", str(self.port),
            "--provider-id", str(PROVIDER), "--user", "demo", "--password", "demo-password",
            "--aes-key", "0123456789abcdef", "--aes-offset", "0123456789abcdef",
            "--faults", str(faults), "--state", str(self.folder / "bureau.sqlite3"),
        )  # fmt: skip

    def start_client(self) -> None:
        url = f"http://127.0.0.1:{self.port}"
        self.client = self._start("tests.authority.chaos_client", str(self.folder / "boxes.sqlite3"), url)

    def stop(self) -> None:
        for process in (self.client, self.bureau):
            if process:
                process.kill()
                process.wait()

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "OPENBEIAN_ROOT": str(ROOT)}
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@contextmanager
def run_ends(folder: Path, seed: int) -> Iterator[Ends]:
    ends = Ends(folder, seed)
    ends.start_bureau()
    ends.start_client()
    try:
        yield ends
    finally:
        ends.stop()


def survive(folder: Path, files: int, seed: int, kills: int, longest_life_s: float) -> int:
    """Runs both ends to the end, killing either now and then; returns how many kills hit."""
    boxes = Boxes(folder / "boxes.sqlite3")
    for number in range(1, files + 1):
        boxes.put(f"{number:05d}", envelope.compress(write(make_upload(make_filing(number))), "beianinfo.xml"))
    boxes.close()
    die, hits = random.Random(seed), 0
    with run_ends(folder, seed) as ends:
        while True:
            assert ends.client is not None
            assert ends.bureau is not None
            try:
                code = ends.client.wait(die.uniform(0.5, longest_life_s) if hits < kills else 600)
            except subprocess.TimeoutExpired:
                victim, restart = die.choice([(ends.client, ends.start_client), (ends.bureau, ends.start_bureau)])
                victim.kill()
                victim.wait()
                hits += 1
                restart()
                continue
            assert code == 0
            break
    bureau = make_bureau(folder)
    boxes = Boxes(folder / "boxes.sqlite3")
    agree(boxes, bureau, files)
    boxes.close()
    bureau.store.close()
    return hits


def test_killing_either_end_a_few_times_loses_and_doubles_nothing(tmp_path: Path) -> None:
    assert survive(tmp_path, files=60, seed=3, kills=3, longest_life_s=1.2) >= 1


@pytest.mark.slow
def test_ten_thousand_exchanges_with_every_fault_and_kill_9_leave_both_ends_agreed(tmp_path: Path) -> None:
    files = 10_000 // FEWEST_EXCHANGES_PER_FILE
    assert survive(tmp_path, files=files, seed=8, kills=60, longest_life_s=4.0) >= 20

"""Both ends of the interface as processes for the chaos proofs: a simulated bureau and a worker on the test's database."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import yaml
from django.db import connection as database
from tests.authority.samples import PROVIDER
from tests.authority.test_exchange import ALL_FAULTS

ROOT = Path(__file__).parents[2]


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Ends:
    """A bureau that commits every fault and a worker with small files and little patience; either may be killed."""

    def __init__(self, folder: Path, seed: int, records_per_file: int) -> None:
        self.folder = folder
        self.port = find_free_port()
        self.seed = seed
        self.bureau: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None
        self._write_rulebook(records_per_file)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """The end of what both processes wrote, for a failure's message."""
        return (self.folder / "ends.txt").read_text()[-4000:]

    def start_bureau(self) -> None:
        self.seed += 1  # else every restart would commit the same faults at the same calls, for ever
        rules = [
            {"fault": r.fault, "probability": r.probability / 2, "seconds": r.seconds, "status": r.status}
            for r in ALL_FAULTS
        ]
        faults = self.folder / "faults.yaml"
        faults.write_text(yaml.safe_dump({"seed": self.seed, "rules": rules}))
        self.bureau = self._run(
            "openbeian.entrypoints.cli", "authority", "simulate", "--port", str(self.port),
            "--provider-id", str(PROVIDER), "--user", "demo", "--password", "demo-password",
            "--aes-key", "0123456789abcdef", "--aes-offset", "0123456789abcdef",
            "--faults", str(faults), "--state", str(self.folder / "bureau.sqlite3"),
        )  # fmt: skip

    def start_worker(self) -> None:
        self.worker = self._run("tests.authority.exchange_worker", str(database.settings_dict["NAME"]))

    def run(self, kills: int, shortest_life_s: float, longest_life_s: float, patience_s: float) -> int:
        """Until the worker finds everything answered; kills either end now and then. Returns how many kills hit."""
        die, hits = random.Random(self.seed), 0
        self.start_bureau()
        self.start_worker()
        try:
            while True:
                assert self.worker is not None
                assert self.bureau is not None
                life_s = die.uniform(shortest_life_s, longest_life_s) if hits < kills else patience_s
                try:
                    code = self.worker.wait(life_s)
                except subprocess.TimeoutExpired:
                    assert hits < kills, f"not done within {patience_s} s after the last kill\n{self.log}"
                    choices: list[tuple[subprocess.Popen[bytes], Callable[[], None]]] = [
                        (self.worker, self.start_worker),
                        (self.bureau, self.start_bureau),
                    ]
                    victim, restart = die.choice(choices)
                    victim.kill()
                    victim.wait()
                    hits += 1
                    restart()
                    continue
                assert code == 0, self.log
                return hits
        finally:
            for process in (self.worker, self.bureau):
                if process:
                    process.kill()
                    process.wait()

    def _run(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "OPENBEIAN_ROOT": str(ROOT),
            "OPENBEIAN_RULEBOOK": str(self.folder / "rulebook"),
        }
        with (self.folder / "ends.txt").open("ab") as log:
            return subprocess.Popen([sys.executable, "-m", module, *arguments], env=environment, stdout=log, stderr=log)

    def _write_rulebook(self, records_per_file: int) -> None:
        """The rulebook with a few records per file, so that many files travel."""
        shutil.copytree(ROOT / "rulebook", self.folder / "rulebook")
        described = self.folder / "rulebook" / "authority" / "interface-v3.yaml"
        text = described.read_text()
        for old, new in (
            ("file_records: 1000", f"file_records: {records_per_file}"),
            ("answer_timeout_s: 120", "answer_timeout_s: 5"),
        ):
            assert old in text
            text = text.replace(old, new)
        described.write_text(text)

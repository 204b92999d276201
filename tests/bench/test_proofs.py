"""The benchmarks that prove something, as runs: reminders under kill -9, and a night's computing of what is owed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def run_benchmark(*arguments: str) -> dict[str, Any]:
    """What a benchmark printed, run in a process and a data folder of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENBEIAN_")}
    command = [sys.executable, "-m", "openbeian.entrypoints.cli", "bench", *arguments]
    answered = subprocess.run(
        command,
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT / "src"), "OPENBEIAN_ROOT": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    assert answered.stdout, answered.stderr[-2000:]
    figures: dict[str, Any] = json.loads(answered.stdout.splitlines()[-1])
    return figures


def test_of_a_few_reminders_none_is_lost_and_none_comes_twice_when_the_worker_is_killed() -> None:
    figures = run_benchmark("reminders", "--reminders", "40", "--kills", "2")
    assert (figures["reminders"], figures["kills"], figures["kills_before_the_servers_answer"]) == (40, 2, 1)
    assert (figures["lost"], figures["doubles"], figures["uncertain_attempts_sent_again"]) == (0, 0, 0)


@pytest.mark.slow
def test_of_ten_thousand_reminders_none_is_lost_and_none_comes_twice_when_the_worker_is_killed() -> None:
    figures = run_benchmark("reminders", "--reminders", "10000", "--kills", "8")
    assert (figures["reminders"], figures["kills"], figures["kills_before_the_servers_answer"]) == (10_000, 8, 4)
    assert (figures["lost"], figures["doubles"], figures["uncertain_attempts_sent_again"]) == (0, 0, 0)


@pytest.mark.slow
def test_when_the_postman_is_killed_too_none_is_lost_and_what_comes_twice_says_so() -> None:
    figures = run_benchmark("reminders", "--reminders", "1000", "--kills", "8", "--kill-all")
    assert (figures["reminders"], figures["kills"]) == (1_000, 8)
    assert (figures["lost"], figures["doubles_that_do_not_say_so"]) == (0, 0)
    # The server has what it had not answered yet, and nobody could note that: at most once for each kill.
    assert 0 < figures["doubles"] <= figures["uncertain_attempts_sent_again"] <= figures["kills"]


@pytest.mark.slow
def test_a_night_in_which_little_changed_writes_little_in_flat_memory() -> None:
    figures = run_benchmark("stored-obligations", "--services", "60000", "--licences", "3000")
    first, night, rule = figures["first"], figures["night"], figures["one_rule"]
    assert first["written"] == first["owed"] > 200_000
    assert night["owed"] == first["owed"]
    assert night["written"] < night["owed"] / 100
    assert (rule["owed"], rule["written"]) == (60_000, 0)
    # The first run fills the answers by day and SQLite's own cache (64 MB at most), then holds no more; the night, nothing.
    assert first["held_growth_kb"] < 100_000
    assert first["held_growth_later_kb"] < 8_000
    assert night["held_growth_kb"] < 8_000
    assert rule["held_growth_kb"] < 8_000
    # Beside it the kernel shows the program at most 256 MB of the database file (mmap_size), and takes them back at will.
    assert first["mapped_growth_kb"] + night["mapped_growth_kb"] + rule["mapped_growth_kb"] < 280_000

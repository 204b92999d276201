"""Commands on a database that nobody has prepared: a refusal that says what to do, not a fault of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import openbeian

SOURCES = Path(openbeian.__file__).parents[1]


@pytest.mark.parametrize("command", [["lookup", "example.cn"], ["journal", "verify"], ["keys", "rotate"]])
def test_a_command_before_the_first_start_says_so_and_changes_nothing(tmp_path: Path, command: list[str]) -> None:
    # A child of its own: the settings read the home once.
    around = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBEIAN_", "DJANGO_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-m", "openbeian.entrypoints.cli", *command, "--json"],
        env=around | {"OPENBEIAN_HOME": str(tmp_path), "PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert json.loads(done.stdout)["error"] == "database_unprepared"
    assert "openbeian up" in done.stderr
    assert "Traceback" not in done.stderr

"""`openbeian extra`: locked sets with hashes only, installed once, and a refusal that leaves nothing half."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from openbeian.entrypoints.cli import main
from openbeian.entrypoints.cli.commands import extra

ROOT = Path(__file__).parents[3]


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The programs that would have run, with an environment of their own below `tmp_path`."""
    ran: list[list[str]] = []

    def run(step: list[str], **_: Any) -> None:
        ran.append(step)
        (tmp_path / "spark").mkdir(exist_ok=True)

    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(subprocess, "run", run)
    return ran


def test_a_set_is_installed_once_with_hashes_and_again_only_when_it_changed(
    steps: list[list[str]], tmp_path: Path
) -> None:
    assert main(["extra", "spark"]) == 0
    pips = [step for step in steps if "pip" in step]
    assert len(pips) == 2
    assert all("--require-hashes" in step for step in pips)
    assert "--no-build-isolation" in pips[1]
    steps.clear()
    assert main(["extra", "spark"]) == 0
    assert steps == []
    (tmp_path / "spark" / ".installed").write_text("an older set")
    assert main(["extra", "spark"]) == 0
    assert steps


def test_a_failed_installation_is_refused_and_tried_again_next_time(
    tmp_path: Path, steps: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(step: list[str], **_: Any) -> None:
        raise subprocess.CalledProcessError(1, step)

    monkeypatch.setattr(subprocess, "run", fail)
    assert main(["extra", "spark"]) == 2
    assert "spark" in capsys.readouterr().err
    assert not (tmp_path / "spark" / ".installed").exists()


def test_an_unknown_extra_is_refused(steps: list[list[str]]) -> None:
    assert main(["extra", "hadoop"]) == 2
    assert steps == []


@pytest.mark.parametrize("name", ["spark", "spark-build"])
def test_every_pin_of_the_extra_has_hashes(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    pins = re.findall(r"^([a-z0-9-]+)==\S+ \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.MULTILINE)
    assert len(pins) == text.count("==") >= 3
    assert extra._EXTRAS == ("spark",)

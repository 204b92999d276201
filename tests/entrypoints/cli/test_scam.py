"""`openbeian scam`: a text, several files, and a message too long for a file name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openbeian.entrypoints.cli import main


def test_a_text_is_judged(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scam", "备案续费300元 http://beian-miit.cn", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "scam"


def test_several_files_give_a_line_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in "ab":
        (tmp_path / name).write_text("备案订单已通过初审，请耐心等待", "utf-8")
    assert main(["scam", str(tmp_path / "a"), str(tmp_path / "b"), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [Path(line["file"]).name for line in lines] == ["a", "b"]
    assert {line["verdict"] for line in lines} == {"no_sign"}


def test_a_message_too_long_for_a_file_name_is_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scam", "您好" * 3000, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "no_sign"

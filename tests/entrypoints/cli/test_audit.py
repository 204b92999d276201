"""`openbeian audit`: hits as JSON, an allow-list from a file, hostile text inert."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openbeian.entrypoints.cli import main


def test_hits_carry_term_category_law_context_and_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "a.html"
    page.write_text("<p>全国最佳代办</p>", "utf-8")
    assert main(["audit", str(page), "--json"]) == 0
    (hit,) = json.loads(capsys.readouterr().out)["hits"]
    assert {"term", "category", "law", "context", "start", "end"} <= set(hit)
    assert (hit["term"], hit["start"], hit["end"]) == ("最佳", 2, 4)


def test_an_allowed_phrase_from_a_file_is_no_hit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, allow = tmp_path / "a.html", tmp_path / "allow.txt"
    page.write_text("全国最佳代办", "utf-8")
    allow.write_text("# own\n最佳代办\n", "utf-8")
    assert main(["audit", str(page), "--allow", str(allow), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hits"] == []


def test_control_characters_of_a_page_do_not_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "a.html"
    page.write_text("\x1b[2J最佳\x1b]0;x\x07", "utf-8")
    assert main(["audit", str(page)]) == 0
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err

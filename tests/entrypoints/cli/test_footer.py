"""`openbeian footer`: the contract of its JSON, several files, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openbeian.entrypoints.cli import main

PAGE = '<a href="https://beian.miit.gov.cn">粤ICP备2021001858号-1</a>'


def test_one_file_gives_the_five_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "a.html"
    page.write_bytes(PAGE.encode("gbk"))
    assert main(["footer", str(page), "--province", "粤", "--on", "2020-01-01", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {
        "icp_filing": ["粤ICP备2021001858号-1"],
        "icp_licence": [],
        "telecom_licence": [],
        "public_security": [],
        "link": "right",
    }
    assert "粤ICP备2021001858号" in err


def test_several_files_give_a_line_each_and_a_missing_one_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "a.html"
    page.write_text(PAGE, "utf-8")
    assert main(["footer", str(page), str(tmp_path / "none.html"), "--json"]) == 2
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["file"], first["link"]) == (str(page), "right")
    assert second["error"] == "content_unreadable"

"""`openbeian number parse`: JSON on stdout, sentences on stderr, exit code 2 on refusal."""

import json

import pytest

from openbeian.entrypoints.cli import main


def test_several_texts_give_one_line_of_json_each(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["number", "parse", "京ICP备2026000123号-2A", "粤B2-20090059", "--json"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 0
    assert [line["normal"] for line in lines] == ["京ICP备2026000123号-2A", "粤B2-20090059"]
    assert {"kind", "normal", "province", "year", "serial", "sequence", "service_kind", "valid"} <= set(lines[0])
    assert lines[0]["service_kind"] == "app"


def test_a_refused_text_is_told_apart_and_the_others_are_still_read(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["number", "parse", "港ICP备12345678号", "粤B2-20090059", "--json"])
    captured = capsys.readouterr()
    refused, read = (json.loads(line) for line in captured.out.splitlines())
    assert code == 2
    assert refused["valid"] is False
    assert refused["error"] == "number_not_recognised"
    assert refused["faults"][0]["rule"] == "number.province"
    assert read["valid"] is True
    assert captured.err


def test_without_json_a_person_reads_the_normal_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["number", "parse", "京icp备12345678号"]) == 0
    assert capsys.readouterr().out == "京ICP备12345678号\tfiling\n"
    assert main(["number", "parse", "\x1b[2Jbad"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "\x1b" not in captured.err

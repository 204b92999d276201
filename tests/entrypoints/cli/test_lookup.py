"""`openbeian lookup`: the public answer on the command line."""

from __future__ import annotations

import json

import pytest
from tests.registry.factories import make_service, make_sponsor

from openbeian.entrypoints.cli import main

pytestmark = pytest.mark.django_db


def test_json_is_the_answer_of_the_public_page(capsys: pytest.CaptureFixture[str]) -> None:
    service = make_service(domains=("example-a.cn",))
    assert main(["lookup", "https://www.example-a.cn/x", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["kind"], answer["asked"]) == ("domain", "example-a.cn")
    assert [r["number"] for r in answer["results"]] == [service.number]


def test_a_person_reads_one_line_a_record_and_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    make_service(make_sponsor(name="坏\x1b[2J名"), name="书屋")
    assert main(["lookup", "书屋"]) == 0
    out = capsys.readouterr().out
    assert "书屋" in out
    assert "\x1b" not in out


def test_nothing_found_is_exit_code_two_with_a_word_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lookup", "nothing-here.cn"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err

"""`openbeian traffic`: counts by default, subcommands by name, JSON on stdout, refusals with exit code 2."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.observation.traffic.generator import Truth, log_text, make_events

from openbeian.entrypoints.cli import main

EVENTS = make_events(seed=50, visits=5)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPENBEIAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OPENBEIAN_LANGUAGE", "en")
    path = tmp_path / "access.log"
    path.write_text(log_text("nginx json", EVENTS), encoding="utf-8")
    return path


def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object
) -> tuple[int, str, str]:
    words = [str(argument) for argument in arguments]
    monkeypatch.setattr(sys, "argv", ["openbeian", *words])
    code = main(words)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_log_is_counted_without_naming_a_subcommand(log: Path, capsys: Any, monkeypatch: Any) -> None:
    code, out, err = run(capsys, monkeypatch, "traffic", log, "--json")
    answer = json.loads(out)
    assert (code, err) == (0, "")
    assert answer["services"] == [Truth(EVENTS).service("www.example.cn")]


def test_options_may_come_before_the_log(log: Path, capsys: Any, monkeypatch: Any) -> None:
    code, out, _ = run(capsys, monkeypatch, "traffic", "--json", "--year", "2026", "--service", "site", log)
    assert code == 0
    assert json.loads(out)["services"] == [Truth(EVENTS, year=2026).service("site")]


def test_the_text_answer_shows_people_beside_robots_and_every_line(log: Path, capsys: Any, monkeypatch: Any) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write("\x1b]0;owned\x07 rubbish\n")
    code, out, _ = run(capsys, monkeypatch, "traffic", log)
    assert code == 0
    assert "people / robots" in out
    assert "1 rejected" in out
    assert "\x1b" not in out
    assert "nginx JSON" in out


def test_a_log_named_like_a_subcommand_is_reached_by_its_path(log: Path, capsys: Any, monkeypatch: Any) -> None:
    log.rename(log.with_name("hosts"))
    monkeypatch.chdir(log.parent)
    code, out, _ = run(capsys, monkeypatch, "traffic", "./hosts", "--json")
    assert code == 0
    assert json.loads(out)["lines"]["read"] == len(EVENTS)


def test_saving_twice_says_so_and_counts_once(log: Path, capsys: Any, monkeypatch: Any) -> None:
    _, first, said = run(capsys, monkeypatch, "traffic", log, "--save", "--json")
    _, second, said_again = run(capsys, monkeypatch, "traffic", log, "--save", "--json")
    _, kept, _ = run(capsys, monkeypatch, "traffic", "saved", "--json")
    assert "lines saved" in said
    assert "nothing changed" in said_again
    assert json.loads(first)["services"] == json.loads(second)["services"] == json.loads(kept)["services"]
    assert [json.loads(text)["saved"][0]["outcome"] for text in (first, second)] == ["new", "known"]


def test_retention_names_the_duty_and_the_days(log: Path, capsys: Any, monkeypatch: Any) -> None:
    run(capsys, monkeypatch, "traffic", log, "--save")
    code, out, _ = run(capsys, monkeypatch, "traffic", "retention", "--json")
    assert code == 0
    assert json.loads(out)["services"][0]["first_on"] == "2025-12-31"
    _, text, _ = run(capsys, monkeypatch, "traffic", "retention")
    assert "Cybersecurity Law" in text


@pytest.mark.django_db
def test_hosts_without_a_filing_are_listed(log: Path, tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    code, out, err = run(capsys, monkeypatch, "traffic", "hosts", log)
    assert code == 0
    assert out.startswith("example.cn  ")
    assert "1 domains without a filing" in err
    (tmp_path / "filed").write_text("example.cn\n")
    _, out, _ = run(capsys, monkeypatch, "traffic", "hosts", log, "--filed", tmp_path / "filed", "--json")
    assert json.loads(out)["unfiled"] == []


def test_the_figures_can_be_taken_along_as_csv(log: Path, tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    code, _, _ = run(capsys, monkeypatch, "traffic", log, "--csv", tmp_path / "out.csv")
    rows = (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()
    assert code == 0
    assert rows[0] == "service,period,measure,people,robots,estimate"
    total = Truth(EVENTS).measures("")["requests"]
    assert f"www.example.cn,total,requests,{total['people']},{total['robots']}," in rows


def test_visitors_are_forgotten_and_the_numbers_that_became_estimates_say_so(
    log: Path, tmp_path: Path, capsys: Any, monkeypatch: Any
) -> None:
    run(capsys, monkeypatch, "traffic", log, "--save")
    _, out, _ = run(capsys, monkeypatch, "traffic", "forget-visitors", "--before", "2026-01", "--json")
    assert json.loads(out) | {"visitors": 0} == {"before": "2026-01-01", "days": 1, "visitors": 0}
    code, out, _ = run(capsys, monkeypatch, "traffic", "saved", "--csv", tmp_path / "out.csv")
    assert code == 0
    assert "≈ " in out
    assert "standard error 0.81 %" in out
    rows = (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()
    assert {row.split(",")[1] for row in rows if row.endswith(",yes")} == {"total"}
    code, _, err = run(capsys, monkeypatch, "traffic", "forget-visitors", "--before", "soon")
    assert code == 2
    assert "--before" in err


def test_the_counts_of_another_machine_are_added(log: Path, tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    run(capsys, monkeypatch, "traffic", log, "--save")
    _, kept, _ = run(capsys, monkeypatch, "traffic", "saved", "--json")
    monkeypatch.setenv("OPENBEIAN_HOME", str(tmp_path / "elsewhere"))
    code, out, _ = run(capsys, monkeypatch, "traffic", "merge", tmp_path / "home" / "traffic", "--json")
    assert (code, json.loads(out)) == (0, {"added": 1, "known": 0})
    _, merged, _ = run(capsys, monkeypatch, "traffic", "saved", "--json")
    assert json.loads(merged) == json.loads(kept)
    code, out, _ = run(capsys, monkeypatch, "traffic", "merge", tmp_path, "--json")
    assert (code, json.loads(out)["error"]) == (2, "traffic.store-unmergeable")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["missing.log"], "traffic.log-unreadable"),
        (["."], "traffic.log-unreadable"),
        (["access.log", "--format", "klingon"], "traffic.format-unknown"),
        (["access.log", "--format", "$remote_addr"], "traffic.pattern-refused"),
        (["hosts", "missing.log"], "traffic.log-unreadable"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_code(
    arguments: list[str], code: str, log: Path, capsys: Any, monkeypatch: Any
) -> None:
    empty = log.parent / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty if arguments == ["."] else log.parent)
    status, out, err = run(capsys, monkeypatch, "traffic", *arguments, "--json")
    assert status == 2
    assert json.loads(out)["error"] == code
    assert err


def test_no_log_at_all_is_misuse(capsys: Any, monkeypatch: Any) -> None:
    assert run(capsys, monkeypatch, "traffic", "--json")[0] == 2


def test_progress_is_shown_at_a_terminal_only(log: Path, capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("openbeian.entrypoints.cli.commands.traffic.sys.stderr.isatty", lambda: True, raising=False)
    _, _, err = run(capsys, monkeypatch, "traffic", log)
    assert "100%" in err


def test_an_interrupt_cancels_cleanly(log: Path, capsys: Any, monkeypatch: Any, tmp_path: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("openbeian.observation.traffic.counting.Counter.count", interrupt)
    code, out, _ = run(capsys, monkeypatch, "traffic", log, "--save")
    assert (code, out) == (2, "")
    assert not list(tmp_path.glob("openbeian-traffic-*"))
    assert not (tmp_path / "home" / "traffic" / "manifest.json").exists()

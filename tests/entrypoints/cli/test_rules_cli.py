"""The commands deadline, workdays, rules and penalty: JSON on stdout, refusals with exit 2 and a sentence."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from openbeian.entrypoints.cli import main


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command line; gives exit code, stdout, stderr."""
    monkeypatch.setenv("OPENBEIAN_LANGUAGE", "en")

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["openbeian", *arguments])
        code = main(list(arguments))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_a_deadline_in_json_has_the_agreed_fields(run: Any) -> None:
    code, out, _ = run("deadline", "filing.review.administration", "--anchor", "2025-09-22", "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["due_on"], told["unit"], told["provisional"]) == ("2025-10-24", "working_days", False)
    assert told["source"]["article"] == "12"
    assert {"rule", "anchor_on", "advised_on", "window_opens_on", "contradicted_by", "policy"} <= set(told)


def test_a_deadline_in_words_is_one_line_and_explain_prints_the_chain(run: Any) -> None:
    asked = ("deadline", "licence.renewal.apply_before_expiry", "--anchor", "2026-02-28")
    _, short, _ = run(*asked)
    _, chain, _ = run(*asked, "--explain")
    assert short == "Apply for renewal before the licence expires: by 2025-11-30 (Sun); advised 2025-11-28 (Fri)\n"
    assert "Also claimed, not followed: 90 working days" in chain


def test_chinese_is_spoken_where_it_is_wanted(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBEIAN_LANGUAGE", "zh")
    _, out, _ = run("deadline", "service.police_filing", "--anchor", "2026-03-02")
    assert out == "公安联网备案：最迟 2026-04-01（周三）\n"


def test_hours_count_from_the_minute(run: Any) -> None:
    _, out, _ = run("deadline", "filing.sms.window", "--anchor", "2026-02-13T15:30", "--json")
    assert json.loads(out)["due_at"] == "2026-02-14T15:30:00+08:00"


def test_the_law_of_another_day_and_province_can_be_asked(run: Any) -> None:
    asked = ("deadline", "filing.sms.window", "--anchor", "2018-10-01T08:00", "--as-of", "2018-10-01")
    _, out, _ = run(*asked, "--province", "湖北", "--json")
    assert json.loads(out)["due_at"] == "2018-10-03T08:00:00+08:00"


def test_a_claim_tried_as_policy_says_it_is_no_law(run: Any) -> None:
    asked = ("deadline", "filing.reconfirmation.cycle", "--anchor", "2024-03-04", "--policy", "two_years", "--json")
    _, out, _ = run(*asked)
    assert json.loads(out)["policy"]["label"]["en"] == "policy of this installation, not law"


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("deadline", "filing.fees", "--anchor", "2026-03-01"), "rule_unknown", "filing.fee"),
        (("deadline", "service.police_filing", "--anchor", "2026-02-30"), "day_impossible", "2026-02-30"),
        (("deadline", "service.police_filing", "--anchor", "2026-2-3"), "day_impossible", "YYYY-MM-DD"),
        (("deadline", "filing.sms.window", "--anchor", "2026-02-13T25:00"), "day_impossible", "2026-02-13T25:00"),
        (("deadline", "service.police_filing", "--anchor", "1949-10-01"), "day_before_any_law", "1949-10-01"),
        (("deadline", "filing.validity", "--anchor", "2026-03-01"), "rule_has_no_limit", "two_years"),
        (("deadline", "filing.fee", "--anchor", "2026-03-01"), "rule_has_no_limit", "sets no time limit"),
        (("deadline", "service.police_filing", "--anchor", "9999-12-31"), "count_too_long", "leaves the calendar"),
        (("deadline", "licence.annual_report.submit", "--anchor", "9999-12-31"), "count_too_long", "leaves"),
        (("deadline", "app.filing.required", "--anchor", "2020-01-01"), "no_rule_in_force", "2023-09-01"),
        (
            ("deadline", "service.police_filing", "--anchor", "2026-03-01", "--province", "港"),
            "area_unknown",
            "港",
        ),
        (("workdays", "add", "2026-02-30", "3"), "day_impossible", "2026-02-30"),
        (("workdays", "add", "2026-02-03", "99999999"), "count_too_long", "20000"),
        (("workdays", "between", "2026-02-03", "0001-01-01"), "count_too_long", "20000"),
        (("rules", "show", "nothing.here"), "rule_unknown", "nothing.here"),
        (("rules", "explain", "filing.fee", "--on", "1900-01-01"), "day_before_any_law", "1900-01-01"),
        (("penalty", "filing.draft.lapse"), "not_a_penalty", "--kind penalty"),
        (("penalty", "penalty.unfiled_service", "--facts", "mood=bad"), "fact_refused", "no such fact"),
    ],
)
def test_bad_input_ends_with_exit_2_a_sentence_and_a_json_refusal(
    arguments: tuple[str, ...], error: str, words: str, run: Any
) -> None:
    code, out, err = run(*arguments, "--json")
    assert (code, json.loads(out)["error"]) == (2, error)
    assert words in err
    assert run(*arguments)[:2] == (2, "")


def test_working_days_are_added_back_and_forth(run: Any) -> None:
    assert json.loads(run("workdays", "add", "2026-02-13", "20", "--json")[1])["day"] == "2026-03-19"
    assert run("workdays", "add", "2026-03-19", "-20")[1] == "2026-02-13\n"
    assert json.loads(run("workdays", "between", "2026-02-13", "2026-03-19", "--json")[1])["working_days"] == 20


def test_an_unpublished_year_says_provisional_in_words_and_json(run: Any) -> None:
    assert "provisional" in run("workdays", "add", "2027-03-01", "5")[1]
    assert json.loads(run("workdays", "add", "2027-03-01", "5", "--json")[1])["provisional"] is True


def test_an_arrangement_file_is_checked(run: Any, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[3] / "rulebook" / "calendar" / "2026.yaml"
    code, out, _ = run("workdays", "check", str(shipped), "--json")
    assert (code, json.loads(out)) == (
        0,
        {"year": 2026, "source": json.loads(out)["source"], "days_off": 33, "make_up_days": 6},
    )
    broken = tmp_path / "2026.yaml"
    broken.write_text(shipped.read_text(encoding="utf-8").replace("2026-05-09", "2026-05-08"), encoding="utf-8")
    code, _, err = run("workdays", "check", str(broken))
    assert code == 2
    assert "2026.yaml:" in err
    assert "not on a weekend" in err


def test_rules_are_listed_found_and_shown(run: Any) -> None:
    listed = json.loads(run("rules", "list", "--kind", "penalty", "--json")[1])
    assert "penalty.unfiled_service" in [r["rule"] for r in listed]
    assert "filing.fee" in run("rules", "list", "--search", "fee of a filing")[1]
    shown = json.loads(run("rules", "show", "filing.validity", "--json")[1])
    assert [c["claim"] for c in shown["claims"]] == ["two_years", "permanent"]
    assert "two_years" in run("rules", "show", "filing.validity")[1]


def test_explain_names_what_is_claimed_and_why_it_is_not_followed(run: Any) -> None:
    code, out, _ = run("rules", "explain", "filing.validity", "--on", "2026-11-21")
    assert code == 0
    assert "No article says that a filing is valid for two years" in out
    told = json.loads(run("rules", "explain", "filing.validity", "--on", "2026-11-21", "--json")[1])
    assert told["explanation"][0]["zh"].startswith("规则：备案的有效期")


def test_check_passes_for_the_shipped_rulebook_and_refuses_a_broken_one(run: Any) -> None:
    code, out, _ = run("rules", "check", "--json")
    assert code == 0
    assert json.loads(out)["cases"] > 100
    broken = Path(__file__).parents[2] / "rules" / "broken"
    code, _, err = run("rules", "check", str(broken))
    assert code == 2
    assert "source_missing.yaml:9" in err


def test_a_penalty_is_computed_from_facts_in_either_spelling(run: Any) -> None:
    one = run(
        "penalty", "penalty.unlicensed_operation", "--facts", "illegal_gain_yuan=60000", "serious=false", "--json"
    )
    told = json.loads(one[1])
    assert (told["fine_min_yuan"], told["fine_max_yuan"], told["confiscate_yuan"]) == (180_000, 300_000, 60_000)
    assert told["missing_facts"] == []
    words = run("penalty", "penalty.unlicensed_operation", "--facts", "illegal_gain_yuan=60000")[1]
    assert "fine 180,000–300,000 yuan" in words
    assert "Still needed: whether the case is serious (serious)" in words


def test_a_duty_lists_the_penalties_it_threatens(run: Any) -> None:
    told = json.loads(run("penalty", "service.display.number", "--json")[1])
    assert [p["rule"] for p in told["penalties"]] == ["penalty.number_missing", "penalty.link_missing"]


def test_every_rule_can_be_shown_in_json(run: Any) -> None:
    for rule in json.loads(run("rules", "list", "--json")[1]):
        code, out, _ = run("rules", "show", rule["rule"], "--json")
        assert (code, json.loads(out)["rule"]) == (0, rule["rule"])

"""Golden explanations in both languages. To renew them after a wanted change, write the printed text to the file."""

from datetime import date, datetime
from pathlib import Path

import pytest

from openbeian.kernel.clock import CHINA
from openbeian.kernel.text import Language
from openbeian.rules.conditions import FactValue
from openbeian.rules.deadlines import compute_deadline
from openbeian.rules.explanation import (
    describe_rule,
    explain_deadline,
    explain_penalty,
    explain_resolution,
    say_deadline,
)
from openbeian.rules.penalties import compute_penalties
from openbeian.rules.resolver import Policy, resolve
from openbeian.rules.rulebook import Rulebook

GOLDEN = Path(__file__).parent / "golden"
TODAY = date(2026, 11, 21)


def everything(rulebook: Rulebook, language: Language) -> str:
    cycle = Policy("filing.reconfirmation.cycle", "two_years", "法务部", date(2024, 1, 1))
    deadlines = [
        compute_deadline("licence.renewal.apply_before_expiry", date(2026, 2, 28), rulebook=rulebook),
        compute_deadline("licence.renewal.apply_before_expiry", date(2027, 6, 15), rulebook=rulebook),
        compute_deadline("licence.application.decision", date(2026, 3, 2), rulebook=rulebook),
        compute_deadline("filing.sms.window", datetime(2026, 2, 13, 15, 30, tzinfo=CHINA), rulebook=rulebook),
        compute_deadline("licence.annual_report.submit", date(2025, 12, 31), rulebook=rulebook),
        compute_deadline("filing.annual_review", date(2025, 12, 31), rulebook=rulebook),
        compute_deadline(cycle.rule_id, date(2024, 3, 4), policies=[cycle], rulebook=rulebook),
    ]
    facts: dict[str, FactValue] = {"illegal_gain_yuan": 60_000}
    blocks = [[say_deadline(d, rulebook), *explain_deadline(d, rulebook)] for d in deadlines]
    blocks += [[*explain_resolution(resolve(rulebook, "filing.validity", TODAY), rulebook)]]
    blocks += [[*explain_resolution(resolve(rulebook, "province.order.max_domains", TODAY, "豫"), rulebook)]]
    blocks += [[*describe_rule(rulebook.get_rule("filing.sms.window"), rulebook)]]
    for penalty in compute_penalties(rulebook, "penalty.unlicensed_operation", TODAY, facts):
        blocks.append([*explain_penalty(penalty, rulebook)])
    return "\n\n".join("\n".join(line(language) for line in block) for block in blocks) + "\n"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_explanations_read_as_agreed(language: Language, rulebook: Rulebook) -> None:
    assert everything(rulebook, language) == (GOLDEN / f"explanations.{language}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_rule_can_be_described_in_both_languages(language: Language, rulebook: Rulebook) -> None:
    for rule in rulebook.rules.values():
        lines = [line(language) for line in describe_rule(rule, rulebook)]
        assert len(lines) == 1 + len(rule.statements)
        assert not any("{" in line for line in lines)

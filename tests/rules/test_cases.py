"""Every worked case beside the rules is a test."""

from pathlib import Path

import pytest

from openbeian.rules.cases import Case, check_cases, load_cases, run_case
from openbeian.rules.errors import RulebookInvalid
from openbeian.rules.rulebook import Rulebook

SHIPPED = Path(__file__).parents[2] / "rulebook"
CASES = load_cases(SHIPPED)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_worked_case_gives_its_expected_answer(case: Case, rulebook: Rulebook) -> None:
    assert run_case(case, rulebook).differences == ()


def test_a_case_that_expects_something_else_fails_with_its_place(tmp_path: Path, rulebook: Rulebook) -> None:
    (tmp_path / "wrong.cases.yaml").write_text(
        "cases:\n  - {name: wrong, ask: working_days, from: 2025-09-22, add: 20, expect: {day: 2025-10-20}}\n"
    )
    with pytest.raises(RulebookInvalid) as refusal:
        check_cases(tmp_path, rulebook)
    (fault,) = refusal.value.faults
    assert fault.field == "wrong.cases.yaml:2"
    assert "2025-10-24" in fault.message.en


def test_a_case_that_asks_nothing_known_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.cases.yaml").write_text("cases:\n  - {name: odd, ask: the_oracle, expect: {}}\n")
    with pytest.raises(RulebookInvalid) as refusal:
        load_cases(tmp_path)
    assert refusal.value.faults[0].field == "odd.cases.yaml:2"
